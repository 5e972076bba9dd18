// Which declaration a name belongs to, by TypeScript's binder, and what a unit refers to outside of itself.

const K = ts.SyntaxKind;
const VALUE = ts.SymbolFlags.Value | ts.SymbolFlags.Alias | ts.SymbolFlags.ExportValue;
const NONE = { pos: -1, end: -1 };

// What a reference may be, in the order of the answer's numbers.
const LOCAL = 0; // [name] a declaration of the module itself
const IMPORTED = 1; // [specifier, name] of another module; "*" is the module as a whole
const INNER = 2; // [name] a declaration inside of a function
const WRAPPED = 3; // [reference, name] of a module that is a function of the bundle
const GIVEN = 4; // [name, reference] of what a CommonJS module gives: of the file's own, or of a module of the bundle

// What rollup calls that which it imports for `require`, and its helpers that give a module.
const REQUIRED = /^require\$\$\d+(?:\$\d+)*$/;
const BY_KIND = new Set(["defaultOf", "augmented", "merged"]);

// Node.js' own modules: what their default export has as members, they export by name.
const BUILTIN = /^(?:node:.+|assert|async_hooks|buffer|child_process|cluster|crypto|dgram|diagnostics_channel|dns|domain|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|string_decoder|timers|tls|tty|url|util|v8|vm|worker_threads|zlib)(?:\/(?:promises|posix|win32|strict|web|consumers|types))?$/;

class Refusal extends Error {}

class Scopes {
  constructor(file, inBundle, given = {}) {
    this.file = file;
    this.whole = given; // specifier -> name -> "namespace", where an imported name is another module as a whole
    this.inBundle = inBundle;
    this.stack = [file.locals ?? new Map()];
    this.modules = new Set([file]); // nodes whose declarations are those of a module
    this.refs = []; // {kind, first, second, pos, end, from}
    this.bySymbol = new Map();
    this.byKey = new Map();
    this.helpers = new Map(); // symbol -> what helper of a bundler it looks like
    this.late = new Map(); // symbol that is declared without a value -> what the only assignment in a module gives it
    this.called = new Map(); // those of them that are called as one
    this.wrappers = new Map(); // symbol -> "commonjs" | "esm"
    this.parameters = new Map(); // symbol of a wrapper's parameter -> what the module calls it
    this.aliases = new Map(); // symbol of a class expression's own name -> the variable that holds the class
    this.homes = new Map(); // symbol that stands for a module's own `exports` -> the wrapper where it does
    this.opaque = new Set(); // symbols that only a bundler may use: anything else that uses one is no one's code
    this.within = undefined; // the wrapper that we are in: {ref, body, single}
    this.runtimes = new Map(); // symbol of a require function of webpack -> its modules by their numbers
    this.getters = new Map(); // symbol that is a function which gives a default export -> of which module
    this.lazy = new Map(); // symbol of a function that is a module which starts when it is called -> the module
    this.tables = new Map(); // symbol of a table of names -> what each of them gives
  }

  enter(node) {
    if (!node.locals) return false;
    this.stack.push(node.locals);
    return true;
  }

  enterName(node) {
    if (!node.name || !node.symbol) return false;
    this.stack.push(new Map([[node.name.escapedText, node.symbol]]));
    return true;
  }

  leave(entered) {
    if (entered) this.stack.pop();
  }

