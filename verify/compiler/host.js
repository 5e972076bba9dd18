// What the TypeScript compiler sees instead of a machine: files that are strings, and nothing else.
//
// Evaluated once after typescript.js, in an isolate that has no files, no network and no timers that matter. Its value
// is a function from a request to an answer, both JSON texts. Sources are data: they are parsed by the compiler and
// never evaluated, and nothing of one request is kept for the next but the compiler's own library declarations.
(() => {
  "use strict";

  const MAX_DIAGNOSTICS = 50;
  const BYTE_ORDER_MARK = "\uFEFF";

  // The declarations of the language and its environments (lib.*.d.ts), sent once and only when a request needs them.
  const libraries = new Map();
  const CONSTANT_ENUMERATION = /\bconst\s+enum\b/;
  const LIBRARIES = "/.libraries";

  // Objects that all code shares. Were one of them changed by a request, the next could not be trusted: see `intact`.
  const shared = [Object, Array, Function, String, Number, Boolean, RegExp, Map, Set, Promise, Error, JSON, Math, ts];
  const fingerprint = () =>
    [...shared, ...shared.map((one) => one.prototype).filter(Boolean)].map((one) => Reflect.ownKeys(one).length).join();
  const untouched = fingerprint();

  class Refusal extends Error {}

  // A tree of files: absolute path -> text. Names are case sensitive, as in git.
  class Tree {
    constructor(entries) {
      this.texts = new Map();
      this.folders = new Map([["/", { files: [], directories: new Set() }]]);
      for (const [path, text] of entries) this.add("/" + path, text);
    }

    add(path, text) {
      this.texts.set(path, text);
      let folder = this.folder(path);
      this.at(folder).files.push(path.slice(path.lastIndexOf("/") + 1));
      for (; folder !== "/"; folder = this.folder(folder)) {
        const above = this.at(this.folder(folder)).directories;
        const name = folder.slice(folder.lastIndexOf("/") + 1);
        if (above.has(name)) break;
        above.add(name);
      }
    }

    folder(path) {
      return path.slice(0, path.lastIndexOf("/")) || "/";
    }

    at(folder) {
      let entry = this.folders.get(folder);
      if (!entry) this.folders.set(folder, (entry = { files: [], directories: new Set() }));
      return entry;
    }

    read(path) {
      return this.texts.get(path) ?? libraries.get(path);
    }

    listing(path) {
      const entry = this.folders.get(path === "/" ? path : path.replace(/\/+$/, ""));
      if (!entry) return { files: [], directories: [] };
      return { files: [...entry.files].sort(compare), directories: [...entry.directories].sort(compare) };
    }
  }

  const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

  const absolute = (path) => ts.getNormalizedAbsolutePath(path, "/");

  // What configuration files and module resolution are read through.
  function configurationHost(tree) {
    return {
      useCaseSensitiveFileNames: true,
      getCurrentDirectory: () => "/",
      fileExists: (path) => tree.read(absolute(path)) !== undefined,
      readFile: (path) => tree.read(absolute(path)),
      directoryExists: (path) => tree.folders.has(absolute(path).replace(/(.)\/+$/, "$1")),
      getDirectories: (path) => tree.listing(absolute(path)).directories,
      realpath: (path) => path,
      readDirectory: (root, extensions, excludes, includes, depth) =>
        ts.matchFiles(root, extensions, excludes, includes, true, "/", depth, (path) => tree.listing(absolute(path)), (path) => path),
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Refusal(text(diagnostic));
      },
      trace: () => {},
      jsDocParsingMode: ts.JSDocParsingMode?.ParseForTypeErrors,
    };
  }

  function compilerHost(tree, options) {
    return {
      ...configurationHost(tree),
      useCaseSensitiveFileNames: () => true,
      getCanonicalFileName: (path) => path,
      getNewLine: () => (options.newLine === ts.NewLineKind.CarriageReturnLineFeed ? "\r\n" : "\n"),
      getDefaultLibFileName: (given) => `${LIBRARIES}/${ts.getDefaultLibFileName(given)}`,
      getDefaultLibLocation: () => LIBRARIES,
      getSourceFile: (path, versionOrOptions) => {
        const found = tree.read(absolute(path));
        return found === undefined ? undefined : ts.createSourceFile(path, found, versionOrOptions);
      },
      writeFile: () => {},
      getEnvironmentVariable: () => "",
      useSourceOfProjectReferenceRedirect: () => true,
    };
  }

  function text(diagnostic) {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    const where = diagnostic.file ? `${diagnostic.file.fileName.slice(1)}: ` : "";
    return `${where}TS${diagnostic.code}: ${message}`;
  }

  // Gathers what the compiler writes, and stops it at the limit.
  class Outputs {
    constructor(limit) {
      this.limit = limit;
      this.texts = new Map();
      this.origins = new Map();
    }

    write(path, content, mark, sources) {
      this.limit -= content.length;
      if (this.limit < 0) throw new Refusal("output");
      const name = absolute(path).slice(1);
      this.texts.set(name, (mark ? BYTE_ORDER_MARK : "") + content.toWellFormed());
      this.origins.set(name, (sources ?? []).map((source) => absolute(source.fileName).slice(1)));
    }
  }

  // What of a project's options says how it is watched, traced or recorded rather than what it emits.
  const ASIDE = ["listFiles", "listEmittedFiles", "explainFiles", "traceResolution", "diagnostics", "extendedDiagnostics", "generateTrace", "generateCpuProfile", "tsBuildInfoFile", "incremental"];

  function program({ files, config, overrides, libraries: wanted, limit }) {
    const tree = new Tree(files);
    const folder = tree.folder("/" + config);
    const extra = ts.convertCompilerOptionsFromJson(overrides, folder).options;
    const parsed = ts.getParsedCommandLineOfConfigFile("/" + config, extra, configurationHost(tree));
    const options = parsed.options;
    for (const name of ASIDE) delete options[name];
    const typed = wanted || Boolean(options.emitDecoratorMetadata);
    if (typed && !options.noLib && !libraries.size) return { libraries: true };
    Object.assign(options, { noEmit: false, noEmitOnError: false, skipLibCheck: true, noLib: options.noLib || !typed });
    // Unchecked types change no JavaScript. The order of inferred unions in declarations depends on what was checked first.
    if (!wanted) options.noCheck = true;
    const made = created(tree, parsed, wanted);
    const outputs = new Outputs(limit);
    const result = made.emit(undefined, (path, content, mark, _error, sources) => outputs.write(path, content, mark, sources));
    const diagnostics = [...parsed.errors, ...made.getSyntacticDiagnostics(), ...(result.emitSkipped ? result.diagnostics : [])];
    return {
      outputs: [...outputs.texts],
      origins: [...outputs.origins],
      diagnostics: diagnostics.slice(0, MAX_DIAGNOSTICS).map(text),
    };
  }

  function created(tree, { fileNames, options, projectReferences }, exact) {
    const make = (given) =>
      ts.createProgram({ rootNames: fileNames, options: given, projectReferences, host: compilerHost(tree, given) });
    if (exact || options.isolatedModules || options.emitDecoratorMetadata || options.outFile) return make(options);
    // With isolatedModules the compiler resolves far fewer types. It then emits otherwise in two cases only, constant
    // enumerations and scripts that are no modules; where there is one of those, it is done the long way.
    const made = make({ ...options, isolatedModules: true });
    const ordinary = (file) =>
      !CONSTANT_ENUMERATION.test(file.text) &&
      (file.isDeclarationFile || file.fileName.endsWith(".json") || file.externalModuleIndicator);
    return made.getSourceFiles().every(ordinary) ? made : make(options);
  }

  // ts.transpileModule, but for a package.json that stands above the file: its `type` decides in node16 and nodenext.
  function transpileOne({ path, source, options: given, format }) {
    const options = ts.convertCompilerOptionsFromJson(given, "/").options;
    for (const [name, value] of Object.entries(ts.getDefaultCompilerOptions())) options[name] ??= value;
    for (const option of ts.transpileOptionValueCompilerOptions) {
      // What transpileWorker calls optionsRedundantWithVerbatimModuleSyntax.
      if (options.verbatimModuleSyntax && option.name === "isolatedModules") continue;
      options[option.name] = option.transpileOptionValue;
    }
    for (const name of ASIDE) delete options[name];
    Object.assign(options, { suppressOutputPathCheck: true, allowNonTsExtensions: true, configFilePath: undefined });
    const tree = new Tree([[path, source]]);
    if (format) tree.add("/package.json", JSON.stringify({ type: format }));
    const host = compilerHost(tree, options);
    const made = ts.createProgram(["/" + path], options, host);
    let output;
    made.emit(undefined, (name, content, mark) => {
      if (!name.endsWith(".map")) output = (mark ? BYTE_ORDER_MARK : "") + content.toWellFormed();
    }, undefined, undefined, options.customTransformers);
    if (output === undefined) throw new Refusal("nothing was emitted");
    return output;
  }

  function transpile({ items, limit }) {
    return {
      outputs: items.map((item) => {
        try {
          const output = transpileOne(item);
          limit -= output.length;
          if (limit < 0) throw new Refusal("output");
          return { text: output };
        } catch (error) {
          if (!(error instanceof Refusal) || error.message === "output") throw error;
          return { refused: describe(error) };
        }
      }),
    };
  }

  function keep({ texts }) {
    for (const [name, content] of texts) libraries.set(`${LIBRARIES}/${name}`, content);
    return {};
  }

  const describe = (error) => String(error && error.message).slice(0, 500).toWellFormed();
  const operations = new Map([["program", program], ["transpile", transpile], ["keep", keep]]);

  return (request) => {
    let answer;
    try {
      const { operation, ...rest } = JSON.parse(request);
      answer = operations.get(operation)(rest);
    } catch (error) {
      answer = { error: describe(error) };
    }
    if (fingerprint() !== untouched) answer = { error: "tainted" };
    return JSON.stringify(answer);
  };
})()
