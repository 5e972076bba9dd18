// The statements of modules, and what bundlers make of modules: wrappers, imports that became calls, tables of exports.

class Modules extends Rollup {
  constructor(...all) {
    super(...all);
    this.exported = []; // [name, reference]
    this.passed = []; // [name, specifier, name there]
    this.tables = []; // [unit, names]
    this.labels_ = [];
    this.renamed = new Set(); // what only gives a class its name again
    this.tabled = new Set(); // symbols of objects that a table of exports fills
    this.held = new Set(); // those of them that nothing else is put into
    this.dropped = []; // units whose value webpack left out, since nobody uses it
    this.renaming = []; // references of modules whose names webpack may have changed
    this.bindings = new Bindings(this.scopes);
  }

  file_() {
    if (!/\.[cm]?[jt]sx?$/.test(this.file.fileName)) return this.data();
    if (this.inBundle) this.prepare(this.file.statements);
    this.module(this.file.statements);
  }

  // Data is imported as a whole, or member by member: `import { version } from "./package.json"`.
  data() {
    const { units, scopes } = this;
    const [statement] = this.file.statements;
    if (this.file.statements.length !== 1 || statement.expression?.kind !== K.BinaryExpression) throw new Refusal("no data");
    const value = statement.expression.right;
    this.module(this.file.statements);
    const whole = scopes.standard();
    const named = [[whole, value, statement]];
    if (value.kind === K.ObjectLiteralExpression) {
      for (const member of value.properties) {
        if (member.kind !== K.PropertyAssignment || !member.name.text) continue;
        named.push([scopes.keyed(`d${member.name.text}`, LOCAL, member.name.text, "", NONE), member.initializer, member]);
      }
    }
    for (const [ref, part, node] of named) {
      this.exported.push([scopes.refs[ref].first, ref]);
      this.top(node, () => {
        units.op(VARIABLE);
        units.ref(ref);
        units.op(K.EqualsToken);
        this.expression(part);
      }, [ref]);
    }
  }

  module(statements) {
    for (const statement of statements) this.moduleStatement(statement);
  }

  // A statement of a module, and the references that it declares.
  top(node, write, defines = []) {
    this.units.begin(node, this.start(node), node.end, TOP);
    const unit = this.units.list[this.units.list.length - 1];
    unit.defines = defines;
    if (node.kind === K.FunctionDeclaration) unit.flags |= HOISTED;
    write();
    this.units.end();
    this.units.raw.length = 0; // nothing stands around it
  }

  namesOf(name) {
    if (name.kind === K.Identifier) return [this.scopes.of(name)];
    return name.elements.flatMap((element) => (element.name ? this.namesOf(element.name) : []));
  }

  // What no source can have.
  nobodys(node) {
    this.top(node, () => this.units.text(GLOBAL, RUNTIME));
  }

  glue(node, kind, refs) {
    return this.units.mark(this.start(node), node.end, kind, refs);
  }

  moduleStatement(node) {
    if (isNothing(node)) return;
    if (this.scopes.runtimes.size && this.isPassing(node)) return void this.glue(node, EXPORTS);
    if (node.kind === K.ReturnStatement && this.scopes.within?.flat) return this.nobodys(node);
    switch (node.kind) {
      case K.ImportDeclaration:
        if (!isTypeOnly(node)) this.imported(node, node.moduleSpecifier);
        return;
      case K.ImportEqualsDeclaration:
        if (node.moduleReference.kind === K.ExternalModuleReference) this.imported(node, node.moduleReference.expression);
        return;
      case K.ExportDeclaration:
        return this.exportDeclaration(node);
      case K.ExportAssignment:
        return this.exportAssignment(node);
      case K.VariableStatement:
        if (isAmbient(node)) return;
        for (const declaration of node.declarationList.declarations) {
          this.exportNames(node, declaration.name);
          this.moduleVariable(declaration, node.declarationList.flags);
        }
        return;
      case K.FunctionDeclaration:
        if (this.started.has(node)) return this.startedModule(node);
        return this.definition(node);
      case K.ClassDeclaration:
        return this.definition(node);
      case K.ExpressionStatement:
        return this.moduleExpression(node.expression);
      case K.ForStatement:
        return this.moduleLoop(node);
    }
    if (node.name?.kind === K.Identifier) this.exportNames(node, node.name);
    if (node.kind === K.EnumDeclaration && this.enumeration(node, node.name, declaredMembers(node))) return;
    const defines = node.name?.kind === K.Identifier ? [this.scopes.of(node.name)] : [];
    this.top(node, () => this.statementParts(node), defines);
  }

