// What the names of a file mean and how often they are used, and a text with pieces of it put elsewhere.

class Uses {
  constructor(file) {
    this.file = file;
    this.scopes = new Required(file, false);
    this.meaning = new Map(); // identifier that is a reference -> symbol, or undefined where the file does not declare it
    this.known = new Map(); // symbol -> {count, writes, only}
    this.assigned = new Set(); // names that are assigned to and that the file does not declare
  }

  // Reads the file; false where names may mean what cannot be seen.
  read() {
    const { scopes } = this;
    const todo = [[this.file, false]];
    while (todo.length) {
      const [node, foreign, leave] = todo.pop();
      if (leave) {
        for (const entered of leave) scopes.leave(entered);
        continue;
      }
      if (node.kind === K.WithStatement) return false;
      if (node.kind === K.Identifier && !this.refer(node, foreign)) return false;
      if (isOnlyType(node)) continue;
      const named = (node.kind === K.FunctionExpression || node.kind === K.ClassExpression) && scopes.enterName(node);
      const entered = scopes.enter(node);
      if (entered || named) todo.push([node, foreign, [entered, named]]);
      // In an enumeration or a namespace members are names.
      const inside = foreign || node.kind === K.EnumDeclaration || node.kind === K.ModuleDeclaration;
      ts.forEachChild(node, (child) => {
        if (!isOnlyName(node, child)) todo.push([child, inside]);
      });
    }
    return true;
  }

  of(symbol) {
    let found = this.known.get(symbol);
    if (!found) this.known.set(symbol, (found = { count: 0, writes: 0, only: undefined }));
    return found;
  }

  // The references in an expression.
  inside(node) {
    return everything(node).filter((one) => this.meaning.has(one));
  }

  refer(identifier, foreign) {
    const { parent } = identifier;
    const symbol = this.scopes.symbol(identifier.escapedText);
    this.meaning.set(identifier, symbol);
    const written = ts.isAssignmentTarget(identifier) || ts.isWriteAccess(identifier) || isCounted(identifier);
    if (!symbol) {
      if (written) this.assigned.add(identifier.text);
      return identifier.escapedText !== "eval" || parent.kind !== K.CallExpression;
    }
    const use = this.of(symbol);
    use.count += foreign || isFixed(parent) || identifier.text === "__proto__" ? 2 : 1;
    use.only = identifier;
    if (written) use.writes++;
    return true;
  }
}

class Written {
  constructor(file) {
    this.file = file;
    this.text = file.text;
    this.edits = []; // [from, to, write]
    this.pieces = []; // [text, position]
  }

  start(node) {
    return ts.skipTrivia(this.text, node.pos);
  }

  // Writes the value of a declaration where its name is used, and leaves the declaration out.
  replace(declaration) {
    const { only } = this.uses.of(declaration.symbol);
    const { initializer, parent } = declaration;
    this.edits.push([this.start(only), only.end, () => this.put(only, initializer)]);
    const left = parent.declarations.filter((one) => !this.gone.has(one));
    const statement = parent.parent;
    if (declaration !== parent.declarations.find((one) => this.gone.has(one))) return; // once for each statement
    this.edits.push([this.start(statement), statement.end, () => this.declare(parent, left)]);
  }

  put(use, value) {
    const outer = outermost(use);
    const called = (outer.parent.kind === K.CallExpression && outer.parent.expression === outer) || outer.parent.tag === outer;
    const kind = bare(value).kind;
    const member = kind === K.PropertyAccessExpression || kind === K.ElementAccessExpression || (kind === K.Identifier && bare(value).escapedText === "eval");
    if (use.parent.kind === K.ShorthandPropertyAssignment) this.pieces.push([`${use.text}: `, -1]);
    // A statement that begins with a parenthesis would go on with the one before, where that has no semicolon.
    else if (beginsStatement(use)) this.pieces.push([";", -1]);
    this.pieces.push([called && member ? "(0, " : "(", -1]);
    this.copy(value.pos, value.end);
    this.pieces.push([")", -1]);
  }

  declare(list, left) {
    this.pieces.push([";", -1]);
    left.forEach((one, index) => {
      if (index) this.pieces.push([",", -1]);
      else this.pieces.push([this.text.slice(this.start(list), list.declarations.pos), this.start(list)]);
      this.pieces.push([" ", -1]);
      this.copy(one.pos, one.end);
    });
    this.pieces.push([";", -1]);
  }

