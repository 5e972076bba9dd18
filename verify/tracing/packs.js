// How modules of webpack are written, and what its runtime does around them.

// null && (value)
const isDropped = (node) => node.kind === K.BinaryExpression && node.operatorToken.kind === K.AmpersandAmpersandToken && bare(node.left).kind === K.NullKeyword;

// Whether a variable is `{}`, or has no value, before anything is put into it.
function isEmptyAtFirst(symbol) {
  const [only] = symbol.declarations;
  return symbol.declarations.length === 1 && only.kind === K.VariableDeclaration && (!only.initializer || isEmptyObject(only.initializer));
}

class Packs extends Webpack {
  // {member, arguments} of a call of `__webpack_require__.member`.
  runtimeCall(node) {
    if (node.kind !== K.CallExpression || node.questionDotToken) return undefined;
    const callee = bare(node.expression);
    if (callee.kind !== K.PropertyAccessExpression || callee.questionDotToken || callee.expression.kind !== K.Identifier) return undefined;
    const runtime = this.scopes.runtimes.get(this.scopes.symbol(callee.expression.escapedText));
    return runtime && { member: callee.name.text, arguments: node.arguments, runtime };
  }

  // What stands for the object that a module gives its names with: its `exports`, or one that is only a table.
  holderOf(node) {
    const holder = node && bare(node);
    if (holder?.kind !== K.Identifier) return -1;
    if (this.scopes.given(holder) === "exports") return this.scopes.within.ref;
    return this.isTable(holder) && isEmptyAtFirst(this.scopes.symbol(holder.escapedText)) ? this.scopes.of(holder) : -1;
  }

  // Writes a statement that only the bundler needs; returns whether it is one.
  runtimeStatement(node, value) {
    const { scopes } = this;
    if (this.packs.has(value)) return this.pack(value, this.packs.get(value));
    const call = this.runtimeCall(value);
    if (call?.member === "r" && call.arguments.length === 1) {
      if (this.holderOf(call.arguments[0]) < 0) return false;
    } else if (call?.member === "d" && (call.arguments.length === 2 || call.arguments.length === 3)) {
      return this.runtimeTable(node, call);
    } else if (isAwaited(value, this) || (!this.caches.has(value) && !this.isDecorated(value) && !this.isPassedOn(value) && !this.isUnused(value) && !this.isNaming(value))) {
      if (isAwaited(value, this)) return Boolean(this.glue(node, START)) || true;
      return false;
    }
    if (call) scopes.helper(call.runtime.root);
    this.glue(node, EXPORTS);
    return true;
  }

  // __webpack_require__.d(exports, { name: () => value }, { name: value })
  runtimeTable(node, { arguments: [first, ...both], runtime }) {
    const { scopes } = this;
    const holder = this.holderOf(first);
    const tables = both.map(bare);
    if (holder < 0 || !tables.every(({ kind }) => kind === K.ObjectLiteralExpression)) return false;
    const refs = [holder];
    const names = [];
    for (const entry of tables.flatMap((table) => [...table.properties])) {
      const given = entry.kind === K.PropertyAssignment && (entry.parent === tables[1] ? entry.initializer : getterOf(entry.initializer));
      const ref = given && entry.name.kind !== K.ComputedPropertyName ? this.referenceOf(given) : -1;
      if (ref < 0) return false;
      names.push(entry.name.text);
      refs.push(ref);
    }
    scopes.helper(runtime.root);
    if (scopes.given(bare(first)) === undefined) this.renaming.push(holder);
    this.tables.push([this.glue(node, EXPORTS, refs), names]);
    return true;
  }

  // The reference that an expression is as a whole, else -1.
  referenceOf(node) {
    const { scopes } = this;
    node = bare(node);
    if (node.kind === K.Identifier) return scopes.of(node);
    if (node.kind === K.PropertyAccessExpression && !node.questionDotToken) return scopes.member(node.expression, node.name.text);
    const origin = scopes.required(node);
    return origin ? scopes.refOf(origin) : -1;
  }

  // module = __webpack_require__.nmd(module)
  isDecorated(value) {
    const name = assignedName(value);
    const call = name && this.runtimeCall(bare(value.right));
    return Boolean(call) && (call.member === "nmd" || call.member === "hmd") && this.scopes.isGiven(name, "module") && call.arguments.length === 1 && this.scopes.isGiven(bare(call.arguments[0]), "module");
  }

