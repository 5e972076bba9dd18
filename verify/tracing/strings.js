// Strings, templates and what is added to them: what is always the same text is one text.

class Strings {
  word(text, node) {
    if (text.length > 1 && !this.words.has(text)) this.words.set(text, node.pos);
  }

  // The same module of Node.js has two names.
  specifier(text, node) {
    this.imports.push([text, this.start(node)]);
    this.word(text.replace(/^node:/, ""), node);
    if (!this.inBundle) this.word(text, node);
  }

  string(text, node) {
    this.word(text, node);
    this.units.text(STRING, text);
  }

  // Strings and templates that are added are one; additions are written from left to right, as they are done.
  sum(node) {
    const terms = [];
    let left = node;
    while (left.kind === K.BinaryExpression && left.operatorToken.kind === K.PlusToken) {
      terms.push(left.right);
      left = bare(left.left);
    }
    terms.push(left);
    terms.reverse();
    const folded = [];
    for (const term of terms) {
      const text = this.textual(term);
      const before = folded[folded.length - 1];
      if (text && before?.texts) folded[folded.length - 1] = joined(before, text);
      else folded.push(text ?? { term });
    }
    if (folded.length > 1) this.units.op(SUM);
    for (const one of folded) {
      if (one.texts) this.textTokens(one, node);
      else this.expression(one.term);
    }
    if (folded.length > 1) this.units.op(END);
  }

  // {texts, values}: the pieces of what is always a string, and the values between them.
  textual(node, depth = 0) {
    node = bare(node);
    if (ts.isStringLiteralLike(node)) return { texts: [node.text], values: [] };
    if (depth > 20) return undefined;
    if (node.kind === K.TemplateExpression) {
      let whole = { texts: [node.head.text], values: [] };
      for (const { expression, literal } of node.templateSpans) {
        const inner = this.textual(expression, depth + 1);
        if (inner) whole = joined(joined(whole, inner), { texts: [literal.text], values: [] });
        else whole = { texts: [...whole.texts, literal.text], values: [...whole.values, expression] };
      }
      return whole;
    }
    if (node.kind !== K.BinaryExpression || node.operatorToken.kind !== K.PlusToken) return undefined;
    const right = this.textual(node.right, depth + 1);
    const left = right && this.textual(node.left, depth + 1);
    return left && joined(left, right);
  }

  // The string that an expression always is, if it is one.
  constant(node) {
    const text = this.textual(node);
    return text && !text.values.length ? text.texts[0] : undefined;
  }

  textTokens({ texts: pieces, values }, node) {
    const { units } = this;
    if (!values.length) return this.string(pieces[0], node);
    units.op(K.TemplateExpression);
    pieces.forEach((piece, index) => {
      this.word(piece, node);
      units.text(PIECE, piece);
      if (index < values.length) this.expression(values[index]);
    });
    return units.op(END);
  }

  // What a tag sees is how the template was spelled, too.
  tagged(node) {
    const { units } = this;
    units.op(node.kind);
    this.expression(node.tag);
    const { template } = node;
    const spelling = (piece) => {
      this.word(piece.text ?? "", piece);
      units.text(PIECE, this.text.slice(this.start(piece) + 1, piece.end).replace(/(?:`|\$\{)$/, "").replace(/\r\n?/g, "\n"));
    };
    if (template.kind === K.NoSubstitutionTemplateLiteral) {
      spelling(template);
    } else {
      spelling(template.head);
      for (const { expression, literal } of template.templateSpans) {
        this.expression(expression);
        spelling(literal);
      }
    }
    units.op(END);
  }
}

const joined = (one, other) => ({
  texts: [...one.texts.slice(0, -1), one.texts[one.texts.length - 1] + other.texts[0], ...other.texts.slice(1)],
  values: [...one.values, ...other.values],
});
