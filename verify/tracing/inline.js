// Variables that are used once, put in place of their names: so minifiers write them, some more of them than others.
//
// Both sides are rewritten by the same rules before anything is compared, so a rule must keep what happens: either
// nothing is done between the value and its use, or the value is one that does not depend on when it is made.

const CROSSED_LIMIT = 1_000; // nodes that are looked at for one variable
const FOUND = 1, PASSED = 2, STOPPED = 3;

// What is there in every runtime, and is the same whenever it is read.
const STANDARD = new Set(
  ("Array ArrayBuffer BigInt Boolean Buffer Date Error EvalError Function Infinity Intl JSON Map Math NaN Number Object Promise Proxy RangeError " +
    "ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError URL URLSearchParams Uint8Array WeakMap WeakSet exports module require undefined").split(" "),
);

class Inliner extends Written {
  constructor(file, inBundle) {
    super(file);
    this.inBundle = inBundle;
    this.uses = new Uses(file);
    this.moved = new Map(); // symbol -> its declaration, which is written where the symbol is used
    this.gone = new Set(); // those declarations
  }

  // The text with the values in place of the names, or undefined where it stays as it is.
  rewritten() {
    if (!this.uses.read()) return undefined;
    const lists = everything(this.file).filter((node) => node.statements && this.isInside(node));
    for (const list of lists.reverse()) this.list(list); // inner before outer
    if (!this.moved.size) return undefined;
    for (const declaration of this.moved.values()) this.replace(declaration);
    return this.finished();
  }

  // What is declared at the top of a module may be used by others, or by what is not in the bundle.
  isInside(node) {
    if (node.kind === K.SourceFile) return !this.inBundle && !this.file.externalModuleIndicator;
    if (node.kind === K.ModuleBlock) return false;
    if (!this.inBundle || node.kind !== K.Block) return true;
    return !isStandard(node) && !(2 * (node.end - node.pos) > this.text.length && isOutermost(node.parent));
  }

  // From the last to the first: what a variable moves across is then what is left there.
  list(node) {
    const steps = [];
    for (const statement of node.statements) {
      if (isNothing(statement) || statement.kind === K.FunctionDeclaration) continue; // they are there before anything runs
      if (statement.kind === K.VariableStatement) for (const declaration of statement.declarationList.declarations) steps.push(declaration);
      else steps.push(statement);
    }
    const left = []; // the last one is what comes next
    for (const step of steps.reverse()) {
      if (step.kind === K.VariableDeclaration && this.isMovable(step, node, left)) {
        this.moved.set(step.symbol, step);
        this.gone.add(step);
      } else {
        left.push(step);
      }
    }
  }

  isMovable(declaration, list, left) {
    const { name, initializer, symbol, parent } = declaration;
    if (name.kind !== K.Identifier || !initializer || (parent.flags & ts.NodeFlags.BlockScoped) >= ts.NodeFlags.Using) return false;
    if (symbol.declarations.length !== 1 || ts.getCombinedModifierFlags(declaration)) return false;
    if (!(parent.flags & ts.NodeFlags.BlockScoped) && this.isHoisted(list)) return false;
    const { only, count, writes } = this.uses.of(symbol);
    if (count !== 1 || writes || !only || only.pos < declaration.end) return false;
    const way = this.way(only, list);
    if (!way || !this.keepsNames(initializer, way) || !this.fitsThere(initializer, only)) return false;
    return this.isFresh(initializer, 0) || this.isNext(only, left);
  }

  // Whether a list stands deeper in a module: bundlers declare its `var`s elsewhere, and assign them there.
  isHoisted(list) {
    if (list.kind === K.SourceFile) return false;
    const around = ts.getContainingFunction(list);
    return !around || (around !== list.parent && this.inBundle && isOutermost(around));
  }

  // The scopes between a use and the list that it is reached from, through values that were moved; undefined where a
  // function or a loop is between them, so that the value may be used again or later.
  way(use, list) {
    const scopes = [];
    let from = use;
    let climbed = 0;
    for (let node = use.parent; node !== list; from = node, node = node.parent) {
      if (!node || climbed++ > CROSSED_LIMIT || isFunction(node) || ts.isClassLike(node)) return undefined;
      if (ts.isIterationStatement(node, false) && from !== startOf(node)) return undefined;
      if (node.locals) scopes.push(node.locals);
      if (node.kind === K.VariableDeclaration && this.gone.has(node)) {
        node = this.uses.of(node.symbol).only;
      }
    }
    return scopes;
  }

  // Whether names of the value mean the same there.
  keepsNames(value, scopes) {
    if (!scopes.length) return true;
    for (const identifier of this.uses.inside(value)) {
      const symbol = this.uses.meaning.get(identifier);
      const own = symbol && symbol.declarations.some((one) => one.pos >= value.pos && one.end <= value.end);
      if (!own && scopes.some((locals) => locals.has(identifier.escapedText))) return false;
    }
    return true;
  }

