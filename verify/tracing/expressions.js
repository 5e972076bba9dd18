// Expressions as tokens. What bundlers, minifiers and compilers rewrite without changing what happens is written alike.
//
// Each kind of node is written in one way that can be read in one way only: a code, its parts in their order, and END
// after lists. Kinds that are not known here refuse the file.

const ABSENT = 600, TRUE = 601, FALSE = 602, VOID = 603, STRING = 604, NUMBER = 605, MEMBER = 606, NAMED = 607, GLOBAL = 608, SUM = 609,
  OPTIONAL = 610, REST = 611, FUNCTION = 612, ARROW = 613, BODY = 614, PROPERTY = 615, COMPUTED = 616, PROTO = 617, ASYNC = 618,
  GENERATOR = 619, STATIC = 620, VARIABLE = 621, PIECE = 622, IMPORTING = 623, PRIVATE = 624, CLASS = 625, LABEL = 626;
const MAX_DEPTH = 1_200;

class Expressions extends Given {
  constructor(file, scopes, units, { inBundle, dropFields, given = {} }) {
    super();
    this.file = file;
    this.text = file.text;
    this.scopes = scopes;
    this.units = units;
    this.inBundle = inBundle;
    this.dropFields = dropFields;
    this.given = given;
    this.symbolsGiven = []; // [name, symbol]
    this.labels = [];
    this.privates = [];
    this.depth = 0;
    this.outside = true; // of every function that has a `this`
    this.imports = []; // [specifier, position]
    this.words = new Map(); // text -> position of the first
  }

  start(node) {
    return ts.skipTrivia(this.text, node.pos);
  }

  expression(node) {
    if (++this.depth > MAX_DEPTH) throw new Refusal("nested too deeply");
    this.written(bare(node));
    this.depth--;
  }

  optional(node) {
    if (node) this.expression(node);
    else this.units.op(ABSENT);
  }

  each(nodes) {
    for (const node of nodes) this.expression(node);
    this.units.op(END);
  }

  written(node) {
    const { units } = this;
    switch (node.kind) {
      case K.Identifier:
        return this.identifier(node);
      case K.PrivateIdentifier: // #name in object
        units.op(PRIVATE);
        return this.privateName(node);
      case K.StringLiteral:
      case K.NoSubstitutionTemplateLiteral:
        return this.string(node.text, node);
      case K.NumericLiteral:
        return units.text(NUMBER, String(Number(node.text)));
      case K.BigIntLiteral:
        return units.text(K.BigIntLiteral, node.text.toLowerCase());
      case K.RegularExpressionLiteral:
        this.word(node.text, node);
        return units.text(K.RegularExpressionLiteral, node.text);
      case K.TrueKeyword:
        return units.op(TRUE);
      case K.FalseKeyword:
        return units.op(FALSE);
      case K.NullKeyword:
      case K.SuperKeyword:
      case K.OmittedExpression:
        return units.op(node.kind);
      case K.ThisKeyword:
        return this.thisOf(node);
      case K.PrefixUnaryExpression:
        return this.prefix(node);
      case K.PostfixUnaryExpression:
        units.op(node.kind);
        units.op(node.operator);
        return this.expression(node.operand);
      case K.VoidExpression:
        if (bare(node.expression).kind === K.NumericLiteral) return units.op(VOID);
        units.op(node.kind);
        return this.expression(node.expression);
      case K.TypeOfExpression:
        if (this.isGivenObject(node.expression)) return this.string("object", node);
        units.op(node.kind);
        return this.expression(node.expression);
      case K.DeleteExpression:
      case K.AwaitExpression:
      case K.SpreadElement:
        units.op(node.kind);
        return this.expression(node.expression);
      case K.ExpressionWithTypeArguments:
        return this.expression(node.expression);
      case K.YieldExpression:
        units.op(node.kind);
        units.op(node.asteriskToken ? GENERATOR : ABSENT);
        return this.optional(node.expression);
      case K.ConditionalExpression:
        return this.conditional(node);
      case K.BinaryExpression:
        return this.binary(node);
      case K.PropertyAccessExpression:
        return this.member(node, node.name);
      case K.ElementAccessExpression:
        return this.element(node);
      case K.CallExpression:
        return this.call(node);
      case K.NewExpression:
        return this.unit(node, () => {
          units.op(node.kind);
          this.expression(node.expression);
          this.each(node.arguments ?? []);
        });
      case K.ArrayLiteralExpression:
        units.op(node.kind);
        return this.each(node.elements);
      case K.ObjectLiteralExpression:
        return this.unit(node, () => this.object(node));
      case K.ArrowFunction:
      case K.FunctionExpression:
        return this.unit(node, () => this.func(node));
      case K.ClassExpression:
        return this.unit(node, () => this.classBody(node));
      case K.TemplateExpression:
        return this.textTokens(this.textual(node), node);
      case K.TaggedTemplateExpression:
        return this.tagged(node);
      case K.MetaProperty:
        units.op(node.kind);
        units.op(node.keywordToken);
        return units.text(NAMED, node.name.text);
      case K.JsxElement:
      case K.JsxSelfClosingElement:
      case K.JsxFragment:
        // Bundles have calls instead. A token that nothing else has keeps its statement from matching anything.
        return units.text(K.JsxElement, node.getText(this.file));
    }
    throw new Refusal(`${K[node.kind]} is not known`);
  }