  symbol(name) {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const symbol = this.stack[i].get(name);
      if (symbol !== undefined && symbol.flags & VALUE && symbol.declarations?.some(declares)) {
        return this.aliases.get(symbol) ?? symbol;
      }
    }
    return undefined;
  }

  // The number of the reference that an identifier is, or -1 for a name that the file does not declare.
  of(identifier) {
    const symbol = this.symbol(identifier.escapedText);
    return symbol === undefined || this.parameters.has(symbol) ? -1 : this.ofSymbol(symbol);
  }

  // What a parameter of a module's wrapper is outside of bundles: `exports`, `module`, `require`.
  given(identifier) {
    const symbol = this.symbol(identifier.escapedText);
    if (symbol && this.homes.has(symbol) && this.homes.get(symbol) !== this.within?.body) return "\0of another module";
    return symbol && this.parameters.get(symbol);
  }

  ofSymbol(symbol) {
    let ref = this.bySymbol.get(symbol);
    if (ref === undefined) {
      ref = this.make(symbol);
      this.bySymbol.set(symbol, ref);
    }
    return ref;
  }

  // What helper a name is called as. Whether it is that one, what declares it has to show.
  helper(symbol) {
    const kind = symbol && this.helpers.get(symbol);
    if (kind) this.called.set(symbol, kind);
    return kind;
  }

  make(symbol) {
    const declaration = symbol.declarations.find(declares);
    const from = this.origin(declaration);
    if (from) return from.alias ?? this.refOf(from);
    const scope = container(declaration, symbol);
    const inside = !this.modules.has(scope);
    const name = ts.unescapeLeadingUnderscores(symbol.escapedName);
    return this.add(inside ? INNER : LOCAL, name, "", inside ? scope : NONE);
  }

  add(kind, first, second, scope) {
    this.refs.push({ kind, first, second, pos: scope.pos, end: scope.end });
    return this.refs.length - 1;
  }

  keyed(key, kind, first, second, scope) {
    let ref = this.byKey.get(key);
    if (ref === undefined) this.byKey.set(key, (ref = this.add(kind, first, second, scope)));
    return ref;
  }

  imported(specifier, name) {
    return this.keyed(`m${specifier}\n${name}`, IMPORTED, specifier, name, NONE);
  }

  wrapped(wrapper, name) {
    return this.keyed(`w${wrapper}\n${name}`, WRAPPED, wrapper, name, NONE);
  }

  // What holds `export default`: no name of the language can be that.
  standard() {
    return this.keyed("default", LOCAL, "default", "", NONE);
  }

  // Where a declaration takes its value from, if it does nothing but import it: {specifier | ref, name}.
  origin(declaration) {
    switch (declaration.kind) {
      case K.ImportSpecifier:
        return { specifier: specifierOf(declaration.parent.parent.parent), name: (declaration.propertyName ?? declaration.name).text };
      case K.ImportClause:
        // What rollup imports for `require("x")`.
        return { specifier: specifierOf(declaration.parent), name: this.inBundle && REQUIRED.test(declaration.name.text) ? "*" : "default" };
      case K.NamespaceImport:
        return { specifier: specifierOf(declaration.parent.parent), name: "*" };
      case K.ImportEqualsDeclaration: {
        const reference = declaration.moduleReference;
        return reference.kind === K.ExternalModuleReference ? { specifier: reference.expression.text, name: "*" } : undefined;
      }
      case K.VariableDeclaration:
        if (declaration.name.kind !== K.Identifier) return undefined;
        if (!declaration.initializer) return this.late.get(declaration.symbol) && this.required(this.late.get(declaration.symbol));
        return this.createsRequire(declaration.initializer) ? { specifier: "module", name: "createRequire()" } : (this.required(declaration.initializer) ?? this.aliased(declaration.initializer));
    }
    return undefined;
  }

  // The module that an expression stands for: require("x"), the bundler's require_x(), and what it wraps these in.
  required(node) {
    node = bare(node);
    if (node.kind !== K.CallExpression || node.questionDotToken) return undefined;
    const callee = bare(node.expression);
    if (this.inBundle && callee.kind === K.CallExpression) return this.requiredByCall(callee, node.arguments);
    if (callee.kind !== K.Identifier) return undefined;
    const args = node.arguments;
    if (this.isRequire(callee)) {
      return args.length === 1 && ts.isStringLiteralLike(args[0]) ? { specifier: args[0].text, name: "*" } : undefined;
    }
    if (!this.inBundle) return undefined;
    const symbol = this.symbol(callee.escapedText);
    if (symbol === undefined) return undefined;
    const runtime = this.runtimes.get(symbol);
    if (runtime) return args.length === 1 ? this.requiredById(runtime, args[0]) : undefined;
    if (args.length === 0 && this.getter(symbol)) return { ...this.getter(symbol), name: "default" };
    if (this.wrappers.get(symbol) === "commonjs" && args.length === 0) return this.externalOf(this.lazy.get(symbol)) ?? { ref: this.ofSymbol(symbol), name: "*" };
    if (BY_KIND.has(this.helpers.get(symbol))) {
      const origin = this.ofHelper(this.helpers.get(symbol), args);
      if (origin) this.helper(symbol);
      return origin;
    }
    if (this.helpers.get(symbol) === "toESM" && args.length >= 1 && args.slice(1).every(isConstant)) {
      const origin = this.required(args[0]);
      if (origin) this.helper(symbol);
      return origin;
    }
    return undefined;
  }

  isRequire(identifier) {
    const symbol = this.symbol(identifier.escapedText);
    if (symbol === undefined) return identifier.escapedText === "require";
    if (this.parameters.has(symbol)) return this.parameters.get(symbol) === "require";
    if (this.helpers.has(symbol)) return this.helpers.get(symbol) === "require" && Boolean(this.helper(symbol));
    const declaration = symbol.declarations.find(declares);
    return declaration.kind === K.VariableDeclaration && this.createsRequire(declaration.initializer);
  }

  // createRequire(import.meta.url), of Node.js' own module and of no other.
  createsRequire(node) {
    node = node && bare(node);
    // (() => createRequire(import.meta.url))()
    if (node?.kind === K.CallExpression && !node.arguments.length && bare(node.expression).kind === K.ArrowFunction) node = getterOf(node.expression);
    if (node?.kind !== K.CallExpression || node.questionDotToken || node.arguments.length !== 1 || !isOwnAddress(bare(node.arguments[0]))) return false;
    let callee = bare(node.expression);
    if (callee.kind === K.BinaryExpression && callee.operatorToken.kind === K.CommaToken && bare(callee.left).kind === K.NumericLiteral) callee = bare(callee.right);
    let ref = -1;
    if (callee.kind === K.Identifier) ref = this.of(callee);
    else if (callee.kind === K.PropertyAccessExpression) ref = this.member(callee.expression, callee.name.text);
    const { kind, first, second } = this.refs[ref] ?? {};
    return kind === IMPORTED && /^(?:node:)?module$/.test(first) && second === "createRequire";
  }

  // The reference to what `required` found.
  refOf({ specifier, ref, name }) {
    return ref === undefined ? this.imported(specifier, name) : this.wrapped(ref, name);
  }

  // The reference that `x.name` is where x is a module, else -1.
  member(expression, name) {
    expression = bare(expression);
    let origin;
    if (expression.kind === K.Identifier) {
      const symbol = this.symbol(expression.escapedText);
      if (symbol === undefined || this.parameters.has(symbol)) return -1;
      if (name === "a" && this.getter(symbol)) return this.refOf({ ...this.getter(symbol), name: "default" });
      const ref = this.ofSymbol(symbol);
      const { kind, first, second } = this.refs[ref];
      if (kind === IMPORTED && this.whole[first]?.[second] === "namespace") return this.imported(first, `${second}.${name}`);
      if (kind === IMPORTED && second === "default" && BUILTIN.test(first)) return this.imported(first, name);
      if ((kind !== IMPORTED && kind !== WRAPPED) || second !== "*") return -1;
      return kind === IMPORTED ? this.imported(first, name) : this.wrapped(first, name);
    }
    origin = this.required(expression);
    if (expression.kind === K.PropertyAccessExpression && expression.name.text === "default") {
      const { kind, first, second } = this.refs[this.member(expression.expression, "default")] ?? {};
      return kind === IMPORTED && second === "default" && BUILTIN.test(first) ? this.imported(first, name) : -1;
    }
    if (origin?.name === "default" && BUILTIN.test(origin.specifier ?? "")) return this.imported(origin.specifier, name);
    if (origin === undefined || origin.name !== "*") return -1;
    return origin.ref === undefined ? this.imported(origin.specifier, name) : this.wrapped(origin.ref, name);
  }
}

