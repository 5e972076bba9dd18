"""Which changes of a statement are none: each against a neighbour that is one."""

# ruff: noqa: E501 - tables of cases, one a line

import struct
from hashlib import blake2s

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.tracing.isolates import File
from provenly.verify.tracing.prints import PLAIN, Prints

pytestmark = pytest.mark.registry


def prints(tracers, text, *, path="a.js", **options):
    (answer,) = tracers.prints([File(path=path, data=text.encode(), bundle=True, plain=path.endswith("js"), **options)])
    if isinstance(answer, MalformedError):
        raise answer
    return Prints(answer)


def digests(tracers, text, **options):
    """The digests of the statements of a module, in their order, with the number of names that lead out of each."""
    units = prints(tracers, text, **options).units
    return [(unit.digest, len(unit.refs)) for unit in units if unit.top and unit.kind == PLAIN]


EQUAL = {
    "spaces and comments": ("f( a ,b ) // x", "f(a,/* y */b)"),
    "quotes": ("f('a\\'b')", 'f("a\'b")'),
    "escapes": ("f('\\u0041\\n')", "f(`A\n`)"),
    "names": ("function f(a, b) { return a - b }", "function g(x, y) { return x - y }"),
    "names in scopes of their own": ("function f(a) { { let a = 1; g(a) } return a }", "function f(a) { { let b = 1; g(b) } return a }"),
    "parentheses": ("f((a + b) * c)", "f(((a) + (b)) * (c))"),
    "a chain that leans left": ("f(a - b - c)", "f((a - b) - c)"),
    "use strict": ('function f() { "use strict"; return 1 }', "function f() { return 1 }"),
    "let and const": ("function f() { const a = g(); return a }", "function f() { let a = g(); return a }"),
    "several declarations": ("function f() { let a = g(), b = h(); return a + b }", "function f() { let a = g(); let b = h(); return a + b }"),
    "declarations of a module": ("var a = g(1), b = h(2)", "var a = g(1); var b = h(2)"),
    "a block of one statement": ("function f(a) { if (a) { g(a) } }", "function f(a) { if (a) g(a) }"),
    "empty statements": ("function f() { ; g();; }", "function f() { g() }"),
    "an arrow that returns": ("f((x) => { return x + 1 })", "f(x => x + 1)"),
    "shorthand": ("f({ a: b, c: d, process: process })", "f({ a: b, c: d, process })"),
    "methods are not touched": ("f({ m() { return 1 } })", "f({ 'm'() { return 1 } })"),
    "members by string": ('f(a["b"])', "f(a.b)"),
    "quoted keys": ("f({ 'a': 1, ['b']: 2, 0x3: 3 })", "f({ a: 1, b: 2, 3: 3 })"),
    "true, false and undefined": ("f(!0, !1, void 0)", "f(true, false, undefined)"),
    "numbers": ("f(1e3, 0x10, .5, 1_000n)", "f(1000, 16, 0.5, 1000n)"),
    "added strings": ("f('a' + 'b' + c + 'd' + 'e')", "f('ab' + c + 'de')"),
    "templates": ("f(`a${'b'}c`, `x${y}` + 'z')", "f('abc', `x${y}z`)"),
    "new without arguments": ("f(new A)", "f(new A())"),
    "while and for": ("function f(a) { while (a()) g() }", "function f(a) { for (; a(); ) g() }"),
    "commas between statements": ("function f() { a(), b() }", "function f() { a(); b() }"),
    "a class and a variable": ("class A { m() { return A.x } }", "var A = class B { m() { return B.x } }"),
    "private names": ("class A { #a = 1; m() { return this.#a } }", "class A { #b = 1; m() { return this.#b } }"),
    "labels": ("function f(a) { b: for (;;) { if (a) break b } }", "function f(a) { c: for (;;) { if (a) break c } }"),
    "a default export": ("export default { a: f(1) }", "var x_default = { a: f(1) }"),
    "a default function": ("export default function () { return f(1) }", "function x_default() { return f(1) }"),
    "an export": ("export const a = f(1)", "var a = f(1)"),
    "initialised later": ("var a; a = f(1)", "var a = f(1)"),
    "declared deeper": ("try { var a = f(1) } catch {}", "var a; try { a = f(1) } catch {}"),
    "the start of a loop": ("for (var a = f(1), i = 0; i < 3; i++) a()", "var a = f(1), i = 0; for (; i < 3; i++) a()"),
    "an imported name": ("import { a } from 'x'; f(a.b(1))", "import * as x from 'x'; f(x.a.b(1))"),
    "a required name": ("import { a } from 'x'; f(a(1), 2)", "const x = require('x'); f((0, x.a)(1), 2)"),
    "braces in a case": ("function f(a) { switch (a) { case 1: { g() } } }", "function f(a) { switch (a) { case 1: g() } }"),
    "where the constructor stands": ("class A { a = 1; constructor() { f(this) } m() { return 1 } }", "class A { constructor() { f(this) } a = 1; m() { return 1 } }"),
    "fields for parameters": ("class A { a; b; constructor(a) { this.a = a } }", "class A { b; constructor(x) { this.a = x } }"),
    "where fields without values stand": ("class A { a; m() { return 1 } b }", "class A { b; a; m() { return 1 } }"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_what_bundlers_rewrite_is_the_same(tracers, one, other):
    assert digests(tracers, one) == digests(tracers, other) != []


TYPED = {
    "types": ("function f<T>(a: T, b?: string): a is X { return <any>a as T }", "function f(a, b) { return a }"),
    "as, ! and satisfies": ("f(a as B, c!.d, e satisfies F)", "f(a, c.d, e)"),
    "interfaces and aliases": ("interface A { a: 1 } type B = A; f(1, 2, 3)", "f(1, 2, 3)"),
    "overloads": ("function f(a: string): void; function f(a: any) { g(a) }", "function f(a) { g(a) }"),
    "imports of types": ("import type { A } from 'a'; f(1, 2, 3)", "f(1, 2, 3)"),
    "declarations": ("declare const x: number; declare function y(): void; f(x, 1, 2)", "f(x, 1, 2)"),
    "this as a parameter": ("function f(this: A, b: B) { return b }", "function f(b) { return b }"),
    "abstract members": ("abstract class A<T> extends B<T> implements C { abstract m(): void; n() { return 1 } }", "class A extends B { n() { return 1 } }"),
    "parameter properties": ("class A { constructor(private a: B, public c = 1) { f(a) } }", "class A { a; c; constructor(a, c = 1) { this.a = a; this.c = c; f(a) } }"),
    "fields with types": ("class A { a: string; b?: number = 1 }", "class A { a; b = 1 }"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), TYPED.values(), ids=TYPED)
def test_types_are_not_there_when_it_runs(tracers, one, other):
    assert digests(tracers, one, path="a.ts") == digests(tracers, other) != []


LOWERED = {
    "a field": ("class A extends B { a; b = 1; constructor() { super(); f() } }", "class A extends B { constructor() { super(); this.b = 1; f() } }"),
    "without a constructor": ("class A { b: number = 1; c = f() }", "class A { constructor() { this.b = 1; this.c = f() } }"),
    "of a subclass": ("class A extends B { b = 1 }", "class A extends B { constructor() { super(...arguments); this.b = 1 } }"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), LOWERED.values(), ids=LOWERED)
def test_fields_are_assigned_where_the_compiler_does_so(tracers, one, other):
    assert digests(tracers, one, path="a.ts", fields=False) == digests(tracers, other)
    assert digests(tracers, one, path="a.ts") != digests(tracers, other)


UNEQUAL = {
    "where other members stand": ("class A { a = f(1); b = g(1); m() { return 1 } }", "class A { b = g(1); a = f(1); m() { return 1 } }"),
    "a field that is not given a parameter": ("class A { a; b; constructor(a) { this.a = a } }", "class A { a; constructor(x) { this.a = x } }"),
    "a field that is given something else": ("class A { a; constructor(b) { this.a = b.c } }", "class A { constructor(b) { this.a = b.c } }"),
    "a string": ("f('tools/call', 1)", "f('tools/list', 1)"),
    "a space in a string": ("f('a b', 1)", "f('a  b', 1)"),
    "a number": ("f(-32603, 1)", "f(-32602, 1)"),
    "a sign": ("f(-1, 1)", "f(1, 1)"),
    "a property": ("f(a.to, 1)", "f(a.bcc, 1)"),
    "a key": ("f({ to: 1 })", "f({ bcc: 1 })"),
    "a global": ("f(fetch, 1)", "f(alert, 1)"),
    "a negated condition": ("if (a(1)) b(1)", "if (!a(1)) b(1)"),
    "an operator": ("f(a < b, 1)", "f(a <= b, 1)"),
    "an operator that assigns": ("function f(a) { a += 1; g(a) }", "function f(a) { a -= 1; g(a) }"),
    "an order": ("function f() { a(1); b(1) }", "function f() { b(1); a(1) }"),
    "swapped arguments": ("function f(a, b) { g(a, b) }", "function f(a, b) { g(b, a) }"),
    "another local name": ("function f(a, b) { g(a); h(b) }", "function f(a, b) { g(a); h(a) }"),
    "a deleted check": ("function f(a) { if (!a) throw 1; g(a) }", "function f(a) { g(a) }"),
    "an added statement": ("function f(a) { g(a) }", "function f(a) { g(a); h(a) }"),
    "a regular expression": ("f(/^a$/, 1)", "f(/a$/, 1)"),
    "flags of one": ("f(/a/, 1)", "f(/a/i, 1)"),
    "a template": ("f(`a${b}c`, 1)", "f(`a${b}d`, 1)"),
    "a tagged template's spelling": ("f(t`\\u0041`, 1)", "f(t`A`, 1)"),
    "precedence": ("f(a * (b + c))", "f(a * b + c)"),
    "added numbers": ("f(1 + 2 + 'a')", "f('12a')"),
    "await": ("async function f() { await g(1) }", "async function f() { g(1) }"),
    "async": ("async function f() { return g(1) }", "function f() { return g(1) }"),
    "a generator": ("function* f() { return g(1) }", "function f() { return g(1) }"),
    "an arrow's this": ("f(() => this.a, 1)", "f(function () { return this.a }, 1)"),
    "optional chaining": ("f(a?.b(1))", "f(a.b(1))"),
    "where a chain ends": ("f((a?.b).c, 1)", "f(a?.b.c, 1)"),
    "what this is": ("function f(a) { (0, a.b)(1) }", "function f(a) { a.b(1) }"),
    "spread": ("f(...a, 1)", "f(a, 1)"),
    "rest": ("function f(...a) { g(a) }", "function f(a) { g(a) }"),
    "a default": ("function f(a = 1) { g(a) }", "function f(a) { g(a) }"),
    "pattern or default": ("function f({ a: b }) { g(b) }", "function f({ b = a }) { g(b) }"),
    "parts of a loop": ("function f(a) { for (a();;) g() }", "function f(a) { for (; a(); ) g() }"),
    "of and in": ("function f(a) { for (const b of a) g(b) }", "function f(a) { for (const b in a) g(b) }"),
    "else": ("function f(a) { if (a) g(1); else h(1) }", "function f(a) { if (a) { g(1); h(1) } }"),
    "catch and finally": ("function f() { try { g(1) } catch { h(1) } }", "function f() { try { g(1) } finally { h(1) } }"),
    "what is caught": ("function f() { try { g(1) } catch (e) { h(e) } }", "function f() { try { g(1) } catch { h(e) } }"),
    "a fall through": ("function f(a) { switch (a) { case 1: g(); case 2: h() } }", "function f(a) { switch (a) { case 1: g(); break; case 2: h() } }"),
    "static": ("class A { static m() { return 1 } }", "class A { m() { return 1 } }"),
    "a getter": ("class A { get m() { return 1 } }", "class A { m() { return 1 } }"),
    "a base class": ("class A extends B { m() { return 1 } }", "class A { m() { return 1 } }"),
    "a field that hides": ("class A { allowed; m() { return 1 } }", "class A { m() { return 1 } }"),
    "what closures see": ("function f(a) { for (var b of a) g(() => b) }", "function f(a) { for (let b of a) g(() => b) }"),
    "a prototype": ("f({ __proto__: a, b: 1 })", "f({ ['__proto__']: a, b: 1 })"),
    "delete": ("f(delete a.b, 1)", "f(a.b, 1)"),
    "typeof": ("f(typeof a, 1)", "f(a, 1)"),
    "super": ("class A extends B { m() { return super.m() } }", "class A extends B { m() { return this.m() } }"),
    "new": ("f(new A(1))", "f(A(1))"),
    "a private member": ("class A { #a = 1; a = 2; m() { return this.#a } }", "class A { #a = 1; a = 2; m() { return this.a } }"),
    "imported and local": ("import { a } from 'x'; function g() { f(a, a) }", "function g(a) { f(a, a) }"),
    "using": ("function f() { using a = g(1) }", "function f() { let a = g(1) }"),
    "holes": ("f([, a])", "f([a])"),
    "import.meta": ("f(import.meta.url, 1)", "f(import.meta.dirname, 1)"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), UNEQUAL.values(), ids=UNEQUAL)
def test_what_changes_what_happens_is_not_the_same(tracers, one, other):
    assert digests(tracers, one) != digests(tracers, other)


@pytest.mark.parametrize(
    "text",
    [
        "f(",
        "#!/bin/sh\rf(1)\n)",
        "x\n--> evil()",
        "function f(a) { return a <!--b\n }",
        "class A { m() { return b.#c } }",
    ],
    ids=["half a call", "after a hashbang", "the end of a comment of HTML", "its beginning", "no such private name"],
)
def test_what_node_may_read_otherwise_is_refused(tracers, text):
    with pytest.raises(MalformedError) as caught:
        prints(tracers, text)
    assert caught.value.code == "TRACE_SYNTAX"


def test_a_loop_down_to_zero_is_no_comment(tracers):
    assert digests(tracers, "function f(n) { while (n-->0) g(n) }") == digests(
        tracers, "function f(n) { for (; n-- > 0; ) g(n) }"
    )


@pytest.mark.parametrize("text", ["(" * 5_000 + ")" * 5_000, "[" * 5_000 + "]" * 5_000, "f(" + "a+" * 50_000 + "b)"])
def test_depth_ends_in_an_answer(tracers, text):
    (answer,) = tracers.prints([File(path="a.js", data=text.encode(), bundle=True, plain=True)])
    assert isinstance(answer, MalformedError) or answer["numbers"]


def test_the_digest_is_blake2s(tracers):
    text = "a string of more than sixteen characters, \U0001f600 and \x00 among them" * 3
    words = {word: digest for word, _, digest in prints(tracers, f"f({text!r}, 1)").raw["words"]}
    units = text.encode("utf-16-le")
    padded = units + b"\x00" * (-len(units) % 4) + struct.pack("<i", len(units) // 2)
    assert words[text] == blake2s(padded, digest_size=16).hexdigest()[:16]