  unit(node, write, flags = 0) {
    this.units.begin(node, this.start(node), node.end, flags);
    write();
    this.units.end();
  }

  identifier(node) {
    const unused = this.inBundle && this.scopes.isUnused(node);
    if (unused && assignedName(node.parent) !== node) return this.units.text(GLOBAL, RUNTIME); // nobody reads it
    const ref = unused ? this.scopes.add(GIVEN, "", this.scopes.within.ref, NONE) : this.scopes.of(node);
    if (ref >= 0 && this.inBundle && this.scopes.isOpaque(this.scopes.symbol(node.escapedText))) return this.units.text(GLOBAL, "\0of the bundler");
    if (ref >= 0 && this.inBundle && this.scopes.isGlobal(node)) return this.units.text(GLOBAL, "global");
    if (ref >= 0) return this.units.ref(ref);
    const given = this.scopes.given(node);
    if (given) return this.units.text(GLOBAL, given);
    if (node.escapedText === "undefined") return this.units.op(VOID);
    this.word(node.text, node);
    return this.units.text(GLOBAL, node.text);
  }

  // Outside of functions `this` is what a CommonJS module exports, and nothing in others; bundlers write that instead.
  thisOf(node) {
    if (!this.outside || (this.inBundle && !this.scopes.within?.own)) return this.units.op(K.ThisKeyword);
    return !this.inBundle && this.file.externalModuleIndicator ? this.units.op(VOID) : this.units.text(GLOBAL, "exports");
  }

  prefix(node) {
    const { units } = this;
    const operand = bare(node.operand);
    if (node.operator === K.ExclamationToken && operand.kind === K.NumericLiteral) {
      return units.op(Number(operand.text) ? FALSE : TRUE);
    }
    if (node.operator === K.PlusToken && operand.kind === K.NumericLiteral) return this.expression(operand);
    if (node.operator === K.MinusMinusToken) this.refuseComment(this.start(node) - 2, "<!--");
    units.op(K.PrefixUnaryExpression);
    units.op(node.operator);
    return this.expression(operand);
  }

  // Where browsers and CommonJS see a comment of HTML, the compiler's parser sees operators.
  refuseComment(at, mark) {
    if (!this.text.startsWith(mark, at)) return;
    // The end of such a comment is one only where nothing but space and comments stands before it.
    if (mark === "-->" && !/(?:^|[\n\r\u2028\u2029]|\*\/)\s*$/.test(this.text.slice(Math.max(0, at - 200), at))) return;
    throw new Refusal("a comment of HTML");
  }

