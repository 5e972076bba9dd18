// What bundlers make of modules: functions that are started, and the helpers that do it.

const MAX_HELPER = 900;
const MODULE = "module ";

class Wrappers extends Enums {
  // Finds the bundler's helpers and the functions that are modules, before any reference is made. What a helper looks
  // like decides only how calls of it are written; whether it is one, its own digest must show.
  prepare(statements) {
    const { scopes } = this;
    for (const statement of statements) {
      if (statement.kind === K.ImportDeclaration) this.prepareImport(statement);
      if (statement.kind === K.FunctionDeclaration && statement.name) this.note(statement.name, statement);
      for (const { name, initializer } of declarations(statement)) if (initializer) this.note(name, initializer);
    }
    this.prepareTables(statements);
    this.prepareRuntime(statements);
    this.prepareRollup(statements);
    this.prepareClasses(statements);
    for (const statement of statements) {
      const outer = this.outerFunction(statement);
      if (outer) this.prepareOuter(outer);
      for (const { name, initializer } of declarations(statement)) {
        const wrapped = name.kind === K.Identifier && initializer && this.wrapped(initializer);
        if (wrapped) this.prepareWrapper(scopes.symbol(name.escapedText), wrapped);
      }
    }
  }

  // Bundles that belong together have the helpers and the modules only once.
  prepareImport({ importClause, moduleSpecifier }) {
    const given = this.given[moduleSpecifier.text];
    const named = importClause?.namedBindings;
    if (!given || named?.kind !== K.NamedImports) return;
    for (const { name, propertyName } of named.elements) {
      const kind = given[(propertyName ?? name).text];
      const symbol = kind && this.scopes.symbol(name.escapedText);
      if (!symbol) continue;
      if (kind.startsWith(MODULE)) this.scopes.wrappers.set(symbol, kind.slice(MODULE.length));
      else this.scopes.helpers.set(symbol, kind);
    }
  }

  // What a bundle gives to others: [name, what helper or kind of module it is].
  gives() {
    const { scopes } = this;
    return this.symbolsGiven.map(([name, symbol]) => [name, scopes.helpers.get(symbol) ?? (scopes.wrappers.has(symbol) ? MODULE + scopes.wrappers.get(symbol) : "")]).filter(([, kind]) => kind);
  }

  // `_X = class _X {}; _X.y = z; X = _X`: so esbuild writes a class whose static fields it assigns.
  prepareClasses(statements) {
    const { scopes } = this;
    let held; // the name that holds the class, and whether a field was assigned
    let filled = false;
    for (const { name, value, node } of statements.flatMap(assignments)) {
      const symbol = name && scopes.symbol(name.escapedText);
      if (symbol && value.kind === K.ClassExpression && value.name) {
        [held, filled] = [symbol, false];
      } else if (held && !name && value.kind === K.BinaryExpression && value.operatorToken.kind === K.EqualsToken && isMemberOf(value.left, (one) => scopes.symbol(one) === held)) {
        filled = true;
      } else {
        const own = symbol && symbol !== held && value.kind === K.Identifier && held && scopes.symbol(value.escapedText) === held;
        if (own && filled && symbol.declarations.length === 1 && !scopes.aliases.has(held)) {
          scopes.aliases.set(symbol, held);
          this.renamed.add(node);
        }
        held = undefined;
      }
    }
  }

  // `var x_exports = {}` is only a part of what fills it.
  prepareTables(statements) {
    for (const statement of statements) {
      const call = statement.kind === K.ExpressionStatement ? bare(statement.expression) : undefined;
      const [holder] = call?.kind === K.CallExpression ? call.arguments : [];
      if (!holder || holder.kind !== K.Identifier || call.expression.kind !== K.Identifier) continue;
      if (this.scopes.helpers.get(this.scopes.symbol(call.expression.escapedText)) === "export") this.hold(this.scopes.symbol(holder.escapedText));
    }
  }

  // Notes what a table of names fills: nothing else is ever put there.
  hold(symbol) {
    this.tabled.add(symbol);
    this.held.add(symbol);
  }

  // Whether a name that stands for a module, or for a table of names, is given another value.
  isTakenOver(name, value) {
    const symbol = this.inBundle ? this.scopes.symbol(name.escapedText) : undefined;
    return symbol !== undefined && (this.scopes.isOpaque(symbol) || (this.held.has(symbol) && !frozenTable(value, this.scopes)));
  }