  // Minifiers move statements into the beginning of a loop.
  moduleLoop(node) {
    const start = node.initializer;
    const outside = start && !(start.flags & ts.NodeFlags.BlockScoped && start.kind === K.VariableDeclarationList);
    if (outside && start.kind === K.VariableDeclarationList) {
      for (const declaration of start.declarations) this.moduleVariable(declaration, start.flags);
    } else if (outside) {
      this.moduleExpression(start);
    }
    this.top(node, () => this.loop(node, outside ? null : start));
  }

  imported(node, specifier) {
    this.specifier(specifier.text, node);
    this.glue(node, IMPORT);
  }

  exportDeclaration(node) {
    if (node.isTypeOnly) return;
    const specifier = node.moduleSpecifier;
    if (specifier) this.imported(node, specifier);
    else this.glue(node, IMPORT);
    const clause = node.exportClause;
    if (!clause) this.passed.push(["*", specifier.text, "*"]);
    else if (clause.kind === K.NamespaceExport) this.passed.push([clause.name.text, specifier.text, "*"]);
    else {
      for (const { name, propertyName, isTypeOnly } of clause.elements) {
        const own = propertyName ?? name;
        if (isTypeOnly) continue;
        if (specifier) this.passed.push([name.text, specifier.text, own.text]);
        else if (own.kind === K.Identifier) this.exportRef(name.text, own);
      }
    }
  }

  exportRef(name, identifier) {
    const ref = this.scopes.of(identifier);
    if (ref < 0) return;
    this.exported.push([name, ref]);
    this.symbolsGiven.push([name, this.scopes.symbol(identifier.escapedText)]);
  }

  exportAssignment(node) {
    const { units, scopes } = this;
    const value = bare(node.expression);
    if (value.kind === K.Identifier) this.exportRef("default", value);
    else this.exported.push(["default", scopes.standard()]);
    if (this.inBundle && scopes.required(value)) return this.glue(node, IMPORT);
    return this.top(node, () => {
      if (node.isExportEquals) {
        units.op(K.ExpressionStatement);
        units.op(K.BinaryExpression);
        units.op(K.EqualsToken);
        units.text(MEMBER, "exports");
        units.text(GLOBAL, "module");
      } else {
        units.op(VARIABLE);
        units.ref(scopes.standard());
        units.op(K.EqualsToken);
      }
      this.expression(value);
    }, node.isExportEquals ? [] : [scopes.standard()]);
  }

  exportNames(node, name) {
    const flags = ts.getSyntacticModifierFlags(node);
    if (!(flags & ts.ModifierFlags.Export)) return;
    if (name.kind !== K.Identifier) {
      for (const element of name.elements) if (element.name) this.exportNames(node, element.name);
    } else {
      this.exportRef(flags & ts.ModifierFlags.Default ? "default" : name.text, name);
    }
  }

  definition(node) {
    const ref = node.name ? this.scopes.of(node.name) : this.scopes.standard();
    if (node.name) this.exportNames(node, node.name);
    else this.exported.push(["default", ref]);
    if (this.dropFields && node.kind === K.ClassDeclaration) this.lifted = node;
    if (node.name) this.bindings.declared(node.name, this.units.list.length);
    this.top(node, () => (node.kind === K.ClassDeclaration ? this.namedClass(node, ref) : this.functionDeclaration(node, ref)), [ref]);
    if (this.lifted === node) this.liftFields(node, ref);
  }

  // Where fields are assigned, static ones are so after their class.
  liftFields(node, ref) {
    const { units } = this;
    this.lifted = undefined;
    for (const member of node.members.filter(isLifted)) {
      units.begin(member, node.end, node.end, TOP); // it runs after the class is there
      units.op(K.ExpressionStatement);
      units.op(K.BinaryExpression);
      units.op(K.EqualsToken);
      units.text(MEMBER, member.name.text);
      units.ref(ref);
      this.expression(member.initializer);
      units.end();
      units.raw.length = 0;
    }
  }

  moduleVariable(node, flags) {
    const { scopes } = this;
    if (!node.initializer) return;
    const value = bare(node.initializer);
    if (node.name.kind === K.Identifier) {
      if (this.renamed.has(node)) return void this.glue(node, EXPORTS);
      const origin = scopes.required(value) ?? scopes.aliased(value);
      if (origin || scopes.createsRequire(value)) {
        if (origin?.specifier) this.specifier(origin.specifier, node);
        return void this.bindings.imported(node.name, this.glue(node, IMPORT), origin);
      }
      if (this.inBundle) {
        const wrapped = this.wrapped(value);
        if (wrapped) return this.wrapper(node, wrapped);
        if (scopes.runtimes.size && this.runtimeVariable(node, value)) return;
        if (this.holders.has(node)) return void this.glue(node, EXPORTS);
        if (this.isTable(node.name)) this.frozen(node, value);
        if (this.exportTable(node, value)) return;
        if (value.kind === K.ObjectLiteralExpression && !value.properties.length && this.isTable(node.name)) return void this.glue(node, EXPORTS);
        if (this.isTakenOver(node.name, value)) return this.nobodys(node);
      }
    }
    const outer = this.inBundle && this.mainCall(value);
    if (outer) return this.outer(node, outer);
    if (node.name.kind === K.Identifier && this.enumeration(node, node.name, this.returned(node.name, value))) return;
    this.bindings.declared(node.name, this.units.list.length);
    if (isDropped(value)) this.dropped.push(this.units.list.length);
    this.top(node, () => this.variable(node, flags), this.namesOf(node.name));
  }