  binary(node) {
    const { units } = this;
    const same = this.compared(node);
    if (same !== undefined) return units.op(same ? TRUE : FALSE);
    const whole = this.inBundle && node.operatorToken.kind === K.BarBarToken ? this.scopes.keptWhole(node) : undefined;
    if (whole) return units.ref(this.scopes.refOf(whole));
    const spine = [];
    let left = node;
    while (left.kind === K.BinaryExpression && left.operatorToken.kind !== K.PlusToken) {
      const operator = left.operatorToken.kind;
      if (this.compared(left) !== undefined) break;
      if (operator === K.CommaToken) {
        const called = bare(left.right);
        // (0, x.y) keeps x from being `this`, which what a module exports does not look at.
        if (bare(left.left).kind === K.NumericLiteral && this.refersToModule(called)) break;
      }
      if (operator === K.GreaterThanToken) this.refuseComment(left.operatorToken.end - 3, "-->");
      spine.push(left);
      left = bare(left.left);
    }
    for (const part of spine) {
      units.op(K.BinaryExpression);
      units.op(part.operatorToken.kind);
    }
    if (left.kind === K.BinaryExpression) {
      if (left.operatorToken.kind === K.PlusToken) this.sum(left);
      else this.expression(this.compared(left) === undefined ? left.right : left);
    } else {
      this.expression(left);
    }
    for (let i = spine.length - 1; i >= 0; i--) this.expression(spine[i].right);
  }

  refersToModule(node) {
    if (node.kind === K.Identifier) {
      const ref = this.scopes.of(node);
      return ref >= 0 && this.scopes.refs[ref].kind !== INNER;
    }
    const name = node.kind === K.PropertyAccessExpression ? node.name.text : node.kind === K.ElementAccessExpression ? this.constant(node.argumentExpression) : undefined;
    return name !== undefined && this.scopes.member(node.expression, name) >= 0;
  }

  member(node, name) {
    const { units } = this;
    if (name.kind === K.PrivateIdentifier) {
      units.op(PRIVATE);
      if (node.questionDotToken) units.op(OPTIONAL);
      this.privateName(name);
      return this.expression(node.expression);
    }
    return this.access(node, name.text);
  }

  access(node, name) {
    const { units } = this;
    if (name === "g" && this.inBundle && this.scopes.isRuntime(node, "g")) return units.text(GLOBAL, "global");
    this.word(name, node);
    if (!node.questionDotToken) {
      const ref = this.isGivenMember(node.expression) ? this.scopes.givenMember(name) : this.scopes.member(node.expression, name);
      if (ref >= 0) return units.ref(ref);
    }
    units.text(MEMBER, name);
    if (node.questionDotToken) units.op(OPTIONAL);
    return this.chained(node);
  }

  // The end of an optional chain matters: (a?.b).c is not a?.b.c.
  chained(node) {
    const { expression } = node;
    if (expression.kind === K.ParenthesizedExpression && bare(expression).flags & ts.NodeFlags.OptionalChain) this.units.op(K.ParenthesizedExpression);
    return this.expression(expression);
  }

  element(node) {
    const { units } = this;
    const name = this.constant(node.argumentExpression);
    if (name !== undefined) return this.access(node, name);
    units.op(node.kind);
    if (node.questionDotToken) units.op(OPTIONAL);
    this.chained(node);
    return this.expression(node.argumentExpression);
  }

  call(node) {
    const { units, scopes } = this;
    if (node.expression.kind === K.ImportKeyword) return this.importing(node);
    const later = this.inBundle ? this.importedLater(node) : -1;
    if (later >= 0) {
      units.op(IMPORTING);
      units.ref(later);
      return units.op(END);
    }
    const origin = scopes.required(node);
    if (origin?.specifier) this.specifier(origin.specifier, node);
    if (origin) return units.ref(scopes.refOf(origin));
    return this.unit(node, () => {
      units.op(node.kind);
      if (node.questionDotToken) units.op(OPTIONAL);
      this.chained(node);
      if (this.definesGiven(node)) this.givenArguments(node.arguments);
      else this.each(node.arguments);
    });
  }

  importing(node) {
    const [specifier] = node.arguments;
    const name = specifier === undefined ? undefined : this.constant(specifier);
    this.units.op(IMPORTING);
    if (name === undefined) return this.each(node.arguments);
    this.specifier(name, node);
    this.units.ref(this.scopes.imported(name, "*"));
    return this.each(node.arguments.slice(1));
  }

  privateName(node) {
    for (let i = this.privates.length - 1; i >= 0; i--) {
      const ref = this.privates[i].get(node.escapedText);
      if (ref !== undefined) return this.units.ref(ref);
    }
    throw new Refusal("a private name that no class has");
  }
}
