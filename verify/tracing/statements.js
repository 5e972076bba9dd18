// Statements as tokens.

class Statements extends Classes {
  // What follows if, for, while and so on: a block of one statement is that statement.
  branch(node) {
    if (node.kind === K.Block) return this.block(node);
    this.units.op(BODY);
    this.statement(node);
    return this.units.op(END);
  }

  block(node) {
    const entered = this.scopes.enter(node);
    this.units.op(BODY);
    for (const statement of node.statements) this.statement(statement);
    this.units.op(END);
    this.scopes.leave(entered);
  }

  statement(node) {
    if (++this.depth > MAX_DEPTH) throw new Refusal("nested too deeply");
    if (node.kind === K.VariableStatement) {
      if (!isAmbient(node)) this.variables(node.declarationList);
    } else if (node.kind === K.ExpressionStatement && !isNothing(node)) {
      // What is separated by commas is as if it were separated by semicolons.
      const parts = sequence(node.expression);
      for (const part of parts) this.unit(parts.length > 1 ? part : node, () => this.expressionStatement(part), STATEMENT);
    } else if (!isNothing(node)) {
      this.unit(node, () => this.statementParts(node), STATEMENT);
    }
    this.depth--;
  }

  variables(list) {
    for (const declaration of list.declarations) {
      const hoisted = this.hoisted(declaration, list.flags);
      if (hoisted < 0) this.unit(declaration, () => this.variable(declaration, list.flags), STATEMENT);
      else if (declaration.initializer) this.unit(declaration, () => this.assignment(hoisted, declaration.initializer), STATEMENT);
    }
  }

  // The reference of a `var` of the module that is declared deeper: it is as if it were declared outside and assigned.
  hoisted(declaration, flags) {
    if (flags & ts.NodeFlags.BlockScoped || declaration.name.kind !== K.Identifier) return -1;
    const ref = this.scopes.of(declaration.name);
    return ref >= 0 && this.scopes.refs[ref].kind === LOCAL ? ref : -1;
  }

  assignment(ref, value) {
    this.units.op(K.ExpressionStatement);
    this.units.op(K.BinaryExpression);
    this.units.op(K.EqualsToken);
    this.units.ref(ref);
    this.expression(value);
  }

  variable(node, flags) {
    const { units } = this;
    units.op(VARIABLE);
    if ((flags & ts.NodeFlags.BlockScoped) > ts.NodeFlags.Const) units.op((flags & ts.NodeFlags.BlockScoped) + 700);
    else if (!(flags & ts.NodeFlags.BlockScoped) && this.isInner(node.name)) units.op(K.VarKeyword);
    const value = node.initializer && bare(node.initializer);
    if (value?.kind === K.ClassExpression) this.nameClass(value, node.name);
    this.bindingName(node.name);
    this.initializer(node);
  }

  // In a function, what closures see of a `var` is not what they see of a `let`; of modules bundlers make either.
  isInner(name) {
    if (name.kind !== K.Identifier) return name.elements.some((element) => element.name && this.isInner(element.name));
    const ref = this.scopes.of(name);
    return ref >= 0 && this.scopes.refs[ref].kind === INNER;
  }

  statementParts(node) {
    const { scopes, units } = this;
    switch (node.kind) {
      case K.FunctionDeclaration:
        return this.functionDeclaration(node, scopes.of(node.name));
      case K.ClassDeclaration:
        return this.namedClass(node, scopes.of(node.name));
      case K.Block:
        return this.block(node);
      case K.ReturnStatement:
      case K.ThrowStatement:
        units.op(node.kind);
        return this.optional(node.expression);
      case K.DebuggerStatement:
        return units.op(node.kind);
      case K.BreakStatement:
      case K.ContinueStatement:
        units.op(node.kind);
        return node.label ? units.ref(this.labelled(node.label)) : units.op(ABSENT);
      case K.LabeledStatement:
        return this.label(node);
      case K.IfStatement:
        return this.decision(node);
      case K.DoStatement:
        units.op(node.kind);
        this.branch(node.statement);
        return this.expression(node.expression);
      case K.WhileStatement:
        units.op(K.ForStatement);
        units.op(END);
        this.expression(node.expression);
        units.op(ABSENT);
        return this.branch(node.statement);
      case K.ForStatement:
      case K.ForInStatement:
      case K.ForOfStatement:
        return this.loop(node);
      case K.SwitchStatement:
        return this.switching(node);
      case K.TryStatement:
        return this.trying(node);
      case K.EnumDeclaration:
      case K.ModuleDeclaration:
        // Compiled by the time they are in a bundle. A token that nothing else has keeps them from matching anything.
        return units.text(node.kind, node.getText(this.file));
    }
    throw new Refusal(`${K[node.kind]} is not known`);
  }

  decision({ kind, expression, thenStatement, elseStatement }) {
    this.units.op(kind);
    if (!elseStatement) {
      this.expression(expression);
      this.branch(thenStatement);
      return this.units.op(ABSENT);
    }
    const turned = this.condition(expression);
    this.branch(turned ? elseStatement : thenStatement);
    return this.branch(turned ? thenStatement : elseStatement);
  }

  // A condition without what turns it round, in `!a`, `a !== b` and `a != b`; returns whether what happens in either case
  // has to change places for that.
  condition(node) {
    const { units } = this;
    let turned = false;
    for (node = bare(node); isNot(node); node = bare(node.operand)) turned = !turned;
    const equal = node.kind === K.BinaryExpression && EQUAL.get(node.operatorToken.kind);
    if (!equal) {
      this.expression(node);
      return turned;
    }
    units.op(K.BinaryExpression);
    units.op(equal);
    this.expression(node.left);
    this.expression(node.right);
    return !turned;
  }