  // __webpack_unused_export__ = { value: true }, for a mark that nobody looks at.
  isUnused(value) {
    const name = assignedName(value);
    const marked = name && this.scopes.isUnused(name) && bare(value.right);
    if (!marked || marked.kind !== K.ObjectLiteralExpression || marked.properties.length !== 1) return false;
    const [{ kind, name: member, initializer }] = marked.properties;
    return kind === K.PropertyAssignment && member.text === "value" && initializer.kind === K.TrueKeyword;
  }

  // What names the files of further modules, all of which are beside this one: (id) => id + ".index.js".
  isNaming(value) {
    const outer = outerCall(value);
    const only = outer?.body.statements.length === 1 && outer.body.statements[0].kind === K.ExpressionStatement ? bare(outer.body.statements[0].expression) : value;
    if (only.kind !== K.BinaryExpression || only.operatorToken.kind !== K.EqualsToken || !this.scopes.isRuntime(only.left, "u")) return false;
    const given = bare(only.right);
    if (given.kind !== K.ArrowFunction || given.parameters.length !== 1 || !isPlain(given.parameters[0])) return false;
    const id = given.parameters[0].name.escapedText;
    const parts = [];
    for (let left = returned(given); left; left = left.kind === K.BinaryExpression && left.operatorToken.kind === K.PlusToken ? bare(left.left) : undefined) {
      parts.push(left.kind === K.BinaryExpression ? bare(left.right) : left);
    }
    const isPlainName = (part) => (part.kind === K.Identifier ? part.escapedText === id : ts.isStringLiteralLike(part) && /^[\w.-]*$/.test(part.text) && !part.text.startsWith(".."));
    return parts.length > 1 && parts.every(isPlainName) && /\.[cm]?js$/.test(parts[0].text);
  }

  // exports.name = __webpack_exports__.name, module.exports = __webpack_exports__: what the bundle gives in the end.
  isPassedOn(value) {
    const { scopes } = this;
    if (scopes.within?.ref !== undefined || value.kind !== K.BinaryExpression || value.operatorToken.kind !== K.EqualsToken) return false;
    const left = bare(value.left);
    if (left.kind !== K.PropertyAccessExpression || left.questionDotToken || !scopes.runtimes.size) return false;
    const whole = left.name.text === "exports" && scopes.isGiven(bare(left.expression), "module");
    if (!whole && !scopes.isGiven(bare(left.expression), "exports")) return false;
    const right = bare(value.right);
    if (whole && right.kind === K.Identifier) return this.isTable(right) || Boolean(scopes.moduleOf(right));
    if (right.kind !== K.PropertyAccessExpression || right.expression.kind !== K.Identifier) return false;
    const given = scopes.tables.get(scopes.symbol(right.expression.escapedText))?.get(right.name.text);
    const ref = given ? this.referenceOf(given) : -1;
    if (ref >= 0) this.exported.push([left.name.text, ref]);
    return ref >= 0;
  }

  // What gives a bundle's names, one after the other, to whoever requires it.
  isPassing(node) {
    if (node.end - node.pos > MAX_RUNTIME || this.scopes.within?.ref !== undefined || !/__webpack_/.test(node.getText(this.file))) return false;
    const found = PASSING.map((pattern) => pattern.exec(compact(node.getText(this.file)))).find(Boolean);
    const table = found?.groups?.table;
    return Boolean(found) && (table === undefined || this.tabled.has(this.scopes.symbol(ts.escapeLeadingUnderscores(table))));
  }

  // A variable that only the bundler needs; returns whether it is one.
  runtimeVariable(node, value) {
    const runtime = this.packs.get(node);
    if (runtime) return this.pack(node, runtime);
    const call = this.runtimeCall(value);
    const empty = value.kind === K.ObjectLiteralExpression && !value.properties.length;
    if (call?.member === "cw" && this.scopes.wrappers.has(this.scopes.symbol(node.name.escapedText))) {
      this.scopes.helper(call.runtime.root);
      return this.packed({ node, body: bare(call.arguments[0]), ref: this.scopes.of(node.name) }, call.runtime);
    }
    if (this.caches.has(node) && !empty) return Boolean(this.glue(node, EXPORTS)) || true;
    if (!(empty && (this.caches.has(node) || this.isTable(node.name))) && !this.scopes.getter(this.scopes.symbol(node.name.escapedText))) return false;
    if (call) this.scopes.helper(call.runtime.root);
    this.glue(node, EXPORTS, this.caches.has(node) ? [] : [this.scopes.of(node.name)]);
    return true;
  }

