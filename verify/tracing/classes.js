// Classes as tokens, with what compilers make of their fields.

class Classes extends Functions {
  classBody(node) {
    const { scopes, units } = this;
    const named = node.kind === K.ClassExpression && scopes.enterName(node);
    const entered = scopes.enter(node);
    const names = new Map();
    for (const { name } of node.members) {
      if (name?.kind === K.PrivateIdentifier && !names.has(name.escapedText)) names.set(name.escapedText, scopes.add(INNER, name.text, "", node));
    }
    units.op(CLASS);
    for (const decorator of ts.getDecorators(node) ?? []) this.decorator(decorator);
    const heritage = node.heritageClauses?.find((one) => one.token === K.ExtendsKeyword);
    this.optional(heritage?.types[0]?.expression);
    const { outside } = this;
    this.outside = false;
    this.privates.push(names);
    this.fields(node);
    const assigned = this.dropFields ? node.members.filter(isAssigned) : [];
    const outer = this.assigned;
    this.assigned = assigned;
    if (assigned.length && !node.members.some((member) => member.kind === K.Constructor && member.body)) this.madeConstructor(node, heritage);
    // Where the constructor stands does not matter, and compilers move it.
    const members = [...node.members].sort((one, other) => Number(other.kind === K.Constructor) - Number(one.kind === K.Constructor));
    for (const member of members) if (!isField(member) && !assigned.includes(member) && !(this.lifted === node && isLifted(member))) this.classMember(member);
    this.assigned = outer;
    this.privates.pop();
    this.outside = outside;
    units.op(END);
    scopes.leave(entered);
    scopes.leave(named);
  }

  // The constructor that a compiler makes where fields are assigned in one, and the class has none.
  madeConstructor(node, heritage) {
    const { units } = this;
    units.begin(node, this.start(node), node.end);
    units.op(K.Constructor);
    units.op(END);
    units.op(BODY);
    if (heritage) {
      units.begin(node, this.start(node), node.end);
      units.op(K.ExpressionStatement);
      units.op(K.CallExpression);
      units.op(K.SuperKeyword);
      units.op(K.SpreadElement);
      units.text(GLOBAL, "arguments");
      units.op(END);
      units.end();
    }
    this.assignFields();
    units.op(END);
    units.end();
  }

  assignFields() {
    const { units } = this;
    for (const field of this.assigned) {
      units.begin(field, this.start(field), field.end);
      units.op(K.ExpressionStatement);
      units.op(K.BinaryExpression);
      units.op(K.EqualsToken);
      units.text(MEMBER, field.name.text);
      units.op(K.ThisKeyword);
      this.expression(field.initializer);
      units.end();
    }
  }

  // Fields without a value come first, in the order of their names: where they stand among methods does not matter, and
  // bundlers move them. Those that the constructor gives a parameter of its own are left out: so compilers write
  // parameters that are properties, and some of them have a field for each, too.
  fields(node) {
    if (this.dropFields) return this.units.op(END);
    const given = fieldsGiven(node.members.find((member) => member.kind === K.Constructor && member.body));
    const names = node.members.filter(isField).map((member) => member.name.text);
    for (const name of names.filter((one) => !given.has(one)).sort()) {
      this.word(name, node);
      this.units.text(PROPERTY, name);
    }
    return this.units.op(END);
  }

  decorator(node) {
    this.units.op(K.Decorator);
    this.expression(node.expression);
  }

  classMember(node) {
    const { units } = this;
    switch (node.kind) {
      case K.SemicolonClassElement:
      case K.IndexSignature:
        return;
      case K.PropertyDeclaration:
        if (ts.getSyntacticModifierFlags(node) & (ts.ModifierFlags.Ambient | ts.ModifierFlags.Abstract)) return;
        break;
      case K.ClassStaticBlockDeclaration:
        return this.unit(node, () => {
          units.op(node.kind);
          const entered = this.scopes.enter(node);
          this.block(node.body);
          this.scopes.leave(entered);
        });
      case K.Constructor:
      case K.MethodDeclaration:
      case K.GetAccessor:
      case K.SetAccessor:
        if (!node.body) return; // an overload, or abstract
        break;
      default:
        throw new Refusal(`${K[node.kind]} is not known`);
    }
    this.unit(node, () => {
      for (const decorator of ts.getDecorators(node) ?? []) this.decorator(decorator);
      if (node.kind !== K.PropertyDeclaration) return this.method(node);
      units.op(node.kind);
      this.modifiers(node);
      this.propertyName(node.name);
      return this.initializer(node);
    }, STATEMENT);
  }

  // In `var X = class _X {}` both names are the class.
  nameClass(node, name) {
    if (!node.name || name.kind !== K.Identifier) return;
    const outer = this.scopes.symbol(name.escapedText);
    if (outer && outer !== node.symbol) this.scopes.aliases.set(node.symbol, outer);
  }

  // A class is the variable that holds it.
  namedClass(node, ref) {
    this.units.op(VARIABLE);
    this.units.ref(ref);
    this.units.op(K.EqualsToken);
    this.unit(node, () => this.classBody(node));
  }
}

// The names of `this.a = b` in a constructor, where b is one of its parameters.
function fieldsGiven(constructor) {
  const own = new Set(constructor?.parameters.map((one) => one.name.escapedText));
  const found = new Set();
  for (const { kind, expression } of constructor?.body.statements ?? []) {
    for (const part of kind === K.ExpressionStatement ? sequence(expression) : []) {
      if (part.kind !== K.BinaryExpression || part.operatorToken.kind !== K.EqualsToken) continue;
      const { left } = part;
      const right = bare(part.right);
      if (left.kind !== K.PropertyAccessExpression || left.expression.kind !== K.ThisKeyword || right.kind !== K.Identifier) continue;
      if (own.has(right.escapedText)) found.add(left.name.text);
    }
  }
  return found;
}

// A static field whose value says the same outside of its class.
function isLifted(node) {
  if (node.kind !== K.PropertyDeclaration || !node.initializer || ts.getDecorators(node) || node.name.kind !== K.Identifier) return false;
  const flags = ts.getSyntacticModifierFlags(node);
  return Boolean(flags & ts.ModifierFlags.Static) && !(flags & ts.ModifierFlags.Accessor) && !/\b(?:this|super)\b|#/.test(node.initializer.getText());
}

// A field of an instance with a plain name and a value.
function isAssigned(node) {
  if (node.kind !== K.PropertyDeclaration || !node.initializer || ts.getDecorators(node)) return false;
  return node.name.kind === K.Identifier && !(ts.getSyntacticModifierFlags(node) & (ts.ModifierFlags.Static | ts.ModifierFlags.Accessor));
}

// A field without a value: of an instance, with a plain name.
function isField(node) {
  if (node.kind !== K.PropertyDeclaration || node.initializer || ts.getDecorators(node)) return false;
  if (![K.Identifier, K.StringLiteral].includes(node.name.kind)) return false;
  const flags = ts.ModifierFlags.Ambient | ts.ModifierFlags.Abstract | ts.ModifierFlags.Static | ts.ModifierFlags.Accessor;
  return !(ts.getSyntacticModifierFlags(node) & flags);
}
