// Names of modules that are given a value more than once. Of two declarations the program uses the last one's value,
// while references go by the first: so a module could be exchanged for another one.

class Bindings {
  constructor(scopes) {
    this.scopes = scopes;
    this.all = new Map(); // symbol -> [unit, what it imports, or undefined]
  }

  imported(name, unit, origin) {
    this.add(name, unit, JSON.stringify([origin?.specifier ?? "", origin?.ref ?? -1, origin?.name ?? ""]));
  }

  declared(name, unit) {
    if (name.kind === K.Identifier) return this.add(name, unit, undefined);
    for (const element of name.elements) if (element.name) this.declared(element.name, unit);
  }

  add(name, unit, origin) {
    const symbol = this.scopes.symbol(name.escapedText);
    if (!symbol) return;
    const known = this.all.get(symbol) ?? [];
    known.push([unit, origin]);
    this.all.set(symbol, known);
  }

  // The declarations of what is imported and given another value elsewhere: [unit, name].
  twice() {
    const differ = (given) => given.some(([, origin]) => origin !== given[0][1]);
    return [...this.all]
      .filter(([, given]) => differ(given))
      .flatMap(([symbol, given]) => given.map(([unit]) => [unit, ts.unescapeLeadingUnderscores(symbol.escapedName)]));
  }
}