  prepareOuter(outer) {
    this.scopes.modules.add(outer);
    const entered = this.scopes.enter(outer);
    this.prepare(outer.body.statements);
    this.scopes.leave(entered);
  }

  note(name, node) {
    if (name.kind !== K.Identifier || node.end - node.pos > MAX_HELPER) return;
    const helper = helperLike(this.text.slice(node.pos, node.end));
    const symbol = helper && this.scopes.symbol(name.escapedText);
    if (symbol) this.scopes.helpers.set(symbol, helper);
  }

  // {kind, body} where an expression is a call of a helper with the function of a module.
  wrapped(node) {
    node = bare(node);
    if (node.kind !== K.CallExpression || node.arguments.length !== 1) return undefined;
    const callee = bare(node.expression);
    const symbol = callee.kind === K.Identifier ? this.scopes.symbol(callee.escapedText) : undefined;
    const kind = symbol && this.scopes.helpers.get(symbol);
    if (kind !== "commonjs" && kind !== "esm") return undefined;
    let body = bare(node.arguments[0]);
    let label;
    if (body.kind === K.ObjectLiteralExpression) {
      if (body.properties.length !== 1) return undefined;
      const [only] = body.properties;
      if (!only.name || only.name.kind === K.ComputedPropertyName) return undefined;
      label = ts.isStringLiteralLike(only.name) ? only.name.text : undefined;
      body = only.kind === K.PropertyAssignment ? bare(only.initializer) : only;
    }
    if (![K.MethodDeclaration, K.ArrowFunction, K.FunctionExpression].includes(body.kind)) return undefined;
    const names = kind === "esm" ? 0 : 2;
    if (!body.body || body.asteriskToken || body.parameters.length > names) return undefined;
    if (!body.parameters.every(isPlain)) return undefined;
    this.scopes.helper(symbol);
    return { kind, body, label };
  }

  prepareWrapper(symbol, { kind, body }) {
    const { scopes } = this;
    scopes.wrappers.set(symbol, kind);
    scopes.modules.add(body);
    scopes.opaque.add(symbol);
    if (kind === "esm") this.prepareLate(body);
    ["exports", "module"].forEach((name, index) => {
      const parameter = body.parameters[index];
      if (parameter) scopes.parameters.set(body.locals.get(parameter.name.escapedText), name);
    });
  }

  // `var import_x; … import_x = __toESM(require_x())`: imports of modules that are run later.
  prepareLate(body) {
    const { scopes } = this;
    const statements = body.body.kind === K.Block ? body.body.statements : [];
    const entered = scopes.enter(body);
    for (const { name, value } of statements.flatMap(assignments)) {
      const symbol = name && scopes.symbol(name.escapedText);
      if (!symbol || symbol.declarations.length !== 1) continue;
      scopes.late.set(symbol, scopes.late.has(symbol) || value.kind !== K.CallExpression ? undefined : value);
    }
    scopes.leave(entered);
  }

  // The function that a whole bundle is in, where an expression is a call of it.
  mainCall(node) {
    const outer = outerCall(node);
    return outer && (2 * (node.end - node.pos) > this.text.length || this.entries.has(outer)) ? outer : undefined;
  }

  outerFunction(statement) {
    if (statement.kind === K.ExpressionStatement) return this.mainCall(bare(statement.expression));
    for (const { initializer } of declarations(statement)) {
      const outer = initializer && this.mainCall(bare(initializer));
      if (outer) return outer;
    }
    return undefined;
  }

  // init_x(), which runs a module.
  isStart(node) {
    if (!this.inBundle || node.kind !== K.CallExpression || node.arguments.length) return false;
    const callee = bare(node.expression);
    const symbol = callee.kind === K.Identifier ? this.scopes.symbol(callee.escapedText) : undefined;
    return symbol !== undefined && this.scopes.wrappers.has(symbol);
  }

  // Promise.resolve().then(() => (init_x(), x_exports)), which import("./x") becomes where x is in the bundle: the
  // reference that is x, else -1.
  importedLater(node) {
    const { scopes } = this;
    const callee = bare(node.expression);
    if (node.arguments.length !== 1 || node.questionDotToken || !isResolved(callee, scopes)) return -1;
    const given = getterOf(node.arguments[0]);
    if (!given) return -1;
    const parts = sequence(given);
    const last = parts.pop();
    if (!parts.every((part) => this.isStart(part))) return -1;
    const origin = scopes.required(last);
    if (origin) return origin.ref === undefined ? -1 : scopes.wrapped(origin.ref, "*");
    return last.kind === K.Identifier && this.isTable(last) ? scopes.of(last) : -1;
  }

