// What a CommonJS module gives, name by name.

class Given extends Strings {
  // Whether an expression is `module` or `exports` where they are objects: what bundlers make of `typeof module`.
  isGivenObject(node) {
    node = bare(node);
    if (node.kind !== K.Identifier || (this.inBundle ? this.scopes.within?.ref === undefined : this.file.externalModuleIndicator)) return false;
    return this.scopes.isGiven(node, "module") || this.scopes.isGiven(node, "exports");
  }

  // What a comparison of two known texts comes to, or nothing.
  compared({ left, operatorToken, right }) {
    const equal = operatorToken.kind === K.EqualsEqualsToken || operatorToken.kind === K.EqualsEqualsEqualsToken;
    if (!equal && operatorToken.kind !== K.ExclamationEqualsToken && operatorToken.kind !== K.ExclamationEqualsEqualsToken) return undefined;
    const [first, second] = [left, right].map((one) => this.knownText(bare(one)));
    return first === undefined || second === undefined ? undefined : (first === second) === equal;
  }

  knownText(node) {
    if (node.kind === K.TypeOfExpression) return this.isGivenObject(node.expression) ? "object" : undefined;
    return ts.isStringLiteralLike(node) ? node.text : undefined;
  }

  // Whether a condition always comes to the same, and to what.
  known(node) {
    node = bare(node);
    if (node.kind === K.TrueKeyword || node.kind === K.FalseKeyword) return node.kind === K.TrueKeyword;
    if (node.kind !== K.BinaryExpression) return undefined;
    if (node.operatorToken.kind !== K.AmpersandAmpersandToken) return this.compared(node);
    const left = this.known(node.left);
    return left === true ? this.known(node.right) : left;
  }

  // Where it is known which side of a condition runs, the other one does not matter.
  conditional(node) {
    const known = this.known(node.condition);
    this.units.op(node.kind);
    if (known !== undefined) {
      this.units.op(END); // no condition begins so
      this.units.op(known ? TRUE : FALSE);
      return this.expression(known ? node.whenTrue : node.whenFalse);
    }
    const turned = this.condition(node.condition);
    this.expression(turned ? node.whenFalse : node.whenTrue);
    return this.expression(turned ? node.whenTrue : node.whenFalse);
  }

  // Whether an expression is what a CommonJS module gives: `exports`, or `this` outside of functions.
  isGivenMember(node) {
    node = bare(node);
    if (node.kind !== K.ThisKeyword) return this.scopes.isExports(node);
    return this.outside && (this.inBundle ? Boolean(this.scopes.within?.own) : !this.file.externalModuleIndicator);
  }

  // Object.defineProperty(exports, "name", …), which gives a name like any other way to do so.
  definesGiven({ expression, arguments: given }) {
    if (given.length !== 3 || expression.kind !== K.PropertyAccessExpression || expression.name.text !== "defineProperty") return false;
    const holder = expression.expression;
    const known = holder.kind === K.Identifier && holder.escapedText === "Object" && !this.scopes.symbol("Object");
    return known && ts.isStringLiteralLike(given[1]) && this.scopes.isExports(given[0]);
  }

  givenArguments([holder, name, description]) {
    this.word(name.text, name);
    this.expression(holder);
    this.units.ref(this.scopes.givenMember(name.text));
    this.expression(description);
    this.units.op(END);
  }
}