  pack(node, runtime) {
    const { units } = this;
    this.scopes.helper(runtime.root);
    const unit = this.glue(node, WRAPPER);
    const inside = units.list.length;
    for (const { id, member, body, ref } of runtime.modules.values()) this.packed({ id, node: member, body, ref }, runtime);
    for (const member of runtime.members) {
      // What is no function of a module is nobody's.
      if (![...runtime.modules.values()].some((one) => one.member === member)) this.top(member, () => units.text(GLOBAL, RUNTIME));
    }
    for (let i = inside; i < units.list.length; i++) if (units.list[i].parent < 0) units.list[i].parent = unit;
    return true;
  }

  packed({ id, node, body, ref }, runtime) {
    const unit = this.glue(node, WRAPPER, [ref]);
    const external = id === undefined ? this.scopes.externalOf(this.scopes.lazy.get(this.scopes.symbol(node.name.escapedText))) : this.scopes.external(runtime, id);
    if (external) {
      this.specifier(external.specifier, node);
      if (id !== undefined) this.externals.push([`webpack:${id}`, external.specifier]);
      return true;
    }
    this.renaming.push(ref);
    if (id !== undefined && /\.(?:[cm]?[jt]sx?|json)$/.test(id)) this.labels_.push([this.start(node), id, node.end]);
    else this.unlabelled = true;
    this.closed.push([this.start(node), node.end]);
    const own = runtime.own && body.kind !== K.ArrowFunction;
    this.inside(unit, { ref, body, own }, () => {
      const data = jsonOf(body, this.scopes);
      if (data) return this.packedData(body, data);
      if (body.body.kind !== K.Block) return this.moduleExpression(body.body);
      const later = this.awaiting(body);
      return later ? this.awaited(later) : this.module(body.body.statements);
    });
    return true;
  }

  // The statements of a module that awaits something at its top, and the functions around them:
  // `__webpack_require__.a(module, async (start, done) => { try { …; done(); } catch (e) { done(e); } })`.
  awaiting(body) {
    const statements = body.body.statements?.filter((one) => !isNothing(one) && !(one.kind === K.VariableStatement && declarations(one).every(({ initializer }) => !initializer))) ?? [];
    const call = statements.length === 1 && statements[0].kind === K.ExpressionStatement ? this.runtimeCall(bare(statements[0].expression)) : undefined;
    const [first, made, ...marks] = call?.arguments ?? [];
    if (call?.member !== "a" || !first || !made || !this.scopes.isGiven(bare(first), "module") || marks.some((mark) => mark.kind !== K.NumericLiteral)) return undefined;
    const run = bare(made);
    if ((run.kind !== K.ArrowFunction && run.kind !== K.FunctionExpression) || run.body.kind !== K.Block || run.asteriskToken || run.parameters.length > 3 || !run.parameters.every(isPlain)) return undefined;
    const [attempt] = run.body.statements;
    const failed = attempt?.kind === K.TryStatement && !attempt.finallyBlock ? attempt.catchClause : undefined;
    const inside = attempt?.tryBlock?.statements ?? [];
    const done = run.parameters[1]?.name.escapedText;
    const isDone = (one, names) => {
      const called = one?.kind === K.ExpressionStatement ? bare(one.expression) : undefined;
      return called?.kind === K.CallExpression && isNamed(called.expression, done) && called.arguments.length === names.length && names.every((name, index) => isNamed(called.arguments[index], name));
    };
    const error = failed?.variableDeclaration?.name.escapedText;
    if (!failed || done === undefined || run.body.statements.length !== 1 || failed.block.statements.length !== 1) return undefined;
    if (!isDone(failed.block.statements[0], [error]) || !isDone(inside[inside.length - 1], [])) return undefined;
    this.scopes.helper(call.runtime.root);
    return { run, block: attempt.tryBlock, start: run.parameters[0].name.escapedText, statements: inside.slice(0, -1) };
  }

  // Everything in them is at the top of the module.
  awaited({ run, block, start, statements }) {
    const { scopes } = this;
    const around = scopes.within;
    scopes.modules.add(run).add(block);
    const entered = [scopes.enter(run), scopes.enter(block)];
    this.prepareParts(statements, [...scopes.runtimes.values()][0]);
    const lists = new Map();
    for (const statement of statements) {
      if (isDependencies(statement.getText(this.file), ts.unescapeLeadingUnderscores(start), lists)) this.glue(statement, START);
      else this.moduleStatement(statement);
    }
    for (const one of entered) scopes.leave(one);
    scopes.within = around;
  }

