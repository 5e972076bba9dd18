// Receives requests: files in, the digests of their units out. Its value is a function from a JSON text to another.

const PATH_LABEL = /^[ \t]*(?:;?\/\/ (?:CONCATENATED MODULE: )?|\/\/#region |\/\*! )([^\s:*?"<>|]+\.(?:[cm]?[jt]sx?|json))(?: \*\/)?[ \t]*$/gm;
const MAX_WORD = 400;
const MAX_WORDS = 60_000;

function scriptKind(path, inBundle) {
  if (/\.[cm]?ts$/.test(path)) return ts.ScriptKind.TS;
  if (path.endsWith(".tsx")) return ts.ScriptKind.TSX;
  return path.endsWith(".jsx") || !inBundle ? ts.ScriptKind.JSX : ts.ScriptKind.JS;
}

// Data is a module that exports it; other text is one that exports a string.
function asModule(path, text) {
  if (path.endsWith(".json")) return `module.exports = ${text}`;
  return /\.(?:[cm]?[jt]sx?)$/.test(path) ? text : `module.exports = ${JSON.stringify(text)}`;
}

function parsed(path, source, bundle, plain) {
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode?.ParseNone };
  // The binder notes the parent of each node: the parser need not do so, too.
  const file = ts.createSourceFile(`/${path}`, source, options, false, plain ? ts.ScriptKind.JS : scriptKind(path, bundle));
  if (file.parseDiagnostics.length) throw new Refusal(ts.flattenDiagnosticMessageText(file.parseDiagnostics[0].messageText, " "));
  ts.bindSourceFile(file, { target: ts.ScriptTarget.Latest });
  return file;
}

function fingerprint({ path, text, bundle, fields, plain, given }) {
  const file = parsed(path, asModule(path, text), bundle, plain);
  const scopes = new Required(file, bundle, bundle ? {} : given);
  const units = new Units(scopes);
  const dropFields = fields === false;
  const modules = new Modules(file, scopes, units, { inBundle: bundle, dropFields, given });
  modules.file_();
  return answer(file, scopes, units.list, modules, bundle);
}

// The text of a file with the values of variables that are used once in place of their names.
function inlined({ path, text, bundle, plain }) {
  const file = parsed(path, text, bundle, plain);
  if (!/\.[cm]?[jt]sx?$/.test(path)) return {};
  return new Inliner(file, bundle).rewritten() ?? {};
}

function answer(file, scopes, list, modules, bundle) {
  const numbers = [];
  let digests = "";
  const lines = ts.getLineStarts(file);
  const helpers = [...scopes.called].map(([symbol, kind]) => [scopes.ofSymbol(symbol), kind]);
  for (const { start, end, parent, size, flags, kind, digest, refs, defines } of list) {
    numbers.push(start, end, ts.computeLineOfPosition(lines, start) + 1, parent, size, flags, kind, refs.length, ...refs, defines.length, ...defines);
    digests += digest || "0".repeat(32);
  }
  return {
    numbers,
    digests,
    refs: scopes.refs.map(({ kind, first, second }) => [kind, first, second]),
    exported: modules.exported,
    passed: modules.passed,
    imports: modules.imports,
    esm: Boolean(file.externalModuleIndicator),
    tables: modules.tables,
    labels: [...modules.labels_, ...[...file.text.matchAll(PATH_LABEL)].map((match) => [match.index, match[1], modules.closing(match.index)])].sort((one, other) => one[0] - other[0]),
    ...(bundle ? { words: vocabulary(modules.words), helpers, gives: modules.gives(), renaming: modules.renaming, spaces: modules.spaces, dropped: modules.dropped, externals: modules.externals, unlabelled: modules.unlabelled, twice: modules.bindings.twice() } : { digested: digestedWords(modules.words) }),
  };
}

// A file of the corpus: what a look-up needs, and the rest as a text that is read only where something was found.
function packed({ digested, ...all }) {
  let tops = "";
  let inner = "";
  const numbers = [];
  let at = 0;
  for (let unit = 0; 32 * unit < all.digests.length; unit++) {
    const top = all.numbers[at + 5] & TOP;
    if (all.numbers[at + 6] === PLAIN) {
      if (top) {
        tops += all.digests.slice(32 * unit, 32 * unit + 32);
        numbers.push(unit);
      } else {
        inner += all.digests.slice(32 * unit, 32 * unit + 16);
      }
    }
    at += 8 + all.numbers[at + 7];
    at += 1 + all.numbers[at];
  }
  return { tops, inner, numbers, digested, esm: all.esm, whole: JSON.stringify(all) };
}

const vocabulary = (words) => [...words].slice(0, MAX_WORDS).map(([text, position]) => [text.slice(0, MAX_WORD), position, digestOf(text)]);

// Sixteen hexadecimal digits for each word, in no order that says anything.
const digestedWords = (words) => [...words.keys()].map(digestOf).join("");

function digestOf(text) {
  spelling.length = 0;
  spell(text, spelling);
  spelling.push(text.length);
  digest(spelling.data, spelling.length);
  return hexadecimal(state, 2);
}

const describe = (error) => String(error && error.message).slice(0, 300).toWellFormed();

function fingerprints({ files, limit }) {
  const outputs = [];
  for (const file of files) {
    forgetTexts();
    let output;
    try {
      if (file.inline) output = JSON.stringify(inlined(file));
      else output = JSON.stringify(file.bundle ? fingerprint(file) : packed(fingerprint(file)));
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof RangeError)) throw error;
      output = JSON.stringify({ refused: describe(error) });
    }
    limit -= output.length;
    if (limit < 0) return '{"error":"output"}';
    outputs.push(output);
  }
  return `{"files":[${outputs.join()}]}`;
}

return (request) => {
  try {
    return fingerprints(JSON.parse(request));
  } catch (error) {
    return JSON.stringify({ error: `${describe(error)} ${String(error && error.stack).slice(0, 600)}` });
  }
};
