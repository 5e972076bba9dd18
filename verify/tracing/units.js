// Units: the pieces of a program that are compared, each with its digest and with what it refers to.
//
// A stream of numbers is made of the tokens of a unit. A unit inside of it is only its digest there, and the references
// that lead out of it: so every token is digested once, however deep it lies. A reference is written as the place of
// its first occurrence in the unit, so names do not matter but which name is the same as which other does.

const TEXT = 1001, REFERENCE = 1002, UNIT = 1003, END = 1004;
const MIN_TOKENS = 6;
const MAX_UNITS = 1_500_000;

const TOP = 1; // a statement of a module, of the file or of a wrapper
const STATEMENT = 2; // of a function, or a member of a class: what is shown as a whole
const HOISTED = 4; // a function of a module: when it is declared does not matter
const PLAIN = 0, IMPORT = 1, WRAPPER = 2, EXPORTS = 3, START = 4, REFUSED = 5;

class Units {
  constructor(scopes) {
    this.scopes = scopes;
    this.raw = new Numbers(1 << 12);
    this.out = new Numbers(1 << 12);
    this.tokens = 0;
    this.open = []; // {from, tokens, unit, node}
    this.list = []; // {start, end, parent, size, flags, kind, digest, refs}
  }

  begin(node, start, end, flags = 0, kind = PLAIN) {
    if (this.list.length >= MAX_UNITS) throw new Refusal("too many statements");
    const parent = this.open.length ? this.open[this.open.length - 1].unit : -1;
    this.open.push({ from: this.raw.length, tokens: this.tokens, unit: this.list.length, node });
    this.list.push({ start, end, parent, size: 0, flags, kind, digest: "", refs: [], defines: [] });
  }

  end() {
    const { from, tokens, unit, node } = this.open.pop();
    const record = this.list[unit];
    record.size = this.tokens - tokens;
    if (record.size < MIN_TOKENS && !(record.flags & TOP)) {
      this.list.length = unit; // too small to say anything: it stays what it is inside of its parent
      return;
    }
    record.refs = this.seal(from, node);
    record.digest = hexadecimal(state, 4);
    this.raw.length = from;
    this.raw.push(UNIT);
    for (let i = 0; i < 4; i++) this.raw.push(state[i]);
    this.raw.push(record.refs.length);
    for (const ref of record.refs) this.raw.push(ref);
  }

  // A piece that is not compared: an import, the outside of a wrapper.
  mark(start, end, kind, refs = []) {
    const parent = this.open.length ? this.open[this.open.length - 1].unit : -1;
    this.list.push({ start, end, parent, size: 0, flags: TOP, kind, digest: "", refs, defines: [] });
    return this.list.length - 1;
  }

  // Digests what was written since `from`; returns the references that lead out of the node.
  seal(from, node) {
    const { refs } = this.scopes;
    const raw = this.raw.data;
    const numbers = new Map();
    const outside = [];
    const out = this.out;
    out.length = 0;
    const refer = (ref) => {
      let number = numbers.get(ref);
      if (number === undefined) {
        const { pos, end } = refs[ref];
        const inside = pos >= node.pos && end <= node.end;
        number = 2 * numbers.size + (inside ? 0 : 1);
        numbers.set(ref, number);
        if (!inside) outside.push(ref);
      }
      out.push(number);
    };
    for (let at = from; at < this.raw.length; ) {
      const code = raw[at++];
      out.push(code);
      if (code === TEXT) {
        copyText(raw[at++], out);
      } else if (code === REFERENCE) {
        refer(raw[at++]);
      } else if (code === UNIT) {
        for (let i = 0; i < 5; i++) out.push(raw[at + i]);
        const count = raw[at + 4];
        at += 5;
        for (let i = 0; i < count; i++) refer(raw[at++]);
      }
    }
    digest(out.data, out.length);
    return outside;
  }

  op(code) {
    this.raw.push(code);
    this.tokens++;
  }

  // A number that belongs to the token before it. Numbers above 1000 are tokens.
  detail(number) {
    this.raw.push(number);
  }

  text(code, text) {
    this.raw.push(code);
    this.raw.push(TEXT);
    this.raw.push(numberOf(text));
    this.tokens++;
  }

  ref(ref) {
    this.raw.push(REFERENCE);
    this.raw.push(ref);
    this.tokens++;
  }
}
