// What rollup and its plugin for CommonJS make of modules: functions that start them, `var x = {}` for what each gives,
// and frozen objects where a module is used as a whole.

class Rollup extends Packs {
  constructor(...all) {
    super(...all);
    this.started = new Map(); // function that runs a module when it is first called -> what it does
    this.spaces = []; // [unit, names, references] of frozen objects
    this.holders = new Set(); // declarations of what such modules give
  }

  prepareRollup(statements) {
    const { scopes } = this;
    for (const statement of statements) {
      const found = statement.kind === K.FunctionDeclaration && statement.name ? startedModule(statement) : undefined;
      const [own, done, holder] = found ? [statement.name, found.done, found.holder].map((name) => scopes.symbol(name.escapedText)) : [];
      if (!own || !isEmptyVariable(done) || !isHolder(holder, found.whole) || scopes.homes.has(holder)) continue;
      scopes.wrappers.set(own, "commonjs");
      for (const symbol of [own, done]) scopes.opaque.add(symbol);
      scopes.modules.add(statement);
      scopes.parameters.set(holder, found.whole ? "module" : "exports");
      scopes.homes.set(holder, statement);
      this.holders.add(holder.valueDeclaration);
      this.started.set(statement, found);
      if (!found.inner) continue;
      scopes.modules.add(found.inner);
      ["module", "exports"].forEach((name, index) => {
        const parameter = found.inner.parameters[index];
        if (parameter) scopes.parameters.set(found.inner.locals.get(parameter.name.escapedText), name);
      });
    }
    for (const { name, value } of statements.flatMap(assignments)) {
      if (name && frozenTable(value, scopes)) this.hold(scopes.symbol(name.escapedText));
    }
  }

  // exports.name = name; module.exports = __toCommonJS(table); 0 && (module.exports = { … }): what a bundle in CommonJS
  // gives in the end; returns whether a statement is nothing but that.
  givenInTheEnd(node, value) {
    const { scopes } = this;
    if (scopes.within?.ref !== undefined || value.kind !== K.BinaryExpression) return false;
    const left = bare(value.left);
    const right = bare(value.right);
    if (value.operatorToken.kind === K.AmpersandAmpersandToken && left.kind === K.NumericLiteral && Number(left.text) === 0) return Boolean(this.glue(node, EXPORTS)) || true;
    if (value.operatorToken.kind !== K.EqualsToken || left.kind !== K.PropertyAccessExpression || left.questionDotToken) return false;
    if (right.kind === K.CallExpression && isWhole(left, scopes) && right.arguments.length === 1 && bare(right.expression).kind === K.Identifier) {
      const helper = scopes.symbol(bare(right.expression).escapedText);
      const table = bare(right.arguments[0]);
      if (scopes.helpers.get(helper) !== "toCommonJS" || table.kind !== K.Identifier || !this.isTable(table)) return false;
      scopes.helper(helper);
      this.glue(node, EXPORTS);
      return true;
    }
    if (right.kind !== K.Identifier || !scopes.isGiven(bare(left.expression), "exports")) return false;
    const ref = scopes.of(right);
    if (ref < 0 || scopes.refs[ref].kind !== LOCAL || scopes.isOpaque(scopes.symbol(right.escapedText))) return false;
    this.exportRef(left.name.text, right);
    this.glue(node, EXPORTS);
    return true;
  }

  // Writes a function that runs a module when it is first called.
  startedModule(node) {
    const { inner, parts } = this.started.get(node);
    const { scopes } = this;
    const ref = scopes.of(node.name);
    this.unlabelled = true;
    this.inside(this.glue(node, WRAPPER, [ref]), { ref, body: node, parts: inner ? [inner.body] : parts }, () => {
      const entered = inner && scopes.enter(inner);
      for (const part of inner ? inner.body.statements : parts) {
        if (ts.isStatement(part)) this.moduleStatement(part);
        else this.moduleExpression(part);
      }
      scopes.leave(entered);
    });
  }

  // var ns = Object.freeze({ __proto__: null, name: value }): a module as a whole, unless a source has the very same.
  frozen(node, value) {
    const { scopes } = this;
    const table = frozenTable(value, scopes);
    if (!table) return;
    const refs = [scopes.of(node.name)];
    const names = [];
    for (const entry of table.properties.slice(1)) {
      const ref = this.referenceOf(givenBy(entry));
      if (ref < 0) return;
      names.push(entry.name.text);
      refs.push(ref);
    }
    this.spaces.push([this.units.list.length, names, refs]);
  }
}

