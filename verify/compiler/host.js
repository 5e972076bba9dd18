// What the TypeScript compiler sees instead of a machine: files that are strings, and nothing else.
//
// Evaluated once after typescript.js, in an isolate that has no files, no network and no timers that matter. Its value
// is a function from a request to an answer, both JSON texts. Sources are data: they are parsed by the compiler and
// never evaluated, and nothing of one request is kept for the next but the compiler's own library declarations.
(() => {
  "use strict";

  const MAX_DIAGNOSTICS = 50;
  const MAX_HOPS = 8;
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

  // A tree of files: absolute path -> text. Names are case sensitive, as in git. Links are those that a package manager
  // makes: place -> folder; what lies below a place is what lies below the folder.
  class Tree {
    constructor(entries, links = []) {
      this.texts = new Map();
      this.folders = new Map([["/", { files: [], directories: new Set() }]]);
      this.links = new Map(links.map(([place, target]) => ["/" + place, "/" + target]));
      for (const [path, text] of entries) this.add("/" + path, text);
      for (const place of this.links.keys()) {
        if (!this.folders.has(place)) this.enter(place);
      }
    }

    // The path that a path leads to.
    real(path) {
      for (let hops = 0; this.links.size && hops < MAX_HOPS; hops += 1) {
        let end = path.length;
        while (end > 0 && !this.links.has(path.slice(0, end))) end = path.lastIndexOf("/", end - 1);
        if (end <= 0) break;
        path = this.links.get(path.slice(0, end)) + path.slice(end);
      }
      return path;
    }

    add(path, text) {
      this.texts.set(path, text);
      const folder = this.folder(path);
      this.at(folder).files.push(path.slice(path.lastIndexOf("/") + 1));
      this.enter(folder);
    }

    // Makes a folder known to those above it.
    enter(folder) {
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
      // What stands for the language's own declarations is no file of anybody's.
      return path.startsWith(LIBRARIES + "/") ? libraries.get(path) : this.texts.get(this.real(path));
    }

    listing(path) {
      const entry = this.folders.get(this.real(path === "/" ? path : path.replace(/\/+$/, "")));
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
      directoryExists: (path) => tree.folders.has(tree.real(absolute(path).replace(/(.)\/+$/, "$1"))),
      getDirectories: (path) => tree.listing(absolute(path)).directories,
      realpath: (path) => tree.real(absolute(path)),
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

  // The files of the request that follows, which come in pieces.
  let held = [];

  function hold({ texts }) {
    held.push(...texts);
    return {};
  }

  function program({ links, config, overrides, libraries: wanted, limit }) {
    const tree = new Tree(held, links);
    const folder = tree.folder("/" + config);
    const extra = ts.convertCompilerOptionsFromJson(overrides, folder).options;
    const parsed = ts.getParsedCommandLineOfConfigFile("/" + config, extra, configurationHost(tree));
    const options = parsed.options;
    for (const name of ASIDE) delete options[name];
    const typed = wanted || Boolean(options.emitDecoratorMetadata);
    if (typed && !options.noLib && !libraries.size) return { libraries: true };
    held = [];
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

  // What a project is compiled of and where to: its options, and what each source below its root would be written to.
  // Nothing is compiled: of sources only the names are here. Not all of them need be part of the project; those that a
  // list of files or a pattern names come first.
  function outline({ files, paths, config, overrides }) {
    const tree = new Tree(files);
    for (const path of paths) if (!tree.texts.has("/" + path)) tree.add("/" + path, "");
    const extra = ts.convertCompilerOptionsFromJson(overrides, tree.folder("/" + config)).options;
    const parsed = ts.getParsedCommandLineOfConfigFile("/" + config, extra, configurationHost(tree));
    const { configFile: _, ...options } = parsed.options;
    for (const name of ASIDE) delete options[name];
    // One file for all, or types in the code: single sources say nothing about those.
    if (options.outFile || options.emitDecoratorMetadata) return { options, sources: [] };
    const listed = new Set(parsed.fileNames);
    const below = ts.getCommonSourceDirectoryOfConfig(parsed, false);
    options.rootDir = parsed.options.rootDir = below.replace(/(.)\/$/, "$1");
    const names = [...listed, ...[...tree.texts.keys()].filter((name) => !listed.has(name))];
    parsed.fileNames = names.filter((name) => isWritten(name, options) && name.startsWith(below));
    const outputs = (name) => ts.getOutputFileNames(parsed, name, false).map((output) => absolute(output).slice(1));
    return { options, sources: parsed.fileNames.map((name) => [name.slice(1), outputs(name)]) };
  }

  const isSource = (name) => /\.[cm]?[jt]sx?$/.test(name) && !/\.d\.[cm]?ts$/.test(name);

  const isWritten = (name, options) =>
    name.endsWith(".json") ? options.resolveJsonModule && options.outDir : isSource(name) && (options.allowJs || !/\.[cm]?jsx?$/.test(name));

  // A tree of one source, with a manifest above it that states a format, unless the source is that manifest.
  function beside(path, source, format) {
    const tree = new Tree([[path, source]]);
    if (format && path !== "package.json") tree.add("/package.json", JSON.stringify({ type: format }));
    return tree;
  }

  // One source of a project by itself: all that the project writes of it, unless that depends on other files.
  function emitOne({ path, source, format }, given) {
    const options = { ...given, noEmit: false, noEmitOnError: false, noCheck: true, noLib: true, noResolve: true, types: [] };
    const tree = beside(path, source, format);
    const made = ts.createProgram(["/" + path], options, compilerHost(tree, options));
    const outputs = new Outputs(Infinity);
    made.emit(undefined, (name, content, mark, _error, sources) => outputs.write(name, content, mark, sources));
    return JSON.stringify([...outputs.texts]);
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
    const tree = beside(path, source, format);
    const host = compilerHost(tree, options);
    const made = ts.createProgram(["/" + path], options, host);
    let output;
    made.emit(undefined, (name, content, mark) => {
      if (!name.endsWith(".map")) output = (mark ? BYTE_ORDER_MARK : "") + content.toWellFormed();
    }, undefined, undefined, options.customTransformers);
    if (output === undefined) throw new Refusal("nothing was emitted");
    return output;
  }

  // What each of some sources becomes, or why it becomes nothing.
  function each(items, limit, make) {
    return {
      outputs: items.map((item) => {
        try {
          const output = make(item);
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

  const transpile = ({ items, limit }) => each(items, limit, transpileOne);
  const emit = ({ items, options, limit }) => each(items, limit, (item) => emitOne(item, options));

  function keep({ texts }) {
    for (const [name, content] of texts) libraries.set(`${LIBRARIES}/${name}`, content);
    return {};
  }

  const describe = (error) => String(error && error.message).slice(0, 500).toWellFormed();
  const operations = new Map([["hold", hold], ["program", program], ["outline", outline], ["emit", emit], ["transpile", transpile], ["keep", keep], ["literals", literals]]);

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