  // module.exports = JSON.parse("…")
  packedData(body, { value, node }) {
    const { units } = this;
    this.top(node, () => {
      units.op(K.ExpressionStatement);
      units.op(K.BinaryExpression);
      units.op(K.EqualsToken);
      units.text(MEMBER, "exports");
      units.text(GLOBAL, "module");
      this.json(value, node);
    });
  }

  // Writes data as if it stood there as a literal.
  json(value, node) {
    const { units } = this;
    if (typeof value === "string") return this.string(value, node);
    if (typeof value === "number") {
      if (value < 0 || Object.is(value, -0)) {
        units.op(K.PrefixUnaryExpression);
        units.op(K.MinusToken);
      }
      return units.text(NUMBER, String(Math.abs(value)));
    }
    if (value === null) return units.op(K.NullKeyword);
    if (typeof value === "boolean") return units.op(value ? TRUE : FALSE);
    if (Array.isArray(value)) {
      units.op(K.ArrayLiteralExpression);
      for (const one of value) this.json(one, node);
      return units.op(END);
    }
    return this.unit(node, () => {
      units.op(K.ObjectLiteralExpression);
      for (const [name, one] of Object.entries(value)) {
        if (name === "__proto__") units.op(PROTO);
        this.word(name, node);
        units.text(PROPERTY, name);
        this.json(one, node);
      }
      units.op(END);
    });
  }

  // import() of a module of the bundle: a promise of what `__webpack_require__` gives, after its file was loaded.
  importedLater(node) {
    const { scopes } = this;
    const found = super.importedLater(node);
    const callee = bare(node.expression);
    if (found >= 0 || !scopes.runtimes.size || callee.kind !== K.PropertyAccessExpression || callee.name.text !== "then" || node.arguments.length !== 1 || node.questionDotToken || callee.questionDotToken) return found;
    if (!isResolved(callee, scopes) && !this.isLoading(bare(callee.expression))) return -1;
    const given = bare(node.arguments[0]);
    let origin = getterOf(given);
    if (origin) {
      const typed = this.runtimeCall(origin);
      if (typed) return typed.member === "t" && typed.arguments.length === 2 && isId(typed.arguments[1]) ? this.refOfId(typed.runtime, typed.arguments[0]) : -1;
      const called = origin.kind === K.CallExpression && bare(origin.expression);
      origin = called?.kind === K.Identifier && scopes.runtimes.has(scopes.symbol(called.escapedText)) ? scopes.required(origin) : undefined;
    } else {
      origin = this.boundRequire(given);
    }
    return origin && origin.name === "*" ? scopes.refOf(origin) : -1;
  }

  refOfId(runtime, id) {
    const origin = this.scopes.requiredById(runtime, id);
    return origin ? this.scopes.refOf(origin) : -1;
  }

  // __webpack_require__.bind(__webpack_require__, 1), __webpack_require__.t.bind(__webpack_require__, 1, 23)
  boundRequire(node) {
    const { scopes } = this;
    if (node.kind !== K.CallExpression || node.expression.kind !== K.PropertyAccessExpression || node.expression.name.text !== "bind") return undefined;
    let called = node.expression.expression;
    const whole = called.kind === K.PropertyAccessExpression && called.name.text === "t";
    if (whole) called = called.expression;
    const [self, id, mode] = node.arguments;
    if (called.kind !== K.Identifier || self?.kind !== K.Identifier || self.escapedText !== called.escapedText || node.arguments.length > 3) return undefined;
    if (mode && (!whole || mode.kind !== K.NumericLiteral)) return undefined;
    const runtime = scopes.runtimes.get(scopes.symbol(called.escapedText));
    return runtime && id && scopes.requiredById(runtime, id);
  }

  // __webpack_require__.e(1), Promise.all([__webpack_require__.e(1), …])
  isLoading(node) {
    const call = this.runtimeCall(node);
    if (call) return call.member === "e" && call.arguments.every((one) => isId(one) && !/^[/\\]|\.\.|:/.test(one.text));
    if (node.kind !== K.CallExpression || node.arguments.length !== 1 || node.arguments[0].kind !== K.ArrayLiteralExpression) return false;
    const { expression } = node;
    const all = expression.kind === K.PropertyAccessExpression && expression.name.text === "all" && expression.expression.kind === K.Identifier && expression.expression.escapedText === "Promise" && this.scopes.of(expression.expression) < 0;
    return all && node.arguments[0].elements.every((one) => this.isLoading(bare(one)));
  }
}