// {done, holder, whole, parts, inner} of
// function requireX() { if (done) return x; done = 1; …; return x; }
function startedModule(node) {
  if (node.parameters.length || node.asteriskToken || ts.getSyntacticModifierFlags(node)) return undefined;
  const statements = node.body.statements.filter((one) => !isNothing(one));
  const [first] = statements;
  if (statements.length < 2 || first.kind !== K.IfStatement || first.elseStatement || first.expression.kind !== K.Identifier) return undefined;
  const early = first.thenStatement.kind === K.Block ? first.thenStatement.statements : [first.thenStatement];
  const given = early.length === 1 && early[0].kind === K.ReturnStatement && early[0].expression && holderOf(early[0].expression);
  const end = statements[statements.length - 1];
  if (!given || end.kind !== K.ReturnStatement || !end.expression) return undefined;
  const parts = statements.slice(1, -1).flatMap((one) => (one.kind === K.ExpressionStatement ? sequence(one.expression) : [one]));
  parts.push(...sequence(end.expression));
  const last = holderOf(parts.pop());
  const marked = parts.shift();
  if (!marked || !last || last.whole !== given.whole || !isNamed(last.holder, given.holder.escapedText)) return undefined;
  const done = !ts.isStatement(marked) && assignedName(marked);
  if (!done || done.escapedText !== first.expression.escapedText || !isTrue(bare(marked.right))) return undefined;
  return { done, parts, ...given, inner: parts.length === 1 && given.whole ? wrappedIn(parts[0], given.holder.escapedText) : undefined };
}

const isTrue = (node) => (node.kind === K.NumericLiteral && node.text === "1") || node.kind === K.TrueKeyword;

// x, or x.exports
function holderOf(node) {
  node = bare(node);
  if (node.kind === K.Identifier) return { holder: node, whole: false };
  return node.kind === K.PropertyAccessExpression && node.name.text === "exports" && node.expression.kind === K.Identifier ? { holder: node.expression, whole: true } : undefined;
}

// The function of (function (module, exports) { … })(x, x.exports).
function wrappedIn(node, holder) {
  if (ts.isStatement(node) || node.kind !== K.CallExpression || node.arguments.length > 2) return undefined;
  const made = bare(node.expression);
  const [first, second] = node.arguments;
  const fits = first && isNamed(first, holder) && (!second || (holderOf(second)?.whole && isNamed(holderOf(second).holder, holder)));
  return fits && made.kind === K.FunctionExpression && !made.name && isModuleFunction(made, node.arguments.length) ? made : undefined;
}

const isOnly = (symbol) => symbol?.declarations.filter(declares).length === 1 && symbol.declarations[0].kind === K.VariableDeclaration;
const isEmptyVariable = (symbol) => isOnly(symbol) && !symbol.declarations[0].initializer;

// Whether a variable is `{}`, or `{ exports: {} }`.
function isHolder(symbol, whole) {
  const value = isOnly(symbol) && symbol.declarations[0].initializer ? bare(symbol.declarations[0].initializer) : undefined;
  if (value?.kind !== K.ObjectLiteralExpression) return false;
  if (!whole) return value.properties.length === 0;
  const [only] = value.properties;
  return value.properties.length === 1 && only.kind === K.PropertyAssignment && only.name.text === "exports" && isEmptyObject(only.initializer);
}

// What a member of a table of names gives: `name: value`, `get name () { return value; }`.
function givenBy(entry) {
  if (entry.kind === K.PropertyAssignment) return entry.initializer;
  if (entry.kind === K.ShorthandPropertyAssignment) return entry.name;
  return entry.body.statements[0].expression;
}

// The object of Object.freeze({ __proto__: null, … }), which may be marked as a module.
function frozenTable(value, scopes) {
  const isOf = (node, name, count) => {
    const call = bare(node);
    if (call.kind !== K.CallExpression || call.arguments.length !== count || call.questionDotToken) return undefined;
    const callee = call.expression;
    const holds = callee.kind === K.PropertyAccessExpression && callee.name.text === name && callee.expression.kind === K.Identifier && callee.expression.escapedText === "Object";
    return holds && !scopes.symbol("Object") ? call : undefined;
  };
  const frozen = isOf(value, "freeze", 1);
  if (!frozen) return undefined;
  const marked = isOf(frozen.arguments[0], "defineProperty", 3);
  if (marked && (compact(marked.arguments[1].getText()) !== "Symbol.toStringTag" || !/^\{value:(?:"Module"|'Module'|`Module`)\}$/.test(compact(marked.arguments[2].getText())))) return undefined;
  const table = bare((marked ?? frozen).arguments[0]);
  if (table.kind !== K.ObjectLiteralExpression || table.properties.length < 1) return undefined;
  const [first, ...rest] = table.properties;
  const bareObject = first.kind === K.PropertyAssignment && first.name.text === "__proto__" && first.initializer.kind === K.NullKeyword;
  return bareObject && rest.every(isNaming) ? table : undefined;
}

function isNaming(entry) {
  if (!entry.name || entry.name.kind === K.ComputedPropertyName) return false;
  if (entry.kind === K.PropertyAssignment) return entry.initializer.kind === K.Identifier || entry.initializer.kind === K.PropertyAccessExpression;
  if (entry.kind === K.ShorthandPropertyAssignment) return !entry.objectAssignmentInitializer;
  if (entry.kind !== K.GetAccessor || !entry.body) return false;
  const [only] = entry.body.statements;
  return entry.body.statements.length === 1 && only.kind === K.ReturnStatement && Boolean(only.expression);
}
