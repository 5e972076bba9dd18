// What stands for a module, or for what one gives: calls of the bundlers' functions, and `exports` of CommonJS.

class Required extends Scopes {
  // What the helpers of rollup give: the default export of a module, or the module as a whole.
  ofHelper(kind, args) {
    if (kind === "merged") {
      const both = args.length === 2 && args[1].kind === K.ArrayLiteralExpression && args[1].elements.length === 1 ? this.moduleOf(args[1].elements[0]) : undefined;
      return both && this.frozenParts(args[0], both) ? both : undefined;
    }
    const origin = args.length === 1 ? this.moduleOf(args[0]) : undefined;
    return origin?.name === "*" && kind === "defaultOf" ? { ...origin, name: "default" } : origin;
  }

  // { __proto__: null, default: x }, where x is the default export of a module, or the module as a whole.
  frozenParts(node, { specifier, ref }) {
    node = bare(node);
    return node.kind === K.ObjectLiteralExpression && node.properties.every((one) => {
      if (one.kind !== K.PropertyAssignment || (one.name.text === "__proto__" && bare(one.initializer).kind === K.NullKeyword)) return one.kind === K.PropertyAssignment;
      const value = bare(one.initializer);
      if (one.name.text !== "default" || value.kind !== K.Identifier) return false;
      const { kind, first, second } = this.refs[this.of(value)] ?? {};
      return (second === "*" || second === "default") && (ref === undefined ? kind === IMPORTED && first === specifier : kind === WRAPPED && first === ref);
    });
  }

  // var x = require$$0, which rollup makes of `var x = require("./x")`.
  aliased(node) {
    node = bare(node);
    if (!this.inBundle || node.kind !== K.Identifier || !REQUIRED.test(node.text)) return undefined;
    const symbol = this.symbol(node.escapedText);
    if (symbol === undefined || this.parameters.has(symbol)) return undefined;
    return this.moduleOf(node) ?? { alias: this.ofSymbol(symbol) };
  }

  // createRequire(import.meta.url)("x"), __webpack_require__.n(x)()
  requiredByCall(callee, given) {
    if (given.length === 1 && ts.isStringLiteralLike(given[0]) && this.createsRequire(callee)) return { specifier: given[0].text, name: "*" };
    if (given.length || callee.arguments.length !== 1 || !this.isRuntime(callee.expression, "n")) return undefined;
    const origin = this.moduleOf(callee.arguments[0]);
    return origin?.name === "*" ? { ...origin, name: "default" } : undefined;
  }

  // What a require function of webpack gives for the number of a module.
  requiredById(runtime, node) {
    const id = ts.isStringLiteralLike(node) || node.kind === K.NumericLiteral ? idOf(node) : undefined;
    if (id === undefined) return undefined;
    this.helper(runtime.root);
    return this.external(runtime, id) ?? { ref: this.keyed(`webpack${id}`, LOCAL, `webpack:${id}`, "", NONE), name: "*" };
  }

  // What stays outside of a bundle, where a module of webpack is nothing else: `module.exports = require("x")`.
  external(runtime, id) {
    const module = runtime.modules.get(id);
    return module && this.externalOf(module, runtime.stack);
  }

  externalOf(module, around = module?.stack) {
    if (module && module.external === undefined) {
      const { stack } = this;
      this.stack = [...around];
      this.enter(module.body);
      const only = onlyStatement(module.body);
      const assigned = only?.kind === K.BinaryExpression && only.operatorToken.kind === K.EqualsToken && isWhole(only.left, this);
      const origin = assigned ? this.moduleOf(only.right) : undefined;
      module.external = origin?.specifier ? origin : null;
      this.stack = stack;
    }
    return module?.external ?? undefined;
  }

  // The module that an expression stands for as a whole: what `required` says, or a name for it.
  moduleOf(node) {
    node = bare(node);
    if (node.kind !== K.Identifier) return this.required(node);
    const symbol = this.symbol(node.escapedText);
    if (symbol === undefined || this.parameters.has(symbol)) return undefined;
    const { kind, first, second } = this.refs[this.ofSymbol(symbol)];
    if (second !== "*") return undefined;
    return kind === IMPORTED ? { specifier: first, name: "*" } : kind === WRAPPED ? { ref: first, name: "*" } : undefined;
  }

  // The module whose default export a function gives: `var x_default = __webpack_require__.n(x)`.
  getter(symbol) {
    if (!symbol || !this.runtimes.size) return undefined;
    if (!this.getters.has(symbol)) {
      this.getters.set(symbol, undefined);
      const declaration = symbol.declarations?.length === 1 ? symbol.declarations[0] : undefined;
      const call = declaration?.kind === K.VariableDeclaration && declaration.initializer && bare(declaration.initializer);
      if (call && call.kind === K.CallExpression && call.arguments.length === 1 && this.isRuntime(call.expression, "n")) {
        const origin = this.moduleOf(call.arguments[0]);
        if (origin?.name === "*") this.getters.set(symbol, origin);
      }
    }
    return this.getters.get(symbol);
  }

