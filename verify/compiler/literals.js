// What a build script hands to its bundler, folded out of its text; nothing of it is evaluated by V8.
//
// The text is parsed by the TypeScript compiler, and its tree is walked with values of our own: texts, numbers, lists,
// tables, functions as trees. What is not known is UNKNOWN, and whatever is made of that is UNKNOWN, too. A table here
// is a Map, so that no name in a script reaches an object of this program. Files are those of the request; nothing
// else of a machine exists. The work is counted, and stops at a limit.
const literals = (() => {
  "use strict";

  const MAX_STEPS = 200_000;
  const MAX_DEPTH = 80;
  const MAX_TEXT = 1 << 20;
  const MAX_ITEMS = 10_000;
  const MAX_BUILDS = 64;
  const FORMATS = ["esm", "cjs", "iife"];
  const ASKED = new Set(["outExtension", "banner", "footer", "esbuildOptions"]);
  const MODULE_ENDINGS = ["", ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json"];

  const UNKNOWN = Object.freeze({ unknown: true });

  class List {
    constructor(items, partial = false) {
      Object.assign(this, { items: items.slice(0, MAX_ITEMS), partial });
    }
  }
  class Table {
    constructor(entries = [], partial = false) {
      Object.assign(this, { members: new Map(entries), partial });
    }
    get(name) {
      return this.members.has(name) ? this.members.get(name) : this.partial ? UNKNOWN : undefined;
    }
  }
  class Pattern {
    constructor(source, flags) {
      Object.assign(this, { source, flags });
    }
  }
  class Closure {
    constructor(node, scope) {
      Object.assign(this, { node, scope });
    }
  }
  class Native {
    constructor(call) {
      this.call = call;
    }
  }
  class Scope {
    constructor(above) {
      Object.assign(this, { above, names: new Map() });
    }
    find(name) {
      for (let scope = this; scope; scope = scope.above) if (scope.names.has(name)) return scope;
      return undefined;
    }
  }
  class Exit extends Error {}
  class Thrown extends Error {}
  class TooMuch extends Error {}

  const known = (value) => value !== UNKNOWN;
  const isText = (value) => typeof value === "string";
  const isPrimitive = (value) => value === null || typeof value !== "object";
  const bounded = (text) => (text.length > MAX_TEXT ? UNKNOWN : text);
  // Whether a value counts as true; undefined where that is not known.
  const truth = (value) => (value === UNKNOWN ? undefined : isPrimitive(value) ? Boolean(value) : true);

  // Paths are absolute, "/" is the root of the repository.
  const normal = (path) => {
    const parts = [];
    for (const part of path.split("/")) {
      if (part === "..") parts.pop();
      else if (part && part !== ".") parts.push(part);
    }
    return "/" + parts.join("/");
  };
  const folder = (path) => path.slice(0, path.lastIndexOf("/")) || (path.startsWith("/") ? "/" : ".");
  const base = (path) => path.slice(path.lastIndexOf("/") + 1);
  const joined = (parts) => {
    const text = parts.filter(Boolean).join("/");
    if (text.startsWith("/")) return normal(text);
    const out = [];
    for (const part of text.split("/")) {
      if (part === ".." && out.length && out[out.length - 1] !== "..") out.pop();
      else if (part && part !== ".") out.push(part);
    }
    return out.join("/") || ".";
  };

  function fold({ path, files, paths, directory, environment, arguments: words, type }) {
    const texts = new Map(files);
    const missing = new Set();
    const builds = [];
    const commands = [];
    const modules = new Map();
    const cwd = normal("/" + directory);
    let steps = 0;
    let depth = 0;

    const step = (count = 1) => {
      steps += count;
      if (steps > MAX_STEPS) throw new TooMuch("too much to fold");
    };
    // The names in each folder of the tree, and whether they are files; made when a script first asks.
    let folders;
    const inside = (place) => {
      if (!folders) {
        folders = new Map([["/", new Map()]]);
        for (const one of paths) {
          for (let at = "/" + one, file = true; at !== "/"; at = folder(at), file = false) {
            const above = folder(at);
            if (!folders.has(above)) folders.set(above, new Map());
            const names = folders.get(above);
            if (!file && names.has(base(at))) break;
            names.set(base(at), file);
          }
        }
      }
      return folders.get(place);
    };
    const resolve = (text) => normal(text.startsWith("/") ? text : `${cwd}/${text}`);
    const fromJson = (value) => {
      step();
      if (Array.isArray(value)) return new List(value.map(fromJson));
      if (value && typeof value === "object") return new Table(Object.entries(value).map(([k, v]) => [k, fromJson(v)]));
      return value;
    };
    const toJson = (value) => {
      step();
      if (value === UNKNOWN || value instanceof Closure || value instanceof Native) throw new Thrown("unknown");
      if (value instanceof List) {
        if (value.partial) throw new Thrown("unknown");
        return value.items.map(toJson);
      }
      if (value instanceof Table) {
        if (value.partial) throw new Thrown("unknown");
        const plain = Object.create(null);
        for (const [name, item] of value.members) plain[name] = toJson(item);
        return plain;
      }
      return value instanceof Pattern ? {} : value;
    };
    const located = (value) => {
      if (value instanceof Table) value = value.get("href");
      if (!isText(value)) return undefined;
      return value.startsWith("file://") ? normal(value.slice(7)) : resolve(value);
    };
    const url = (path) => new Table([["href", `file://${path}`], ["pathname", path]]);
    const read = (value) => {
      const place = located(value);
      if (place === undefined) return UNKNOWN;
      const name = place.slice(1);
      if (texts.has(name)) return texts.get(name);
      missing.add(name);
      return UNKNOWN;
    };
    const exists = (value) => {
      const place = located(value);
      if (place === undefined) return UNKNOWN;
      return inside(place) !== undefined || Boolean(inside(folder(place))?.has(base(place)));
    };
    const listing = (value, options) => {
      const place = located(value);
      if (place === undefined) return UNKNOWN;
      const names = inside(place) ?? new Map();
      step(names.size);
      const sorted = [...names.keys()].sort();
      if (!(options instanceof Table) || !truth(options.get("withFileTypes"))) return new List(sorted);
      const entry = (name) =>
        new Table([
          ["name", name],
          ["isFile", new Native(() => names.get(name))],
          ["isDirectory", new Native(() => !names.get(name))],
        ]);
      return new List(sorted.map(entry));
    };

    // ---- modules that scripts import ----
    const record = (kind, mode) => new Native(([options]) => {
      if (builds.length < MAX_BUILDS) builds.push([kind, mode, encoded(options)]);
      const again = new Native(() => UNKNOWN);
      return new Table([["watch", again], ["serve", again], ["rebuild", again], ["dispose", again]], true);
    });
    const nothing = new Native(() => UNKNOWN);
    const same = new Native(([value]) => value);
    const texted = (work) => new Native((args) => (args.every(isText) ? work(args) : UNKNOWN));
    const table = (object) => new Table(Object.entries(object));
    const withDefault = (value) => {
      value.members.set("default", value);
      return value;
    };
    const run = new Native(([command, args]) => {
      const rest = args instanceof List ? args.items : [];
      if (isText(command)) commands.push([command, ...rest.filter(isText)]);
      return new Table([], true);
    });
    const pathModule = withDefault(table({
      join: texted(joined),
      resolve: texted((parts) => parts.reduce((at, part) => normal(part.startsWith("/") ? part : `${at}/${part}`), cwd)),
      dirname: texted(([one]) => folder(one)),
      basename: texted(([one, ending]) => (ending && base(one).endsWith(ending) ? base(one).slice(0, -ending.length) : base(one))),
      extname: texted(([one]) => (base(one).lastIndexOf(".") > 0 ? base(one).slice(base(one).lastIndexOf(".")) : "")),
      normalize: texted(([one]) => joined([one])),
      isAbsolute: texted(([one]) => one.startsWith("/")),
      relative: texted(([from, to]) => {
        const [left, right] = [resolve(from).split("/"), resolve(to).split("/")];
        while (left.length && left[0] === right[0]) left.shift(), right.shift();
        return [...left.filter(Boolean).map(() => ".."), ...right].join("/");
      }),
      parse: texted(([one]) => {
        const name = base(one);
        const ext = name.lastIndexOf(".") > 0 ? name.slice(name.lastIndexOf(".")) : "";
        return table({ dir: folder(one), base: name, ext, name: name.slice(0, name.length - ext.length) });
      }),
      sep: "/",
    }));
    pathModule.members.set("posix", pathModule);
    const urlModule = withDefault(table({
      fileURLToPath: new Native(([one]) => located(one) ?? UNKNOWN),
      pathToFileURL: texted(([one]) => url(resolve(one))),
    }));
    const reading = { readFile: new Native(([one]) => read(one)), readdir: new Native(([one, how]) => listing(one, how)) };
    const promises = withDefault(new Table(Object.entries(reading), true));
    const fileModule = withDefault(new Table([
      ["readFileSync", reading.readFile],
      ["readdirSync", reading.readdir],
      ["existsSync", new Native(([one]) => exists(one))],
      ["promises", promises],
    ], true));
    const required = (from) => new Native(([name]) => (isText(name) ? imported(name, from) : UNKNOWN));
    const process = new Table([
      ["env", new Table(environment)],
      ["argv", new List(["/usr/bin/node", "/" + path, ...words])],
      ["platform", "linux"],
      ["cwd", new Native(() => cwd)],
      ["exit", new Native(() => { throw new Exit(); })],
    ], true);
    const shells = withDefault(new Table(["exec", "execSync", "spawn", "spawnSync", "execFileSync", "execa", "execaSync", "execaCommand", "execaCommandSync", "$"].map((name) => [name, run]), true));
    const externals = new Native(() => new Table([["name", "node-externals"]], true));
    const builtin = new Map([
      ["path", pathModule], ["path/posix", pathModule], ["url", urlModule], ["fs", fileModule], ["fs-extra", fileModule],
      ["fs/promises", promises], ["child_process", shells], ["execa", shells], ["zx", shells], ["process", withDefault(process)],
      ["esbuild", withDefault(new Table([["build", record("esbuild", "build")], ["buildSync", record("esbuild", "build")], ["context", record("esbuild", "context")]], true))],
      ["tsup", withDefault(new Table([["defineConfig", same], ["build", record("tsup", "build")]], true))],
      ["esbuild-node-externals", new Table([["nodeExternalsPlugin", externals], ["default", externals]])],
    ]);
    builtin.set("module", withDefault(new Table([["createRequire", new Native(([one]) => required(located(one) ?? "/" + path))]], true)));

    function imported(name, from) {
      const plain = name.replace(/^node:/, "");
      if (builtin.has(plain)) return builtin.get(plain);
      if (!name.startsWith(".") && !name.startsWith("/")) return new Table([], true);
      const place = normal(name.startsWith("/") ? name : `${folder(from)}/${name}`).slice(1);
      const stem = place.replace(/\.[cm]?js$/, "");
      const found = [...MODULE_ENDINGS.map((ending) => place + ending), stem + ".ts", stem + ".mts", place + "/index.ts", place + "/index.js"].find((one) => texts.has(one));
      if (found === undefined) {
        missing.add(place);
        return new Table([], true);
      }
      if (found.endsWith(".json")) {
        try {
          const value = fromJson(JSON.parse(texts.get(found)));
          return value instanceof Table ? new Table([...value.members, ["default", value]]) : value;
        } catch {
          return UNKNOWN;
        }
      }
      return module(found);
    }

    const globals = new Scope(undefined);
    const objectMembers = {
      keys: (one) => new List([...one.members.keys()], one.partial),
      values: (one) => new List([...one.members.values()], one.partial),
      entries: (one) => new List([...one.members].map((pair) => new List(pair)), one.partial),
    };
    const objects = new Table([
      ...Object.entries(objectMembers).map(([name, work]) => [name, new Native(([one]) => (one instanceof Table ? work(one) : UNKNOWN))]),
      ["assign", new Native(([first, ...rest]) => {
        if (!(first instanceof Table)) return UNKNOWN;
        for (const one of rest) spread(first, one);
        return first;
      })],
      ["freeze", same],
      ["fromEntries", new Native(([one]) => {
        if (!(one instanceof List)) return UNKNOWN;
        const pairs = one.items.filter((pair) => pair instanceof List && isText(pair.items[0]));
        return new Table(pairs.map((pair) => [pair.items[0], pair.items[1]]), one.partial || pairs.length < one.items.length);
      })],
    ], true);
    for (const [name, value] of Object.entries({
      undefined: undefined, NaN, Infinity, process, Object: objects,
      console: new Table([], true),
      JSON: new Table([
        ["stringify", new Native(([value, , indent]) => {
          const text = JSON.stringify(toJson(value), null, isPrimitive(indent) ? indent : undefined);
          return text === undefined ? undefined : bounded(text);
        })],
        ["parse", texted(([text]) => fromJson(JSON.parse(text)))],
      ]),
      Promise: new Table([["all", same], ["allSettled", same], ["resolve", same], ["race", same]], true),
      Array: new Table([["isArray", new Native(([one]) => (known(one) ? one instanceof List : UNKNOWN))], ["from", new Native(([one]) => (one instanceof List ? one : UNKNOWN))]], true),
      String: new Native(([one]) => (isPrimitive(one) ? String(one) : UNKNOWN)),
      Boolean: new Native(([one]) => truth(one) ?? UNKNOWN),
      Number: new Native(([one]) => (isPrimitive(one) ? Number(one) : UNKNOWN)),
      Date: new Table([], true),
      Bun: new Table([], true),
    })) globals.names.set(name, value);

    // ---- methods of texts and lists ----
    const textMethods = new Map(Object.entries({
      ...Object.fromEntries(["toLowerCase", "toUpperCase", "trim", "trimStart", "trimEnd", "startsWith", "endsWith", "includes", "indexOf", "lastIndexOf", "slice", "substring", "at", "charAt"].map((name) => [name, (text, args) => (args.every((one) => isPrimitive(one)) ? text[name](...args) : UNKNOWN)])),
      split: (text, [by]) => (isText(by) ? new List(text.split(by)) : UNKNOWN),
      replace: (text, [from, to]) => (isText(from) && isText(to) ? text.replace(from, () => to) : UNKNOWN),
      replaceAll: (text, [from, to]) => (isText(from) && isText(to) ? bounded(text.split(from).join(to)) : UNKNOWN),
      concat: (text, args) => (args.every(isPrimitive) ? bounded(text + args.join("")) : UNKNOWN),
      toString: (text) => text,
    }));
    const whole = (list, value) => (list.partial ? UNKNOWN : value);
    const listMethods = new Map(Object.entries({
      map: (list, [work]) => new List(list.items.map((item, at) => call(work, [item, at, list])), list.partial),
      forEach: (list, [work]) => void list.items.forEach((item, at) => call(work, [item, at, list])),
      flatMap: (list, [work]) => new List(list.items.map((item, at) => call(work, [item, at])).flatMap((one) => (one instanceof List ? one.items : [one])), list.partial),
      filter: (list, [work]) => {
        const kept = list.items.map((item, at) => [item, truth(call(work, [item, at]))]);
        return new List(kept.filter(([, keep]) => keep).map(([item]) => item), list.partial || kept.some(([, keep]) => keep === undefined));
      },
      find: (list, [work]) => whole(list, list.items.find((item, at) => truth(call(work, [item, at])))),
      some: (list, [work]) => whole(list, list.items.some((item, at) => truth(call(work, [item, at])))),
      every: (list, [work]) => whole(list, list.items.every((item, at) => truth(call(work, [item, at])))),
      reduce: (list, [work, first]) => list.items.reduce((sum, item, at) => call(work, [sum, item, at]), first),
      concat: (list, args) => new List([...list.items, ...args.flatMap((one) => (one instanceof List ? one.items : [one]))], list.partial || args.some((one) => one === UNKNOWN)),
      includes: (list, [one]) => (list.items.includes(one) ? true : whole(list, known(one) ? false : UNKNOWN)),
      indexOf: (list, [one]) => whole(list, list.items.indexOf(one)),
      join: (list, [by = ","]) => whole(list, list.items.every(isPrimitive) && isText(by) ? bounded(list.items.join(by)) : UNKNOWN),
      slice: (list, args) => whole(list, args.every(isPrimitive) ? new List(list.items.slice(...args)) : UNKNOWN),
      push: (list, args) => {
        if (list.items.length < MAX_ITEMS) list.items.push(...args);
        return list.items.length;
      },
      flat: (list) => new List(list.items.flatMap((one) => (one instanceof List ? one.items : [one])), list.partial),
      sort: (list, [work]) => (work === undefined && list.items.every(isText) ? new List([...list.items].sort(), list.partial) : UNKNOWN),
      reverse: (list) => new List([...list.items].reverse(), list.partial),
      keys: (list) => new List(list.items.map((_, at) => at), list.partial),
      has: (list, [one]) => listMethods.get("includes")(list, [one]),
      add: (list, args) => (listMethods.get("push")(list, args), list),
      values: (list) => list,
    }));

    function spread(target, value) {
      if (value instanceof Table) {
        for (const [name, item] of value.members) target.members.set(name, item);
        target.partial ||= value.partial;
      } else if (value === UNKNOWN) target.partial = true;
    }

    function member(value, name) {
      if (value instanceof Table) return value.get(name);
      if (value instanceof List) {
        if (name === "length" || name === "size") return whole(value, value.items.length);
        if (/^\d+$/.test(name)) return Number(name) < value.items.length ? value.items[Number(name)] : whole(value, undefined);
        const method = listMethods.get(name);
        return method ? new Native((args) => method(value, args)) : UNKNOWN;
      }
      if (isText(value)) {
        if (name === "length") return value.length;
        if (/^\d+$/.test(name)) return value[Number(name)];
        const method = textMethods.get(name);
        return method ? new Native((args) => method(value, args)) : UNKNOWN;
      }
      return UNKNOWN;
    }

    // Functions of strangers are asked with nothing known: a build may be made in one.
    function call(callee, args) {
      step();
      if (depth >= MAX_DEPTH) return UNKNOWN;
      depth += 1;
      try {
        if (callee instanceof Native) return callee.call(args);
        if (callee instanceof Closure) return invoked(callee, args);
        for (const one of args) if (one instanceof Closure) attempt(() => invoked(one, []), UNKNOWN);
        return UNKNOWN;
      } finally {
        depth -= 1;
      }
    }

    function attempt(work, otherwise) {
      try {
        return work();
      } catch (error) {
        if (error instanceof TooMuch) throw error;
        return otherwise;
      }
    }

    function invoked({ node, scope }, args) {
      const inner = new Scope(scope);
      node.parameters.forEach((parameter, at) => {
        let value = parameter.dotDotDotToken ? new List(args.slice(at)) : at < args.length ? args[at] : args.length ? undefined : UNKNOWN;
        if (value === undefined && parameter.initializer) value = evaluated(parameter.initializer, inner);
        bind(parameter.name, value, inner);
      });
      if (!node.body) return UNKNOWN;
      if (!ts.isBlock(node.body)) return evaluated(node.body, inner);
      const done = block(node.body.statements, inner);
      return done && done.kind === "return" ? done.value : undefined;
    }

    function bind(target, value, scope) {
      step();
      if (ts.isIdentifier(target)) {
        scope.names.set(target.text, value);
      } else if (ts.isObjectBindingPattern(target)) {
        const taken = new Set();
        for (const element of target.elements) {
          if (element.dotDotDotToken) {
            const rest = value instanceof Table ? new Table([...value.members].filter(([name]) => !taken.has(name)), value.partial) : UNKNOWN;
            bind(element.name, rest, scope);
            continue;
          }
          const key = element.propertyName ?? element.name;
          const name = ts.isIdentifier(key) || ts.isStringLiteral(key) ? key.text : undefined;
          taken.add(name);
          const found = name === undefined ? UNKNOWN : member(value, name);
          bind(element.name, found === undefined && element.initializer ? evaluated(element.initializer, scope) : found, scope);
        }
      } else if (ts.isArrayBindingPattern(target)) {
        target.elements.forEach((element, at) => {
          if (ts.isOmittedExpression(element)) return;
          const found = element.dotDotDotToken ? (value instanceof List ? new List(value.items.slice(at), value.partial) : UNKNOWN) : member(value, String(at));
          bind(element.name, found === undefined && element.initializer ? evaluated(element.initializer, scope) : found, scope);
        });
      }
    }

    function assign(target, value, scope) {
      while (ts.isParenthesizedExpression(target) || ts.isAsExpression(target) || ts.isNonNullExpression(target)) target = target.expression;
      if (ts.isIdentifier(target)) (scope.find(target.text) ?? scope).names.set(target.text, value);
      else if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) {
        const holder = evaluated(target.expression, scope);
        const name = ts.isPropertyAccessExpression(target) ? target.name.text : evaluated(target.argumentExpression, scope);
        if (holder instanceof Table && known(name)) holder.members.set(String(name), value);
        else if (holder instanceof Table) holder.partial = true;
      }
    }

    // ---- statements ----
    function block(statements, scope) {
      for (const one of statements) if (ts.isFunctionDeclaration(one) && one.name) scope.names.set(one.name.text, new Closure(one, scope));
      for (const one of statements) {
        const done = executed(one, scope);
        if (done) return done;
      }
      return undefined;
    }

    function executed(node, scope) {
      step();
      if (ts.isVariableStatement(node)) return void declared(node.declarationList, scope);
      if (ts.isExpressionStatement(node)) return void evaluated(node.expression, scope);
      if (ts.isReturnStatement(node)) return { kind: "return", value: node.expression ? evaluated(node.expression, scope) : undefined };
      if (ts.isBlock(node)) return block(node.statements, new Scope(scope));
      if (ts.isIfStatement(node)) return branched(node, scope);
      if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return repeated(node, scope);
      if (ts.isThrowStatement(node)) throw new Thrown("thrown");
      if (ts.isTryStatement(node)) return tried(node, scope);
      if (ts.isBreakStatement(node)) return { kind: "break" };
      if (ts.isContinueStatement(node)) return { kind: "continue" };
      if (ts.isSwitchStatement(node)) return switched(node, scope);
      if (ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return void attempt(() => executed(node.statement, new Scope(scope)), undefined);
      if (ts.isLabeledStatement(node)) return executed(node.statement, scope);
      return undefined;
    }

    function declared(list, scope) {
      for (const one of list.declarations) bind(one.name, one.initializer ? evaluated(one.initializer, scope) : undefined, scope);
    }

    function branched(node, scope) {
      const taken = truth(evaluated(node.expression, scope));
      if (taken === true) return executed(node.thenStatement, scope);
      if (taken === false) return node.elseStatement && executed(node.elseStatement, scope);
      // Not known: each branch may be the one, and what ends in one of them goes on in the other.
      attempt(() => executed(node.thenStatement, scope), undefined);
      if (node.elseStatement) attempt(() => executed(node.elseStatement, scope), undefined);
      return undefined;
    }

    function repeated(node, scope) {
      const over = evaluated(node.expression, scope);
      let items = over instanceof List ? over.items : [UNKNOWN];
      if (ts.isForInStatement(node)) items = over instanceof Table ? [...over.members.keys()] : [UNKNOWN];
      for (const item of items) {
        const inner = new Scope(scope);
        if (ts.isVariableDeclarationList(node.initializer)) bind(node.initializer.declarations[0].name, item, inner);
        else assign(node.initializer, item, inner);
        const done = executed(node.statement, inner);
        if (done && done.kind === "break") break;
        if (done && done.kind === "return") return done;
      }
      return undefined;
    }

    function tried(node, scope) {
      let done;
      try {
        done = block(node.tryBlock.statements, new Scope(scope));
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        if (node.catchClause) done = attempt(() => block(node.catchClause.block.statements, new Scope(scope)), undefined);
      }
      if (node.finallyBlock) done = block(node.finallyBlock.statements, new Scope(scope)) ?? done;
      return done;
    }

    function switched(node, scope) {
      const value = evaluated(node.expression, scope);
      let on = !known(value);
      for (const clause of node.caseBlock.clauses) {
        on ||= ts.isDefaultClause(clause) || evaluated(clause.expression, scope) === value;
        const done = on ? block(clause.statements, new Scope(scope)) : undefined;
        if (done && known(value)) return done.kind === "break" ? undefined : done;
      }
      return undefined;
    }

    // ---- expressions ----
    function evaluated(node, scope) {
      step();
      const kind = ts.SyntaxKind;
      switch (node.kind) {
        case kind.StringLiteral:
        case kind.NoSubstitutionTemplateLiteral:
          return node.text;
        case kind.NumericLiteral:
          return Number(node.text);
        case kind.TrueKeyword:
          return true;
        case kind.FalseKeyword:
          return false;
        case kind.NullKeyword:
          return null;
        case kind.RegularExpressionLiteral: {
          const end = node.text.lastIndexOf("/");
          return new Pattern(node.text.slice(1, end), node.text.slice(end + 1));
        }
        case kind.Identifier: {
          const holder = scope.find(node.text);
          return holder ? holder.names.get(node.text) : UNKNOWN;
        }
        case kind.ParenthesizedExpression:
        case kind.AsExpression:
        case kind.SatisfiesExpression:
        case kind.NonNullExpression:
        case kind.TypeAssertionExpression:
        case kind.AwaitExpression:
          return evaluated(node.expression, scope);
        case kind.VoidExpression:
          evaluated(node.expression, scope);
          return undefined;
        case kind.ObjectLiteralExpression:
          return object(node, scope);
        case kind.ArrayLiteralExpression:
          return array(node, scope);
        case kind.ArrowFunction:
        case kind.FunctionExpression:
          return new Closure(node, scope);
        case kind.TemplateExpression:
          return template(node, scope);
        case kind.ConditionalExpression: {
          const taken = truth(evaluated(node.condition, scope));
          if (taken !== undefined) return evaluated(taken ? node.whenTrue : node.whenFalse, scope);
          evaluated(node.whenTrue, scope);
          evaluated(node.whenFalse, scope);
          return UNKNOWN;
        }
        case kind.BinaryExpression:
          return binary(node, scope);
        case kind.PrefixUnaryExpression:
          return prefixed(node, scope);
        case kind.TypeOfExpression: {
          const value = evaluated(node.expression, scope);
          return known(value) && isPrimitive(value) ? typeof value : UNKNOWN;
        }
        case kind.PropertyAccessExpression:
        case kind.ElementAccessExpression:
          return accessed(node, scope);
        case kind.CallExpression:
          return called(node, scope);
        case kind.NewExpression:
          return constructed(node, scope);
        case kind.TaggedTemplateExpression: {
          const tag = evaluated(node.tag, scope);
          const text = evaluated(node.template, scope);
          return tag === run && isText(text) ? call(run, [text]) : UNKNOWN;
        }
        case kind.MetaProperty:
          return scope.find("import.meta")?.names.get("import.meta") ?? UNKNOWN;
        default:
          return UNKNOWN;
      }
    }

    function object(node, scope) {
      const made = new Table();
      for (const one of node.properties) {
        if (ts.isSpreadAssignment(one)) {
          spread(made, evaluated(one.expression, scope));
          continue;
        }
        const name = ts.isComputedPropertyName(one.name) ? evaluated(one.name.expression, scope) : one.name.text;
        if (!isText(name) && typeof name !== "number") made.partial = true;
        else if (ts.isPropertyAssignment(one)) made.members.set(String(name), evaluated(one.initializer, scope));
        else if (ts.isShorthandPropertyAssignment(one)) made.members.set(name, evaluated(one.name, scope));
        else made.members.set(String(name), ts.isMethodDeclaration(one) ? new Closure(one, scope) : UNKNOWN);
      }
      return made;
    }

    function array(node, scope) {
      const items = [];
      let partial = false;
      for (const one of node.elements) {
        if (!ts.isSpreadElement(one)) {
          items.push(evaluated(one, scope));
          continue;
        }
        const value = evaluated(one.expression, scope);
        if (value instanceof List) items.push(...value.items);
        partial ||= !(value instanceof List) || value.partial;
      }
      return new List(items, partial);
    }

    function template(node, scope) {
      let text = node.head.text;
      for (const one of node.templateSpans) {
        const value = evaluated(one.expression, scope);
        if (!known(text) || !known(value) || !isPrimitive(value)) text = UNKNOWN;
        else text = bounded(text + String(value) + one.literal.text);
      }
      return text;
    }

    function binary(node, scope) {
      const kind = ts.SyntaxKind;
      const operator = node.operatorToken.kind;
      if (operator === kind.EqualsToken) {
        const value = evaluated(node.right, scope);
        assign(node.left, value, scope);
        return value;
      }
      const left = evaluated(node.left, scope);
      if (operator === kind.AmpersandAmpersandToken) return truth(left) === false ? left : known(left) ? evaluated(node.right, scope) : (evaluated(node.right, scope), UNKNOWN);
      if (operator === kind.BarBarToken) return truth(left) === true ? left : known(left) ? evaluated(node.right, scope) : UNKNOWN;
      if (operator === kind.QuestionQuestionToken) return !known(left) ? UNKNOWN : left ?? evaluated(node.right, scope);
      const right = evaluated(node.right, scope);
      if (operator === kind.CommaToken) return right;
      if (operator === kind.InKeyword) return right instanceof Table && isText(left) ? (right.members.has(left) ? true : right.partial ? UNKNOWN : false) : UNKNOWN;
      if (!known(left) || !known(right)) return UNKNOWN;
      if (operator === kind.EqualsEqualsEqualsToken || operator === kind.EqualsEqualsToken) return left === right;
      if (operator === kind.ExclamationEqualsEqualsToken || operator === kind.ExclamationEqualsToken) return left !== right;
      if (!isPrimitive(left) || !isPrimitive(right)) return UNKNOWN;
      switch (operator) {
        case kind.PlusToken: return isText(left) || isText(right) ? bounded(String(left) + String(right)) : left + right;
        case kind.MinusToken: return left - right;
        case kind.AsteriskToken: return left * right;
        case kind.SlashToken: return left / right;
        case kind.GreaterThanToken: return left > right;
        case kind.GreaterThanEqualsToken: return left >= right;
        case kind.LessThanToken: return left < right;
        case kind.LessThanEqualsToken: return left <= right;
        default: return UNKNOWN;
      }
    }

    function prefixed(node, scope) {
      const value = evaluated(node.operand, scope);
      if (node.operator === ts.SyntaxKind.ExclamationToken) {
        const found = truth(value);
        return found === undefined ? UNKNOWN : !found;
      }
      if (node.operator === ts.SyntaxKind.MinusToken) return typeof value === "number" ? -value : UNKNOWN;
      return UNKNOWN;
    }

    function accessed(node, scope) {
      const value = evaluated(node.expression, scope);
      if (value === undefined || value === null) return node.questionDotToken ? undefined : UNKNOWN;
      const name = ts.isPropertyAccessExpression(node) ? node.name.text : evaluated(node.argumentExpression, scope);
      return known(name) && isPrimitive(name) ? member(value, String(name)) : UNKNOWN;
    }

    function called(node, scope) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        const name = evaluated(node.arguments[0], scope);
        return isText(name) ? imported(name, here(scope)) : UNKNOWN;
      }
      const method = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : "";
      if (["then", "catch", "finally"].includes(method)) {
        // A promise is the value that it will have.
        const value = evaluated(node.expression.expression, scope);
        const work = method === "catch" ? undefined : node.arguments[0] && evaluated(node.arguments[0], scope);
        const result = work instanceof Closure || work instanceof Native ? call(work, method === "then" ? [value] : []) : value;
        return method === "then" ? result : value;
      }
      const callee = evaluated(node.expression, scope);
      const args = array({ elements: node.arguments }, scope).items;
      return attempt_call(callee, args);
    }

    function attempt_call(callee, args) {
      if (!(callee instanceof Native)) return call(callee, args);
      try {
        return call(callee, args);
      } catch (error) {
        // What a function of ours cannot make of its arguments is not known.
        if (error instanceof TooMuch || error instanceof Exit) throw error;
        return UNKNOWN;
      }
    }

    function constructed(node, scope) {
      const name = ts.isIdentifier(node.expression) ? node.expression.text : "";
      const args = array({ elements: node.arguments ?? [] }, scope).items;
      if (name === "URL" && isText(args[0])) {
        const from = args.length > 1 ? located(args[1]) : undefined;
        if (args[0].startsWith("file://")) return url(normal(args[0].slice(7)));
        if (from !== undefined) return url(normal(args[0].startsWith("/") ? args[0] : `${folder(from)}/${args[0]}`));
      }
      if (name === "Set") return args.length ? (args[0] instanceof List ? new List([...new Set(args[0].items)], args[0].partial) : UNKNOWN) : new List([]);
      if (name === "RegExp" && isText(args[0])) return new Pattern(args[0], isText(args[1]) ? args[1] : "");
      return UNKNOWN;
    }

    const here = (scope) => scope.find("__filename")?.names.get("__filename") ?? "/" + path;

    // ---- a file as a module ----
    function module(name) {
      if (modules.has(name)) return modules.get(name);
      const exports = new Table();
      modules.set(name, exports);
      const place = "/" + name;
      const scope = new Scope(globals);
      const holder = new Table([["exports", exports]]);
      for (const [key, value] of [["__filename", place], ["__dirname", folder(place)], ["module", holder], ["exports", exports], ["require", required(place)], ["import.meta", new Table([["url", `file://${place}`], ["dirname", folder(place)], ["filename", place]], true)]]) scope.names.set(key, value);
      const tree = ts.createSourceFile(place, texts.get(name), ts.ScriptTarget.Latest, false, /\.[cm]?js$/.test(name) ? ts.ScriptKind.JS : ts.ScriptKind.TS);
      for (const one of tree.statements) if (ts.isFunctionDeclaration(one) && one.name) scope.names.set(one.name.text, new Closure(one, scope));
      try {
        for (const one of tree.statements) statement(one, scope, exports);
      } catch (error) {
        if (error instanceof TooMuch) throw error;
      }
      for (const one of tree.statements) exported(one, scope, exports);
      const replaced = holder.get("exports");
      if (replaced !== exports) {
        if (replaced instanceof Table) spread(exports, replaced);
        if (!exports.members.has("default")) exports.members.set("default", replaced);
      }
      return exports;
    }

    function statement(node, scope, exports) {
      if (ts.isImportDeclaration(node)) return importing(node, scope);
      if (ts.isExportAssignment(node)) return void exports.members.set("default", evaluated(node.expression, scope));
      executed(node, scope);
    }

    function importing(node, scope) {
      const clause = node.importClause;
      if (!clause || clause.isTypeOnly || !ts.isStringLiteral(node.moduleSpecifier)) return;
      const found = imported(node.moduleSpecifier.text, here(scope));
      if (clause.name) scope.names.set(clause.name.text, found instanceof Table ? found.get("default") : found);
      const named = clause.namedBindings;
      if (named && ts.isNamespaceImport(named)) scope.names.set(named.name.text, found);
      else if (named) for (const one of named.elements) scope.names.set(one.name.text, member(found, (one.propertyName ?? one.name).text));
    }

    function exported(node, scope, exports) {
      const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) ?? [] : [];
      const marked = (kind) => modifiers.some((one) => one.kind === kind);
      if (marked(ts.SyntaxKind.ExportKeyword)) {
        if (ts.isVariableStatement(node)) {
          for (const one of node.declarationList.declarations) if (ts.isIdentifier(one.name)) exports.members.set(one.name.text, scope.names.get(one.name.text));
        } else if (ts.isFunctionDeclaration(node)) {
          exports.members.set(marked(ts.SyntaxKind.DefaultKeyword) ? "default" : node.name.text, new Closure(node, scope));
        }
      } else if (ts.isExportDeclaration(node) && !node.moduleSpecifier && node.exportClause && ts.isNamedExports(node.exportClause)) {
        for (const one of node.exportClause.elements) exports.members.set(one.name.text, scope.names.get((one.propertyName ?? one.name).text));
      }
    }

    // ---- the answer ----
    function encoded(value, name = "", level = 0) {
      step();
      if (value === undefined) return ["undefined"];
      if (isPrimitive(value)) return typeof value === "number" && !Number.isFinite(value) ? ["unknown"] : isText(value) ? value.toWellFormed() : value;
      if (level > 12) return ["unknown"];
      if (value instanceof List) return ["list", value.items.map((one) => encoded(one, "", level + 1)), value.partial];
      if (value instanceof Table) return ["table", [...value.members].map(([key, one]) => [key.toWellFormed(), encoded(one, key, level + 1)]), value.partial];
      if (value instanceof Pattern) return ["pattern", value.source, value.flags];
      if (value instanceof Closure && ASKED.has(name)) return ["function", FORMATS.map((format) => asked(value, name, format, level))];
      return value instanceof Closure ? ["function", []] : ["unknown"];
    }

    // What a function of a configuration answers for a format: what it returns, or what it writes into what it is given.
    function asked(value, name, format, level) {
      const context = new Table([["format", format], ["pkgType", type], ["options", new Table([], true)]]);
      const given = new Table();
      const answer = attempt(() => invoked(value, name === "esbuildOptions" ? [given, context] : [context]), UNKNOWN);
      return encoded(name === "esbuildOptions" ? given : answer, "", level + 1);
    }

    const exports = module(path);
    let main = exports.members.has("default") ? exports.get("default") : exports.get("tsup");
    // A configuration may be a function of the options of the command line.
    if (main instanceof Closure) main = attempt(() => invoked(main, [new Table()]), UNKNOWN);
    return {
      main: encoded(main),
      builds,
      commands: commands.slice(0, MAX_BUILDS),
      missing: [...missing].slice(0, MAX_BUILDS),
    };
  }

  return fold;
})();