  wrapper(node, { body, label }) {
    const { scopes } = this;
    const ref = scopes.of(node.name);
    const unit = this.glue(node, WRAPPER, [ref]);
    if (label !== undefined) this.labels_.push([this.start(node), label, node.end]);
    this.inside(unit, { ref, body }, () => {
      if (body.body.kind === K.Block) this.module(body.body.statements);
      else this.moduleExpression(body.body);
    });
  }

  outer(node, outer) {
    this.inside(this.glue(node, WRAPPER), { ref: this.scopes.within?.ref, body: outer, flat: true }, () => this.module(outer.body.statements));
  }

  // Writes what a function does that is a module, or has some in it: {ref, body, own, flat}.
  inside(unit, within, write) {
    const { units, scopes } = this;
    const around = scopes.within;
    scopes.within = within;
    const entered = scopes.enter(within.body);
    const inside = units.list.length;
    write();
    for (let i = inside; i < units.list.length; i++) if (units.list[i].parent < 0) units.list[i].parent = unit;
    scopes.leave(entered);
    scopes.within = around;
  }

  moduleExpression(node) {
    const { scopes, units } = this;
    const value = bare(node);
    const parts = sequence(value);
    if (parts.length > 1) {
      for (const part of parts) this.moduleExpression(part);
      return;
    }
    if (this.renamed.has(value)) return void this.glue(node, EXPORTS);
    const origin = scopes.required(value);
    if (origin || this.isStart(value)) {
      if (origin?.specifier) this.specifier(origin.specifier, node);
      return void this.glue(node, START);
    }
    if (this.inBundle && this.exportTable(node, value)) return;
    if (scopes.runtimes.size && this.runtimeStatement(node, value)) return;
    if (this.inBundle && this.givenInTheEnd(node, value)) return;
    const outer = this.inBundle && this.mainCall(value);
    if (outer) return this.outer(node, outer);
    if (this.enumeration(node, ...this.filled(value))) return;
    const assigned = assignedName(value);
    if (assigned && scopes.late.get(scopes.symbol(assigned.escapedText)) === bare(value.right)) {
      const late = scopes.required(value.right);
      if (late?.specifier) this.specifier(late.specifier, node);
      if (late) return void this.bindings.imported(assigned, this.glue(node, IMPORT), late);
    }
    if (assigned && this.isTakenOver(assigned, bare(value.right))) return this.nobodys(node);
    const ref = assigned && !scopes.isUnused(assigned) ? scopes.of(assigned) : -1;
    if (ref >= 0 && scopes.refs[ref].kind === LOCAL) {
      this.top(node, () => {
        units.op(VARIABLE);
        const right = bare(value.right);
        if (right.kind === K.ClassExpression) this.nameClass(right, value.left);
        units.ref(ref);
        units.op(K.EqualsToken);
        this.expression(right);
      }, [ref]);
    } else {
      this.top(node, () => {
        units.op(K.ExpressionStatement);
        this.expression(value);
      });
    }
  }

  // __export(x_exports, { name: () => value }): what a module gives as a whole.
  exportTable(node, value) {
    if (value.kind !== K.CallExpression || ![1, 2].includes(value.arguments.length)) return false;
    const callee = bare(value.expression);
    const symbol = callee.kind === K.Identifier ? this.scopes.symbol(callee.escapedText) : undefined;
    if (!symbol || this.scopes.helpers.get(symbol) !== "export") return false;
    this.scopes.helper(symbol);
    const table = bare(value.arguments[value.arguments.length - 1]);
    const holder = value.arguments.length > 1 ? bare(value.arguments[0]) : node.name;
    if (table.kind !== K.ObjectLiteralExpression || holder?.kind !== K.Identifier) return false;
    const names = [];
    const refs = [this.scopes.of(holder)];
    for (const entry of table.properties) {
      const given = entry.kind === K.PropertyAssignment && getterOf(entry.initializer);
      if (!given || entry.name.kind === K.ComputedPropertyName) return false;
      const ref = given.kind === K.Identifier ? this.scopes.of(given) : given.kind === K.PropertyAccessExpression ? this.scopes.member(given.expression, given.name.text) : -1;
      if (ref < 0) return false;
      names.push(entry.name.text);
      refs.push(ref);
    }
    this.tables.push([this.glue(node, EXPORTS, refs), names]);
    return true;
  }
}