  // Whether an expression is `__webpack_require__.name`.
  isRuntime(node, name) {
    node = bare(node);
    if (node.kind !== K.PropertyAccessExpression || node.name.text !== name || node.questionDotToken || node.expression.kind !== K.Identifier) return false;
    const runtime = this.runtimes.get(this.symbol(node.expression.escapedText));
    if (runtime) this.helper(runtime.root);
    return Boolean(runtime);
  }

  // Whether a name is the variable that webpack assigns to what a module gives and nobody uses.
  isUnused(identifier) {
    const symbol = this.within?.own !== undefined && /^__(?:webpack_unused_export__|rspack_unused_export)$/.test(identifier.text) ? this.symbol(identifier.escapedText) : undefined;
    return symbol !== undefined && symbol.declarations.length === 1 && symbol.declarations[0].kind === K.VariableDeclaration && !symbol.declarations[0].initializer;
  }

  // Whether a name is rollup's for what `global` is.
  isGlobal(identifier) {
    const symbol = this.helpers.size ? this.symbol(identifier.escapedText) : undefined;
    return symbol !== undefined && this.helpers.get(symbol) === "global" && Boolean(this.helper(symbol));
  }

  // The module of `kept || (kept = __webpack_require__.t(x, 2))`, which is x as a whole.
  keptWhole({ left, right }) {
    const name = bare(left);
    const made = bare(right);
    if (!this.runtimes.size || name.kind !== K.Identifier || made.kind !== K.BinaryExpression || made.operatorToken.kind !== K.EqualsToken) return undefined;
    const call = bare(made.right);
    if (made.left.kind !== K.Identifier || made.left.escapedText !== name.escapedText || call.kind !== K.CallExpression || call.arguments.length !== 2 || !isId(call.arguments[1])) return undefined;
    if (!isEmptyVariable(this.symbol(name.escapedText))) return undefined;
    return this.isRuntime(call.expression, "t") ? this.moduleOf(call.arguments[0]) : undefined;
  }

  isOpaque(symbol) {
    return this.opaque.has(symbol) || this.getter(symbol) !== undefined;
  }

  // Whether an identifier, wherever it stands, is `name`, which every CommonJS module is given.
  means(identifier, name) {
    for (let node = identifier.parent; node; node = node.parent) {
      const symbol = node.locals?.get(identifier.escapedText);
      if (symbol !== undefined && symbol.flags & VALUE && symbol.declarations?.some(declares)) return this.parameters.get(symbol) === name;
    }
    return identifier.escapedText === name;
  }

  // Whether an expression is `name`, which every CommonJS module is given.
  isGiven(node, name) {
    if (node.kind !== K.Identifier) return false;
    const given = this.given(node);
    return given === undefined ? node.escapedText === name && this.symbol(name) === undefined : given === name;
  }

  // Whether an expression is the object of what a CommonJS module gives: `exports`, and `module.exports` as long as the
  // module never makes another one of it.
  isExports(node) {
    node = bare(node);
    if (this.isGiven(node, "exports")) return true;
    return node.kind === K.PropertyAccessExpression && node.name.text === "exports" && !node.questionDotToken && this.isGiven(bare(node.expression), "module") && this.keepsExports();
  }

  keepsExports() {
    const holder = this.within ?? this;
    holder.single ??= !(this.within?.parts ?? [this.within?.body.body ?? this.file]).some((one) => replacesExports(one, this));
    return holder.single;
  }

  // The reference that `exports.name` is.
  givenMember(name) {
    const wrapper = this.within?.ref ?? -1;
    return this.keyed(`g${wrapper}\n${name}`, GIVEN, name, wrapper, NONE);
  }
}

// Whether `module` is anything else in a module than the beginning of `module.exports.name`.
function replacesExports(top, scopes) {
  const isModule = (node) => node.kind === K.Identifier && scopes.means(node, "module");
  const replaced = (node) => {
    if (node.kind === K.PropertyAccessExpression && isExportsOf(node.expression)) return false;
    if (node.kind === K.Identifier) return !isName(node) && isModule(node);
    return Boolean(ts.forEachChild(node, replaced));
  };
  const isExportsOf = (node) => node.kind === K.PropertyAccessExpression && node.name.text === "exports" && isModule(node.expression);
  return replaced(top);
}

// Whether an identifier is only the name of a member.
const isName = (node) => (node.parent.kind === K.PropertyAccessExpression || node.parent.kind === K.PropertyAssignment) && node.parent.name === node;