  copy(from, to) {
    let at = from;
    for (let i = this.first(from); i < this.edits.length && this.edits[i][0] < to; i++) {
      const [start, end, write] = this.edits[i];
      if (start < at) continue;
      this.pieces.push([this.text.slice(at, start), at]);
      write();
      at = end;
    }
    this.pieces.push([this.text.slice(at, to), at]);
  }

  // The first edit that begins at a position or after it.
  first(position) {
    let low = 0;
    for (let high = this.edits.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.edits[middle][0] < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // The text, and for each of its lines the line that it comes from, both from 0.
  finished() {
    this.edits.sort((one, other) => one[0] - other[0] || other[1] - one[1]);
    this.copy(0, this.text.length);
    const starts = ts.getLineStarts(this.file);
    const lines = [0];
    let line = 0;
    for (const [text, position] of this.pieces) {
      if (position >= 0) line = ts.computeLineOfPosition(starts, position);
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(position >= 0 ? ++line : line);
    }
    return { text: this.pieces.map(([text]) => text).join(""), lines };
  }
}

// All nodes of a tree, outer before inner.
function everything(root) {
  const found = [];
  const todo = [root];
  while (todo.length) {
    const node = todo.pop();
    found.push(node);
    ts.forEachChild(node, (child) => void todo.push(child));
  }
  return found;
}

function isOnlyType(node) {
  switch (node.kind) {
    case K.InterfaceDeclaration:
    case K.TypeAliasDeclaration:
    case K.TypeParameter:
    case K.ImportDeclaration:
      return true;
    case K.HeritageClause:
      return node.token !== K.ExtendsKeyword;
  }
  return ts.isTypeNode(node) && node.kind !== K.ExpressionWithTypeArguments;
}

// Names that are no references: members, labels, what declares something.
function isOnlyName(parent, child) {
  if (child.kind !== K.Identifier) return false;
  switch (parent.kind) {
    case K.ShorthandPropertyAssignment:
      return parent.name !== child && parent.objectAssignmentInitializer !== child;
    case K.BindingElement:
      return parent.initializer !== child;
    case K.ExportSpecifier:
      return Boolean(parent.parent.parent.moduleSpecifier) || (parent.propertyName ?? parent.name) !== child;
    case K.LabeledStatement:
      return parent.label === child;
    case K.BreakStatement:
    case K.ContinueStatement:
    case K.MetaProperty:
    case K.JsxAttribute:
    case K.NamespaceExport:
    case K.ImportEqualsDeclaration:
      return true;
  }
  return parent.name === child;
}

// A name with the parentheses around it.
function outermost(node) {
  while (node.parent.kind === K.ParenthesizedExpression) node = node.parent;
  return node;
}

// Where a name cannot be replaced by its value.
const isFixed = (parent) => parent.kind === K.ExportSpecifier || parent.kind === K.ExportAssignment || ts.isJsxOpeningLikeElement(parent) || parent.kind === K.JsxClosingElement;

const isCounted = ({ parent }) => parent.kind === K.PostfixUnaryExpression || (parent.kind === K.PrefixUnaryExpression && (parent.operator === K.PlusPlusToken || parent.operator === K.MinusMinusToken));

const isFunction = (node) => ts.isFunctionLike(node) || node.kind === K.ClassStaticBlockDeclaration;

// Whether a loop gives a `var` another value each time: what is called in between may see that.
function isRepeated(declaration) {
  if (declaration.kind !== K.VariableDeclaration || declaration.parent.flags & ts.NodeFlags.BlockScoped) return false;
  let around = declaration.parent;
  while (around && !isFunction(around) && !ts.isIterationStatement(around, false)) around = around.parent;
  return around !== undefined && !isFunction(around) && !(around.kind === K.ForStatement && around.initializer === declaration.parent);
}

function beginsStatement(node) {
  let top = node;
  while (top.parent && top.parent.kind !== K.ExpressionStatement && top.parent.pos === node.pos) top = top.parent;
  return top.parent?.kind === K.ExpressionStatement && top.parent.pos === node.pos && Boolean(top.parent.parent.statements);
}