  // `a || b` that nobody looks at does b where a is not true: as `!a && b` does.
  expressionStatement(node) {
    const { units } = this;
    units.op(K.ExpressionStatement);
    node = bare(node);
    const operator = node.kind === K.BinaryExpression ? node.operatorToken.kind : undefined;
    if (operator !== K.BarBarToken && operator !== K.AmpersandAmpersandToken) return this.expression(node);
    units.op(K.IfStatement);
    const turned = this.condition(node.left);
    units.op(turned === (operator === K.AmpersandAmpersandToken) ? FALSE : TRUE);
    return this.expression(node.right);
  }

  functionDeclaration(node, ref) {
    this.units.op(K.FunctionDeclaration);
    this.units.ref(ref);
    this.modifiers(node);
    this.funcParts(node);
  }

  label(node) {
    const ref = this.scopes.add(INNER, node.label.text, "", node);
    this.units.op(LABEL);
    this.units.ref(ref);
    this.labels.push([node.label.escapedText, ref]);
    this.statement(node.statement);
    this.labels.pop();
  }

  labelled(label) {
    const found = this.labels.findLast(([name]) => name === label.escapedText);
    if (!found) throw new Refusal("a label that is nowhere");
    return found[1];
  }

  loop(node, start = node.initializer) {
    const { units } = this;
    const entered = this.scopes.enter(node);
    units.op(node.kind);
    if (node.awaitModifier) units.op(K.AwaitKeyword);
    this.loopStart(start, node.kind === K.ForStatement);
    if (node.kind === K.ForStatement) {
      this.optional(node.condition);
      this.optional(node.incrementor);
    } else {
      this.expression(node.expression);
    }
    this.branch(node.statement);
    this.scopes.leave(entered);
  }

  loopStart(start, counts) {
    const { units } = this;
    if (start?.kind !== K.VariableDeclarationList) {
      for (const part of start ? sequence(start) : []) {
        const assigned = counts ? assignedName(part) : undefined;
        const ref = assigned ? this.scopes.of(assigned) : -1;
        if (ref >= 0 && this.scopes.refs[ref].kind === LOCAL) this.unit(part, () => this.assignment(ref, part.right));
        else this.expression(part);
      }
    } else if (!counts && this.hoisted(start.declarations[0], start.flags) >= 0) {
      this.identifier(start.declarations[0].name);
    } else {
      this.variables(start);
    }
    units.op(END);
  }

  switching(node) {
    const { units } = this;
    units.op(node.kind);
    this.expression(node.expression);
    const entered = this.scopes.enter(node.caseBlock);
    for (const clause of node.caseBlock.clauses) {
      units.op(clause.kind);
      if (clause.kind === K.CaseClause) this.expression(clause.expression);
      // Braces around what a case does matter only to names, which have their own scope either way.
      const only = clause.statements.length === 1 && clause.statements[0].kind === K.Block;
      if (only) {
        this.block(clause.statements[0]);
      } else {
        units.op(BODY);
        for (const statement of clause.statements) this.statement(statement);
        units.op(END);
      }
    }
    units.op(END);
    this.scopes.leave(entered);
  }

  trying(node) {
    const { units } = this;
    units.op(node.kind);
    this.block(node.tryBlock);
    const clause = node.catchClause;
    if (clause) {
      units.op(clause.kind);
      const entered = this.scopes.enter(clause);
      if (clause.variableDeclaration) this.bindingName(clause.variableDeclaration.name);
      else units.op(ABSENT);
      this.block(clause.block);
      this.scopes.leave(entered);
    }
    if (!node.finallyBlock) return units.op(ABSENT);
    return this.block(node.finallyBlock);
  }
}

const EQUAL = new Map([
  [K.ExclamationEqualsToken, K.EqualsEqualsToken],
  [K.ExclamationEqualsEqualsToken, K.EqualsEqualsEqualsToken],
]);

const isNot = (node) => node.kind === K.PrefixUnaryExpression && node.operator === K.ExclamationToken && bare(node.operand).kind !== K.NumericLiteral;

// The parts of `a, b, c`.
function sequence(node) {
  const parts = [];
  let left = bare(node);
  for (; left.kind === K.BinaryExpression && left.operatorToken.kind === K.CommaToken; left = bare(left.left)) parts.push(bare(left.right));
  return [left, ...parts.reverse()];
}

// The identifier that `x = value` assigns to.
function assignedName(node) {
  return node.kind === K.BinaryExpression && node.operatorToken.kind === K.EqualsToken && node.left.kind === K.Identifier ? node.left : undefined;
}

const isAmbient = (node) => Boolean(ts.getSyntacticModifierFlags(node) & ts.ModifierFlags.Ambient);

function isTypeOnly(node) {
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  return !clause.name && clause.namedBindings?.kind === K.NamedImports && clause.namedBindings.elements.length > 0 && clause.namedBindings.elements.every((one) => one.isTypeOnly);
}

// Statements that do nothing when they run: types, overloads, directives.
function isNothing(node) {
  switch (node.kind) {
    case K.EmptyStatement:
    case K.InterfaceDeclaration:
    case K.TypeAliasDeclaration:
    case K.NotEmittedStatement:
      return true;
    case K.FunctionDeclaration:
      return !node.body || isAmbient(node);
    case K.ClassDeclaration:
    case K.EnumDeclaration:
    case K.ModuleDeclaration:
      return isAmbient(node);
    case K.ExpressionStatement:
      return node.expression.kind === K.StringLiteral;
  }
  return false;
}
