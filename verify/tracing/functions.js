// Objects, functions and their parameters as tokens.

class Functions extends Expressions {
  object(node) {
    const { units } = this;
    units.op(node.kind);
    if (this.chunks?.has(node)) return units.op(END);
    for (const member of node.properties) {
      switch (member.kind) {
        case K.ShorthandPropertyAssignment:
          this.word(member.name.text, member);
          units.text(PROPERTY, member.name.text);
          this.identifier(member.name);
          if (member.objectAssignmentInitializer) {
            units.op(K.EqualsToken);
            this.expression(member.objectAssignmentInitializer);
          }
          break;
        case K.PropertyAssignment:
          if (member.name.kind !== K.ComputedPropertyName && member.name.text === "__proto__") units.op(PROTO);
          this.propertyName(member.name);
          this.expression(member.initializer);
          break;
        case K.SpreadAssignment:
          units.op(K.SpreadElement);
          this.expression(member.expression);
          break;
        default:
          this.unit(member, () => this.method(member));
      }
    }
    units.op(END);
  }

  propertyName(name) {
    const { units } = this;
    if (name.kind === K.PrivateIdentifier) {
      units.op(PRIVATE);
      return this.privateName(name);
    }
    if (name.kind === K.ComputedPropertyName) {
      const text = this.constant(name.expression);
      if (text === undefined) {
        units.op(COMPUTED);
        return this.expression(name.expression);
      }
      this.word(text, name);
      return units.text(PROPERTY, text);
    }
    const text = name.kind === K.NumericLiteral ? String(Number(name.text)) : name.text;
    this.word(text, name);
    return units.text(PROPERTY, text);
  }

  method(node) {
    const { units } = this;
    units.op(node.kind);
    this.modifiers(node);
    if (node.name) this.propertyName(node.name);
    this.funcParts(node);
  }

  modifiers(node) {
    const flags = ts.getSyntacticModifierFlags(node);
    if (flags & ts.ModifierFlags.Static) this.units.op(STATIC);
    if (flags & ts.ModifierFlags.Async) this.units.op(ASYNC);
    if (flags & ts.ModifierFlags.Accessor) this.units.op(K.AccessorKeyword);
    if (node.asteriskToken) this.units.op(GENERATOR);
  }

  // The name of a function expression is only there for the function itself: what matters is where it is used.
  func(node) {
    this.units.op(node.kind === K.ArrowFunction ? ARROW : FUNCTION);
    this.modifiers(node);
    const named = node.kind === K.FunctionExpression && this.scopes.enterName(node);
    this.funcParts(node);
    this.scopes.leave(named);
  }

  funcParts(node) {
    const { scopes, units } = this;
    const entered = scopes.enter(node);
    const { labels, outside } = this;
    this.labels = [];
    if (node.kind !== K.ArrowFunction) this.outside = false;
    const own = [];
    for (const parameter of node.parameters) {
      if (parameter.name.kind === K.Identifier && parameter.name.escapedText === "this") continue;
      if (parameter.dotDotDotToken) units.op(REST);
      this.bindingName(parameter.name);
      this.initializer(parameter);
      if (ts.isParameterPropertyDeclaration(parameter, node)) own.push(parameter.name);
    }
    units.op(END);
    this.body(node.body, own);
    this.labels = labels;
    this.outside = outside;
    scopes.leave(entered);
  }

  body(body, properties) {
    const { units } = this;
    units.op(BODY);
    if (body.kind !== K.Block) {
      units.begin(body, this.start(body), body.end, STATEMENT);
      units.op(K.ReturnStatement);
      this.expression(body);
      units.end();
    } else {
      const builds = body.parent.kind === K.Constructor;
      let pending = properties.length > 0 || (builds && this.assigned?.length > 0);
      const first = body.statements.findIndex((one) => one.kind === K.ExpressionStatement && one.expression.kind === K.CallExpression && one.expression.expression.kind === K.SuperKeyword);
      body.statements.forEach((statement, index) => {
        if (pending && index > first) {
          this.assignProperties(properties);
          if (builds) this.assignFields();
          pending = false;
        }
        this.statement(statement);
      });
      if (pending) {
        this.assignProperties(properties);
        if (builds) this.assignFields();
      }
    }
    units.op(END);
  }

  // constructor(private a) {} assigns a to this.a before anything else, or after super().
  assignProperties(names) {
    const { units } = this;
    for (const name of names) {
      units.begin(name, this.start(name), name.end);
      units.op(K.ExpressionStatement);
      units.op(K.BinaryExpression);
      units.op(K.EqualsToken);
      units.text(MEMBER, name.text);
      units.op(K.ThisKeyword);
      this.identifier(name);
      units.end();
    }
  }

  initializer(node) {
    if (!node.initializer) return;
    this.units.op(K.EqualsToken);
    this.expression(node.initializer);
  }

  bindingName(name) {
    const { units } = this;
    if (name.kind === K.Identifier) return this.identifier(name);
    units.op(name.kind);
    for (const element of name.elements) {
      if (element.kind === K.OmittedExpression) {
        units.op(element.kind);
        continue;
      }
      if (element.dotDotDotToken) units.op(REST);
      else if (name.kind === K.ObjectBindingPattern) this.propertyName(element.propertyName ?? element.name);
      this.bindingName(element.name);
      this.initializer(element);
    }
    return units.op(END);
  }
}