  // `typeof x` of what is not declared, `delete x` and direct eval are other things than the value of a variable.
  fitsThere(value, use) {
    if (outermost(use).parent.kind === K.DeleteExpression) return false;
    value = bare(value);
    if (value.kind === K.Identifier && !this.uses.meaning.get(value)) return !STANDARD.has(value.text) ? use.parent.kind !== K.TypeOfExpression : true;
    return !/\bsuper\s*\(/.test(value.getText(this.file));
  }

  // Whether a value is the same whenever and wherever in its function it is made, and making it does nothing.
  isFresh(node, depth) {
    if (depth > 100) return false;
    node = bare(node);
    const fresh = (one) => this.isFresh(one, depth + 1);
    switch (node.kind) {
      case K.StringLiteral:
      case K.NoSubstitutionTemplateLiteral:
      case K.NumericLiteral:
      case K.BigIntLiteral:
      case K.RegularExpressionLiteral:
      case K.TrueKeyword:
      case K.FalseKeyword:
      case K.NullKeyword:
      case K.ArrowFunction:
      case K.FunctionExpression:
        return true;
      case K.Identifier:
        return this.isSteady(node) && this.isThere(node);
      case K.VoidExpression:
        return fresh(node.expression);
      case K.PrefixUnaryExpression:
        return node.operator === K.ExclamationToken ? fresh(node.operand) : bare(node.operand).kind === K.NumericLiteral && node.operator === K.MinusToken;
      case K.ArrayLiteralExpression:
        return node.elements.every((one) => one.kind === K.OmittedExpression || fresh(one));
      case K.ObjectLiteralExpression:
        return node.properties.every((one) => {
          if (one.name && one.name.kind === K.ComputedPropertyName) return false;
          if (one.kind === K.PropertyAssignment) return fresh(one.initializer);
          if (one.kind === K.ShorthandPropertyAssignment) return fresh(one.name);
          return one.kind !== K.SpreadAssignment;
        });
    }
    return false;
  }

  // A name whose value is set once, or that of something standard.
  isSteady(identifier) {
    const symbol = this.uses.meaning.get(identifier);
    if (!symbol) return STANDARD.has(identifier.text) && !this.uses.assigned.has(identifier.text);
    return !this.uses.of(symbol).writes && symbol.declarations.length === 1 && !isRepeated(symbol.declarations[0]);
  }

  // Whether it has its value by the time it is read: what is declared further down in the same function has not.
  isThere(identifier) {
    const [declaration] = this.uses.meaning.get(identifier)?.declarations ?? [];
    if (declaration?.kind !== K.VariableDeclaration || declaration.end <= identifier.pos) return true;
    return ts.getContainingFunction(declaration) !== ts.getContainingFunction(identifier);
  }

  // Whether nothing is done between the value of a variable and its use.
  isNext(use, left) {
    this.crossed = 0;
    for (let i = left.length - 1; i >= 0 && this.crossed++ < CROSSED_LIMIT; i--) {
      const result = this.step(left[i], use);
      if (result !== PASSED) return result === FOUND;
    }
    return false;
  }

  step(node, use) {
    switch (node.kind) {
      case K.VariableDeclaration:
        if (!node.initializer) return PASSED;
        return this.declared(node, use);
      case K.ExpressionStatement:
        return this.cross(node.expression, use);
      case K.ReturnStatement:
      case K.ThrowStatement:
      case K.IfStatement:
      case K.SwitchStatement:
      case K.ForOfStatement:
      case K.ForInStatement:
        return node.expression && !node.awaitModifier && this.cross(node.expression, use) === FOUND ? FOUND : STOPPED;
      case K.ForStatement:
        if (node.initializer?.kind !== K.VariableDeclarationList) return node.initializer && this.cross(node.initializer, use) === FOUND ? FOUND : STOPPED;
        return this.declarations(node.initializer.declarations, use);
    }
    return STOPPED;
  }

  // What takes a value apart may do anything, so that nothing goes past it.
  declared({ name, initializer }, use) {
    const result = this.cross(initializer, use);
    return result === PASSED && name.kind !== K.Identifier ? STOPPED : result;
  }

  declarations(declarations, use) {
    for (const one of declarations) {
      const result = one.initializer ? this.declared(one, use) : PASSED;
      if (result !== PASSED) return result;
    }
    return STOPPED;
  }

  all(nodes, use) {
    for (const node of nodes) {
      const result = node ? this.cross(node, use) : PASSED;
      if (result !== PASSED) return result;
    }
    return PASSED;
  }

  // Goes through an expression as it is evaluated: FOUND where nothing is done before the use; PASSED where nothing is
  // done in it at all that could matter, STOPPED where something is.
  cross(node, use) {
    if (++this.crossed > CROSSED_LIMIT) return STOPPED;
    node = bare(node);
    if (node === use) return FOUND;
    const only = (one) => (this.cross(one, use) === FOUND ? FOUND : STOPPED);
    const then = (one, result) => (one === PASSED ? result() : one);
    switch (node.kind) {
      case K.Identifier: {
        const moved = this.moved.get(this.uses.meaning.get(node));
        if (moved) return this.cross(moved.initializer, use);
        return this.isSteady(node) ? PASSED : STOPPED;
      }
      case K.SuperKeyword:
      case K.ImportKeyword:
        return node.parent.kind === K.CallExpression ? PASSED : STOPPED;
      case K.ThisKeyword:
      case K.OmittedExpression:
        return PASSED;
      case K.PropertyAccessExpression:
      case K.AwaitExpression:
      case K.DeleteExpression:
      case K.SpreadElement:
      case K.SpreadAssignment:
        return only(node.expression);
      case K.YieldExpression:
        return node.expression ? only(node.expression) : STOPPED;
      case K.TypeOfExpression:
      case K.VoidExpression:
        return this.cross(node.expression, use);
      case K.ElementAccessExpression:
        return then(this.cross(node.expression, use), () => (node.questionDotToken ? STOPPED : only(node.argumentExpression)));
      case K.CallExpression:
      case K.NewExpression: {
        const callee = this.cross(node.expression, use);
        return then(callee, () => (node.questionDotToken || this.all(node.arguments ?? [], use) !== FOUND ? STOPPED : FOUND));
      }
      case K.TaggedTemplateExpression:
        return then(this.cross(node.tag, use), () => {
          const spans = node.template.templateSpans ?? [];
          return this.all(spans.map((one) => one.expression), use) === FOUND ? FOUND : STOPPED;
        });
      case K.TemplateExpression:
        return only(node.templateSpans[0].expression);
      case K.ConditionalExpression:
        return only(node.condition);
      case K.PrefixUnaryExpression:
        return node.operator === K.ExclamationToken ? this.cross(node.operand, use) : this.isFresh(node, 0) ? PASSED : only(node.operand);
      case K.BinaryExpression:
        return this.binary(node, use);
      case K.ArrayLiteralExpression:
        return this.all(node.elements, use);
      case K.ObjectLiteralExpression:
        return this.all(node.properties.flatMap(valuesOf), use);
    }
    return this.isFresh(node, 0) ? PASSED : STOPPED;
  }

  binary(node, use) {
    const operator = node.operatorToken.kind;
    const left = bare(node.left);
    const right = () => this.cross(node.right, use);
    if (operator === K.EqualsToken) {
      const parts = left.kind === K.PropertyAccessExpression ? [left.expression] : left.kind === K.ElementAccessExpression ? [left.expression, left.argumentExpression] : [];
      const before = this.all(parts, use);
      if (before !== PASSED) return before;
      return right() === FOUND ? FOUND : STOPPED;
    }
    const spine = [];
    let first = node;
    for (; first.kind === K.BinaryExpression && !ts.isAssignmentOperator(first.operatorToken.kind); first = bare(first.left)) spine.push(first);
    if (!spine.length) return STOPPED; // what is assigned to is read before
    let before = this.cross(first, use);
    while (before === PASSED && spine.length) before = this.operated(spine.pop(), use);
    return before;
  }

  // What is done between the left side of an operator and its result.
  operated({ operatorToken, right }, use) {
    switch (operatorToken.kind) {
      case K.CommaToken:
      case K.EqualsEqualsEqualsToken:
      case K.ExclamationEqualsEqualsToken:
        return this.cross(right, use);
      case K.BarBarToken:
      case K.AmpersandAmpersandToken:
      case K.QuestionQuestionToken:
        return STOPPED;
    }
    return this.cross(right, use) === FOUND ? FOUND : STOPPED;
  }
}

// Whether a function is an ES module of webpack: it says what it gives by the third of its parameters, `r.d(e, {…})`.
function isStandard({ parent, statements }) {
  if (!isFunction(parent) || parent.parameters?.length !== 3) return false;
  const runtime = parent.parameters[2].name;
  return statements.slice(0, 3).some(({ expression: call }) => {
    const member = call?.kind === K.CallExpression ? call.expression : undefined;
    return member?.kind === K.PropertyAccessExpression && member.expression.escapedText === runtime.escapedText && /^[dr]$/.test(member.name.text);
  });
}

// Whether a function is what a whole bundle is in, or a module of it.
function isOutermost(node) {
  if (![K.ArrowFunction, K.FunctionExpression, K.MethodDeclaration].includes(node.kind)) return false;
  let outer = node.parent;
  while ([K.ParenthesizedExpression, K.CallExpression, K.ObjectLiteralExpression, K.PropertyAssignment].includes(outer.kind)) outer = outer.parent;
  if (outer.kind === K.VariableDeclaration) outer = outer.parent.parent;
  return outer.parent?.kind === K.SourceFile;
}

// What is evaluated of a member of an object, in its order.
function valuesOf(member) {
  const { name } = member;
  // What makes a key of a value may do anything, so that nothing goes past it.
  const key = name?.kind === K.ComputedPropertyName ? [name.expression, name] : [];
  if (member.kind === K.PropertyAssignment) return [...key, member.initializer];
  if (member.kind === K.ShorthandPropertyAssignment) return [name];
  if (member.kind === K.SpreadAssignment) return [member];
  return key;
}

// What a loop evaluates once.
const startOf = (loop) => (loop.kind === K.ForStatement ? loop.initializer : loop.kind === K.ForOfStatement || loop.kind === K.ForInStatement ? loop.expression : undefined);
