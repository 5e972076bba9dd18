// What webpack, rspack and ncc make of modules: functions in an object, which a require function of theirs runs.
//
// What that function looks like decides only how the code around it is written; whether it is the bundler's own text,
// its digest must show, as that of every helper.

const MAX_RUNTIME = 6_000;
const CHUNK = ["", "__webpack_", "__webpack_esm_"]; // what the names in a file of further modules begin with
const PASSING = [
  /^(?:var|let|const) __webpack_export_target__=exports;?$/,
  /^for\((?:var|let|const) (?<name>\w+) in (?<table>\w+)\)\{?__webpack_export_target__\[\k<name>\]=\k<table>\[\k<name>\];?\}?$/,
  /^if\((?<table>\w+)\.__esModule\)Object\.defineProperty\(__webpack_export_target__,["']__esModule["'],\{value:(?:true|!0)\}\);?$/,
  /^(?<table>\w+)\.__esModule&&Object\.defineProperty\(__webpack_export_target__,["']__esModule["'],\{value:(?:true|!0)\}\);?$/,
  /^for\((?:var|let|const) (?<name>\w+) in (?<table>\w+)\)\{?if\(-1===\[(?:["'][\w$]+["'],?)*\]\.indexOf\(\k<name>\)\)\{?exports\[\k<name>\]=\k<table>\[\k<name>\];?\}*$/,
  /^for\((?:var|let|const) (?<name>\w+) in (?<table>\w+)\)\{?\[(?:["'][\w$]+["'],?)*\]\.indexOf\(\k<name>\)===-1&&\(exports\[\k<name>\]=\k<table>\[\k<name>\]\);?\}?$/,
];
const RUNTIME = "\0of the bundler";

class Webpack extends Wrappers {
  constructor(...all) {
    super(...all);
    this.packs = new Map(); // the declaration of an object of modules -> its runtime
    this.caches = new Set(); // declarations of what holds modules that were run
    this.entries = new Set(); // functions around the modules that run first
    this.closed = []; // [start, end] of modules: no comment in one says anything of another
    this.chunks = new Set(); // objects that say which files of modules are there from the beginning
    this.externals = []; // [name of a module, specifier] of those that stay outside
    this.unlabelled = false; // whether a module has no path
  }

  // Where what a comment at a position says ends at the latest, or -1.
  closing(position) {
    return this.closed.findLast(([start, end]) => start <= position && position < end)?.[1] ?? -1;
  }

  prepareRuntime(statements) {
    const { scopes } = this;
    for (const statement of statements) {
      const names = requireNames(statement, this.text);
      const [root, cache, table] = names?.map((name) => scopes.symbol(ts.escapeLeadingUnderscores(name))) ?? [];
      const holds = (symbol, kind) => symbol?.declarations.filter(declares).length === 1 && symbol.valueDeclaration?.initializer && bare(symbol.valueDeclaration.initializer).kind === kind;
      if (!holds(cache, K.ObjectLiteralExpression) || bare(cache.valueDeclaration.initializer).properties.length) continue;
      if (!holds(table, K.ObjectLiteralExpression) && !holds(table, K.ArrayLiteralExpression)) continue;
      const runtime = { root, modules: new Map(), stack: [...scopes.stack], own: /\]\.call\(/.test(statement.getText(this.file)) };
      scopes.runtimes.set(root, runtime);
      scopes.helpers.set(root, "webpack");
      this.caches.add(cache.valueDeclaration);
      this.packs.set(table.valueDeclaration, runtime);
      this.prepareModules(bare(table.valueDeclaration.initializer), runtime);
    }
    this.prepareScope(statements);
    this.prepareChunk(statements);
    if (!scopes.runtimes.size) return;
    // Code that runs first is named only in comments, if at all.
    this.unlabelled ||= this.text.search(PATH_LABEL) < 0;
    this.prepareEntries(statements);
  }

  // `var __webpack_require__ = {}`, where there is no module to be required, only helpers.
  prepareScope(statements) {
    const { scopes } = this;
    for (const { name, value, node } of statements.flatMap(assignments)) {
      const empty = name && value.kind === K.ObjectLiteralExpression && !value.properties.length;
      const symbol = empty && node.kind === K.VariableDeclaration && scopes.symbol(name.escapedText);
      if (!symbol || !/^__(?:webpack|nccwpck)_require__$/.test(name.text)) continue;
      scopes.runtimes.set(symbol, { root: symbol, modules: new Map(), stack: [...scopes.stack] });
      scopes.helpers.set(symbol, "webpackScope");
      this.caches.add(node);
    }
  }

  // A file of further modules, which the runtime of another one loads: `exports.id = 1; exports.modules = { … }`.
  prepareChunk(statements) {
    const members = new Map();
    for (const { name, value, node } of statements.filter((one) => !isNothing(one)).flatMap(assignments)) {
      const assigned = !name && value.kind === K.BinaryExpression && value.operatorToken.kind === K.EqualsToken && bare(value.left);
      if (assigned && assigned.kind === K.PropertyAccessExpression && this.scopes.isGiven(bare(assigned.expression), "exports")) members.set(assigned.name.text, [value, bare(value.right)]);
      else if (name && node.kind === K.VariableDeclaration && ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) members.set(name.text, [node, value]);
    }
    const [node, table] = CHUNK.map((start) => members.get(`${start}modules${start && "__"}`)).find(Boolean) ?? [];
    const [named, ids] = CHUNK.map((start) => members.get(`${start}ids${start && "__"}`)).find(Boolean) ?? [];
    const [id, value] = CHUNK.map((start) => members.get(`${start}id${start && "__"}`)).find(Boolean) ?? [];
    if (this.scopes.runtimes.size || table?.kind !== K.ObjectLiteralExpression || ids?.kind !== K.ArrayLiteralExpression || !ids.elements.every(isId)) return;
    const runtime = { root: undefined, modules: new Map(), stack: [...this.scopes.stack], own: true };
    this.packs.set(node, runtime);
    this.scopes.runtimes.set(runtime, runtime);
    this.caches.add(named);
    if (isId(value)) this.caches.add(id);
    this.prepareModules(table, runtime);
  }

  // Modules are members of an object by their numbers or paths, or of an array in their order.
  prepareModules(table, runtime) {
    const isNamed = (name) => name && (isId(name) || name.kind === K.Identifier);
    runtime.members = [];
    (table.properties ?? table.elements).forEach((member, index) => {
      if (member.kind === K.OmittedExpression) return;
      runtime.members.push(member);
      if (table.elements) this.prepareModule(String(index), member, bare(member), runtime);
      else this.prepareModule(isNamed(member.name) ? idOf(member.name) : undefined, member, member.kind === K.PropertyAssignment ? bare(member.initializer) : member, runtime);
    });
  }

  prepareModule(id, member, body, runtime) {
    const { scopes } = this;
    if (id === undefined || id === "__proto__" || runtime.modules.has(id) || !isModuleFunction(body, 3)) return;
    const ref = scopes.keyed(`webpack${id}`, LOCAL, `webpack:${id}`, "", NONE);
    runtime.modules.set(id, { id, member, body, ref });
    this.moduleParameters(body, ["module", "exports", RUNTIME], runtime);
  }

  moduleParameters(body, names, runtime) {
    const { scopes } = this;
    scopes.modules.add(body);
    body.parameters.forEach((parameter, index) => {
      const symbol = body.locals.get(parameter.name.escapedText);
      scopes.parameters.set(symbol, names[index]);
      if (names[index] === RUNTIME) scopes.runtimes.set(symbol, runtime);
    });
    const entered = scopes.enter(body);
    if (body.body.kind === K.Block) this.prepareParts(body.body.statements, runtime);
    scopes.leave(entered);
  }

  // What is written of a module besides its code: tables of names, modules that start late.
  prepareParts(statements, runtime) {
    const { scopes } = this;
    for (const { name, value, node } of statements.flatMap(assignments)) {
      const call = this.runtimeCall(value);
      const holder = call && call.arguments[0] && bare(call.arguments[0]);
      if (!call) {
        const member = name && value.kind === K.PropertyAccessExpression && value.expression.kind === K.Identifier;
        const given = member && scopes.tables.get(scopes.symbol(value.expression.escapedText))?.get(value.name.text);
        if (given?.kind === K.Identifier && scopes.symbol(given.escapedText) && node.kind === K.VariableDeclaration) {
          scopes.aliases.set(scopes.symbol(name.escapedText), scopes.symbol(given.escapedText));
          this.renamed.add(node);
        }
      } else if ((call.member === "d" || call.member === "r") && holder?.kind === K.Identifier && !scopes.given(holder)) {
        const symbol = scopes.symbol(holder.escapedText);
        if (!symbol) continue;
        this.hold(symbol);
        if (call.member === "d") scopes.tables.set(symbol, new Map([...(scopes.tables.get(symbol) ?? []), ...getters(call.arguments[1])]));
      } else if (call.member === "cw" && call.arguments.length === 1 && name && isModuleFunction(bare(call.arguments[0]), 2)) {
        const symbol = scopes.symbol(name.escapedText);
        const body = bare(call.arguments[0]);
        scopes.wrappers.set(symbol, "commonjs");
        scopes.lazy.set(symbol, { body, stack: [...scopes.stack] });
        scopes.opaque.add(symbol);
        this.moduleParameters(body, ["module", "exports"], runtime);
      }
    }
  }

  // Which files of modules are there from the beginning, `{ 792: 0 }`, where a function of the runtime says so.
  prepareLoading(statements) {
    for (const { name, value } of statements.flatMap(assignments)) {
      const run = name ? undefined : outerCall(value);
      const parts = run?.body.statements.flatMap(assignments) ?? [];
      const entered = run && this.scopes.enter(run);
      const loads = parts.some((part) => part.value.kind === K.BinaryExpression && part.value.left.kind === K.PropertyAccessExpression && this.scopes.isRuntime(part.value.left.expression, "f"));
      this.scopes.leave(entered);
      for (const part of loads ? parts : []) if (part.name && part.value.kind === K.ObjectLiteralExpression && isChunks(part.value)) this.chunks.add(part.value);
    }
  }

  // The code that runs first is in the scope of the require function, or in functions that are called there, right
  // after the object of what it exports.
  prepareEntries(statements) {
    const { scopes } = this;
    const own = statements.some((one) => one.kind === K.FunctionDeclaration && one.name && scopes.runtimes.has(scopes.symbol(one.name.escapedText))) || statements.flatMap(assignments).some(({ node }) => this.caches.has(node));
    if (!own) return;
    this.prepareLoading(statements);
    let fresh = false;
    const runtime = [...scopes.runtimes.values()][0];
    this.prepareParts(statements, runtime);
    for (const { name, value, node } of statements.flatMap(assignments)) {
      const entry = !name && node && outerCall(value);
      if (name) {
        fresh = value.kind === K.ObjectLiteralExpression && !value.properties.length && !this.caches.has(node);
        if (fresh) this.tabled.add(scopes.symbol(name.escapedText));
      } else if (fresh && entry) {
        this.entries.add(entry);
        this.prepareOuter(entry);
        const entered = scopes.enter(entry);
        this.prepareParts(entry.body.statements, runtime);
        scopes.leave(entered);
      } else if (!this.runtimeCall(value)) {
        fresh = false;
      }
    }
    this.prepareParts(statements, runtime); // what entries have shown
  }
}

// A text without comments, and without space but between words; what is returned is as if it stood alone. The compiler's
// scanner says what a comment is: more than one character ends a line, and texts may look like comments.
function compact(text) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  let found = "";
  for (let token = scanner.scan(); token !== K.EndOfFileToken; token = scanner.scan()) {
    const word = scanner.getTokenText();
    found += (/[\w$]$/.test(found) && /^[\w$]/.test(word) ? " " : "") + (token === K.ReturnKeyword ? "return;" : word);
  }
  return found;
}

// The names of a require function, of what holds the modules that were run, and of the object of all.
function requireNames(statement, text) {
  if (statement.kind !== K.FunctionDeclaration || !statement.name || statement.parameters.length !== 1 || statement.end - statement.pos > MAX_RUNTIME) return undefined;
  const [parameter] = statement.parameters;
  if (!isPlain(parameter) || statement.asteriskToken || ts.getSyntacticModifierFlags(statement)) return undefined;
  const code = compact(text.slice(statement.pos, statement.end));
  const id = parameter.name.text.replaceAll("$", "\\$");
  const cache = new RegExp(`=\\(?([\\w$]+)\\[${id}\\]=\\{[^{}]*exports:\\{\\}`).exec(code);
  const table = new RegExp(`[;{},]([\\w$]+)\\[${id}\\](?:\\.call)?\\(`).exec(code);
  return cache && table ? [statement.name.text, cache[1], table[1]] : undefined;
}

// Whether a node is a function that a module can be: with up to so many names, and no other way to give them.
function isModuleFunction(node, names) {
  if (!node || ![K.MethodDeclaration, K.ArrowFunction, K.FunctionExpression].includes(node.kind)) return false;
  return Boolean(node.body) && !node.asteriskToken && !ts.getSyntacticModifierFlags(node) && node.parameters.length <= names && node.parameters.every(isPlain);
}

// [name, expression] of what the members of a table of getters give.
function getters(table) {
  table = table && bare(table);
  if (table?.kind !== K.ObjectLiteralExpression) return [];
  return table.properties.flatMap((entry) => {
    const given = entry.kind === K.PropertyAssignment && entry.name.kind !== K.ComputedPropertyName && getterOf(entry.initializer);
    return given ? [[entry.name.text, given]] : [];
  });
}

// __webpack_exports__ = await __webpack_exports__
function isAwaited(value, { scopes }) {
  const name = assignedName(value);
  const awaited = name && scopes.within?.ref === undefined && bare(value.right).kind === K.AwaitExpression ? bare(bare(value.right).expression) : undefined;
  return awaited?.kind === K.Identifier && awaited.escapedText === name.escapedText && Boolean(scopes.moduleOf(name));
}

// { 792: 0 }: which files of modules are there from the beginning.
const isChunks = (node) => node.properties.length > 0 && node.properties.every((one) => one.kind === K.PropertyAssignment && one.initializer.kind === K.NumericLiteral && /^[01]$/.test(one.initializer.text) && (isId(one.name) || one.name.kind === K.Identifier));

// var d = start([a, b]); ([a, b] = d.then ? (await d)() : d); where `lists` are those of the first form, by their names.
function isDependencies(text, start, lists) {
  const code = compact(text).replaceAll(" ", "");
  const started = /^(?:var|const|let)([\w$]+)=([\w$]+)\(\[([\w$,]+)\]\);?$/.exec(code);
  if (started && started[2] === start) lists.set(started[1], started[3]);
  if (started) return started[2] === start;
  const given = /^\(?\[([\w$,]+)\]=([\w$]+)\.then\?\(await\2\)\(\):\2\)?;?$/.exec(code);
  return given !== null && lists.get(given[2]) === given[1];
}

// A number as what it names: of two that are too large to be told apart, the last one counts.
const idOf = (node) => (node.kind === K.NumericLiteral ? String(Number(node.text)) : node.text);
const isId = (node) => node !== undefined && (ts.isStringLiteralLike(node) || node.kind === K.NumericLiteral);

// What a function returns that does nothing else.
function returned({ body }) {
  if (body.kind !== K.Block) return bare(body);
  const [only] = body.statements;
  return body.statements.length === 1 && only.kind === K.ReturnStatement && only.expression ? bare(only.expression) : undefined;
}

// The only statement of a module, without what does nothing.
function onlyStatement(body) {
  if (body.body.kind !== K.Block) return body.body;
  const statements = body.body.statements.filter((one) => !isNothing(one));
  return statements.length === 1 && statements[0].kind === K.ExpressionStatement ? bare(statements[0].expression) : undefined;
}

// {value, node} of a module that is nothing but data.
function jsonOf(body, scopes) {
  const only = onlyStatement(body);
  if (only?.kind !== K.BinaryExpression || only.operatorToken.kind !== K.EqualsToken || !isWhole(only.left, scopes)) return undefined;
  const value = parsedJson(only.right, scopes);
  return value && { ...value, node: only };
}

// module.exports
function isWhole(node, scopes) {
  node = bare(node);
  return node.kind === K.PropertyAccessExpression && node.name.text === "exports" && !node.questionDotToken && scopes.isGiven(bare(node.expression), "module");
}

// {value} of JSON.parse("…")
function parsedJson(node, scopes) {
  node = bare(node);
  if (node.kind !== K.CallExpression || node.arguments.length !== 1 || !ts.isStringLiteralLike(node.arguments[0])) return undefined;
  const { expression } = node;
  if (expression.kind !== K.PropertyAccessExpression || expression.name.text !== "parse" || expression.expression.kind !== K.Identifier) return undefined;
  if (expression.expression.escapedText !== "JSON" || scopes.symbol("JSON")) return undefined;
  try {
    return { value: JSON.parse(node.arguments[0].text) };
  } catch {
    return undefined;
  }
}