  isTable(name) {
    const symbol = this.scopes.symbol(name.escapedText);
    return symbol !== undefined && this.tabled.has(symbol);
  }
}

// The assignments to names that a statement is made of, and what else it does.
function assignments(statement) {
  if (statement.kind === K.VariableStatement) {
    return declarations(statement).filter((one) => one.initializer).map((one) => ({ name: one.name.kind === K.Identifier ? one.name : undefined, value: bare(one.initializer), node: one }));
  }
  if (statement.kind !== K.ExpressionStatement) return [{ value: statement }];
  return sequence(statement.expression).map((part) => {
    const name = assignedName(part);
    return { name, value: name ? bare(part.right) : part, node: part };
  });
}

// Promise.resolve().then
function isResolved(callee, scopes) {
  if (callee.kind !== K.PropertyAccessExpression || callee.name.text !== "then" || callee.questionDotToken) return false;
  const call = bare(callee.expression);
  if (call.kind !== K.CallExpression || call.arguments.length || call.questionDotToken) return false;
  const resolve = bare(call.expression);
  const holder = resolve.kind === K.PropertyAccessExpression && resolve.name.text === "resolve" && bare(resolve.expression);
  return Boolean(holder) && holder.kind === K.Identifier && holder.escapedText === "Promise" && !scopes.symbol("Promise");
}

function isMemberOf(node, holds) {
  return node.kind === K.PropertyAccessExpression && node.expression.kind === K.Identifier && holds(node.expression.escapedText);
}

// The function of (() => { … })(), in which some bundlers put everything.
function outerCall(node) {
  if (node.kind !== K.CallExpression || node.arguments.length || node.questionDotToken) return undefined;
  const callee = bare(node.expression);
  if (callee.kind !== K.ArrowFunction && callee.kind !== K.FunctionExpression) return undefined;
  if (callee.parameters.length || callee.name || callee.asteriskToken || ts.getSyntacticModifierFlags(callee) || callee.body.kind !== K.Block) return undefined;
  return callee;
}

function helperLike(text) {
  const code = text.replace(/\/\/[^\n]*\n|\/\*[^]*?\*\//g, "").replace(/\s+/g, "");
  if (code.includes("Dynamicrequireof")) return "require";
  if (code.length < 160 && /\{\},"__esModule",\{value:(?:true|!0)\}\),\w+\)/.test(code)) return "toCommonJS";
  if (code.includes("__esModule") && /hasOwnProperty\.call\(\w+,["']default["']\)\?/.test(code)) return "defaultOf";
  if (code.includes("Reflect.construct") && code.includes("__esModule")) return "augmented";
  if (code.includes("getOwnPropertyDescriptor") && code.includes("Object.freeze")) return "merged";
  if (/=?typeofglobalThis.+typeofself.+:\{\}/.test(code) && code.length < 240) return "global";
  if (/[{,]exports:\{\}\}/.test(code)) return "commonjs";
  if (code.includes("__esModule") && code.includes("default") && code.includes("enumerable")) return "toESM";
  if (code.length < 200 && /\(\w+=0\)\)?,\w+/.test(code)) return "esm";
  if (/get:\w+\[\w+\],enumerable/.test(code) && code.length < 300) return "export";
  return undefined;
}

const declarations = (statement) => (statement.kind === K.VariableStatement ? statement.declarationList.declarations : []);
const isPlain = (parameter) => parameter.name.kind === K.Identifier && !parameter.initializer && !parameter.dotDotDotToken;

// () => value, or () => { return value }
function getterOf(node) {
  node = bare(node);
  if (node.kind !== K.ArrowFunction && node.kind !== K.FunctionExpression) return undefined;
  if (node.parameters.length || ts.getSyntacticModifierFlags(node) || node.asteriskToken) return undefined;
  if (node.body.kind !== K.Block) return bare(node.body);
  const [only] = node.body.statements;
  return node.body.statements.length === 1 && only.kind === K.ReturnStatement && only.expression ? bare(only.expression) : undefined;
}