function declares(node) {
  switch (node.kind) {
    case K.VariableDeclaration:
    case K.FunctionDeclaration:
    case K.ClassDeclaration:
    case K.EnumDeclaration:
    case K.ModuleDeclaration:
      // `declare` says only what is there anyway.
      return !(ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Ambient);
    case K.BindingElement:
    case K.Parameter:
    case K.FunctionExpression:
    case K.ClassExpression:
    case K.ImportSpecifier:
    case K.ImportClause:
    case K.NamespaceImport:
    case K.ImportEqualsDeclaration:
      return true;
  }
  return false;
}

// The node whose locals a declaration is among.
function container(declaration, symbol) {
  if (declaration.kind === K.FunctionExpression || declaration.kind === K.ClassExpression) return declaration;
  for (let node = declaration.parent; node; node = node.parent) {
    if (node.locals?.get(symbol.escapedName) === symbol) return node;
    if (node.kind === K.SourceFile) return node;
  }
  throw new Refusal("a declaration is nowhere");
}

function bare(node) {
  for (;;) {
    switch (node.kind) {
      case K.ParenthesizedExpression:
      case K.AsExpression:
      case K.TypeAssertionExpression:
      case K.NonNullExpression:
      case K.SatisfiesExpression:
        node = node.expression;
        continue;
    }
    return node;
  }
}

// What nothing is done for: 1, true, !0.
function isConstant(node) {
  node = bare(node);
  if (node.kind === K.PrefixUnaryExpression) return node.operator === K.ExclamationToken && isConstant(node.operand);
  return node.kind === K.NumericLiteral || node.kind === K.TrueKeyword || node.kind === K.FalseKeyword;
}

const specifierOf = (node) => node.moduleSpecifier.text;

// import.meta.url
function isOwnAddress(node) {
  return node.kind === K.PropertyAccessExpression && node.name.text === "url" && !node.questionDotToken && node.expression.kind === K.MetaProperty && node.expression.keywordToken === K.ImportKeyword;
}
