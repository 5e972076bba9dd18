// Enumerations of TypeScript, and what compilers make of them: a function that fills an object in both directions.

class Enums extends Statements {
  // Writes a statement of a module as an enumeration, if it is one; returns whether it is.
  enumeration(node, name, members, ref = name ? this.scopes.of(name) : -1) {
    if (ref < 0 || !members || this.scopes.refs[ref].kind !== LOCAL) return false;
    const { units } = this;
    this.top(node, () => {
      units.op(K.EnumDeclaration);
      units.ref(ref);
      for (const [member, value, part] of members) {
        this.word(member, part);
        units.text(PROPERTY, member);
        if (typeof value === "string") this.string(value, part);
        else this.amount(value);
      }
      units.op(END);
    }, [ref]);
    return true;
  }

  amount(value) {
    const { units } = this;
    if (value < 0) units.op(K.MinusToken);
    units.text(NUMBER, String(Math.abs(value)));
  }

  // var E; (function (E) { … })(E || (E = {}));
  filled(value) {
    if (value.kind === K.PrefixUnaryExpression && value.operator === K.ExclamationToken) value = bare(value.operand);
    const call = value.kind === K.CallExpression && value.arguments.length === 1 && !value.questionDotToken ? bare(value.arguments[0]) : undefined;
    if (call?.kind !== K.BinaryExpression) return [];
    const name = bare(call.left);
    const made = call.operatorToken.kind === K.BarBarToken ? bare(call.right) : undefined;
    const assigned = made && assignedName(made);
    const same = name.kind === K.Identifier && (assigned ? assigned.escapedText === name.escapedText && isEmptyObject(made.right) : call.operatorToken.kind === K.BarBarEqualsToken && isEmptyObject(call.right));
    return same ? [name, filledMembers(bare(value.expression), false)] : [];
  }

  // var E = ((E) => { …; return E; })(E || {})
  returned(name, value) {
    if (value.kind !== K.CallExpression || value.arguments.length !== 1 || value.questionDotToken) return undefined;
    const start = bare(value.arguments[0]);
    const own = start.kind === K.BinaryExpression && start.operatorToken.kind === K.BarBarToken && bare(start.left).kind === K.Identifier && bare(start.left).escapedText === name.escapedText && isEmptyObject(start.right);
    return own || isEmptyObject(start) ? filledMembers(bare(value.expression), true) : undefined;
  }
}

function isEmptyObject(node) {
  node = bare(node);
  return node.kind === K.ObjectLiteralExpression && node.properties.length === 0;
}

// [name, value, node] of the members that the source declares; nothing where one is not known before it runs.
function declaredMembers(node) {
  const known = new Map();
  const found = [];
  let next = 0;
  for (const member of node.members) {
    const name = member.name.text;
    const value = member.initializer ? constantOf(member.initializer, known, node.name.escapedText) : next;
    if (typeof name !== "string" || value === undefined) return undefined;
    known.set(name, value);
    next = typeof value === "number" ? value + 1 : undefined;
    found.push([name, value, member]);
  }
  return found.length ? found : undefined;
}

// The same of what a function does with the object that it is given.
function filledMembers(made, returns) {
  if (made.kind !== K.ArrowFunction && made.kind !== K.FunctionExpression) return undefined;
  if (made.parameters.length !== 1 || made.parameters[0].name.kind !== K.Identifier || !isPlain(made.parameters[0]) || made.asteriskToken) return undefined;
  if (made.body.kind !== K.Block || ts.getSyntacticModifierFlags(made)) return undefined;
  const holder = made.parameters[0].name.escapedText;
  const parts = [];
  const { statements } = made.body;
  const end = statements[statements.length - 1];
  if (returns && end?.kind !== K.ReturnStatement) return undefined;
  for (const statement of statements) {
    // Nothing is done after return.
    if (statement.kind !== K.ExpressionStatement && !(statement === end && statement.kind === K.ReturnStatement && statement.expression)) return undefined;
    parts.push(...sequence(statement.expression));
  }
  const last = returns ? parts.pop() : undefined;
  if (returns && !(last?.kind === K.Identifier && last.escapedText === holder)) return undefined;
  const members = parts.map((part) => filledMember(part, holder));
  return members.length && members.every(Boolean) ? members : undefined;
}

// E[E["a"] = 1] = "a", or E["a"] = "text"
function filledMember(node, holder) {
  if (node.kind !== K.BinaryExpression || node.operatorToken.kind !== K.EqualsToken) return undefined;
  const right = bare(node.right);
  const inner = node.left.kind === K.ElementAccessExpression && isNamed(node.left.expression, holder) ? bare(node.left.argumentExpression) : undefined;
  if (inner?.kind === K.BinaryExpression && inner.operatorToken.kind === K.EqualsToken) {
    const name = memberOf(inner.left, holder);
    const value = constantOf(inner.right, new Map());
    return typeof value === "number" && ts.isStringLiteralLike(right) && right.text === name ? [name, value, node] : undefined;
  }
  const name = memberOf(node.left, holder);
  const value = constantOf(right, new Map());
  return name !== undefined && typeof value === "string" ? [name, value, node] : undefined;
}

const isNamed = (node, name) => node.kind === K.Identifier && node.escapedText === name;

// The name of a member of an object.
function memberOf(node, holder) {
  node = bare(node);
  if (node.kind === K.PropertyAccessExpression && isNamed(node.expression, holder)) return node.name.text;
  if (node.kind !== K.ElementAccessExpression || !isNamed(node.expression, holder)) return undefined;
  const name = bare(node.argumentExpression);
  return ts.isStringLiteralLike(name) ? name.text : undefined;
}

// The text or number that an expression is, where that can be said without running it.
function constantOf(node, known, holder) {
  node = bare(node);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (node.kind === K.NumericLiteral) return Number(node.text);
  if (node.kind === K.Identifier) return known.get(node.text);
  if (node.kind === K.PropertyAccessExpression || node.kind === K.ElementAccessExpression) return holder === undefined ? undefined : known.get(memberOf(node, holder));
  if (node.kind === K.PrefixUnaryExpression) {
    const value = constantOf(node.operand, known, holder);
    if (typeof value !== "number") return undefined;
    return node.operator === K.MinusToken ? -value : node.operator === K.TildeToken ? ~value : node.operator === K.PlusToken ? value : undefined;
  }
  if (node.kind !== K.BinaryExpression) return undefined;
  const left = constantOf(node.left, known, holder);
  const right = constantOf(node.right, known, holder);
  if (node.operatorToken.kind === K.PlusToken) return typeof left === typeof right && left !== undefined ? left + right : undefined;
  return typeof left === "number" && typeof right === "number" ? reckoned(node.operatorToken.kind, left, right) : undefined;
}

function reckoned(operator, left, right) {
  switch (operator) {
    case K.MinusToken:
      return left - right;
    case K.AsteriskToken:
      return left * right;
    case K.BarToken:
      return left | right;
    case K.AmpersandToken:
      return left & right;
    case K.CaretToken:
      return left ^ right;
    case K.LessThanLessThanToken:
      return left << right;
    case K.GreaterThanGreaterThanToken:
      return left >> right;
  }
  return undefined;
}
