"""Variables that are used once and their values are alike, as long as nothing happens between them; all else is not."""

# ruff: noqa: E501 - tables of cases, one a line

import pytest

from provenly.verify.tracing.isolates import File
from provenly.verify.tracing.prints import PLAIN, Prints

pytestmark = pytest.mark.registry


def inlined(tracers, text, *, bundle=False, path="a.js"):
    """The text as it is compared, and the lines that its lines come from."""
    file = File(path=path, data=text.encode(), bundle=bundle, plain=bundle, inline=True)
    (answer,) = tracers.prints([file])
    return answer.get("text", text), answer.get("lines")


def digests(tracers, text):
    text, _ = inlined(tracers, text)
    (answer,) = tracers.prints([File(path="a.js", data=text.encode(), bundle=True, plain=True)])
    return [(unit.digest, len(unit.refs)) for unit in Prints(answer).units if unit.top and unit.kind == PLAIN]


EQUAL = {
    "returned": ("const x = a(); return x", "return a()"),
    "the first of what comes next": ("const x = a(); x.b(c)", "a().b(c)"),
    "in the condition": ("const x = a(); if (x) b()", "if (a()) b()"),
    "after a function that is declared": ("const x = a(); return f(x, p)", "return f(a(), p)"),
    "in their order": ("const x = a(), y = b(); return f(x, y)", "return f(a(), b())"),
    "one in another": ("const x = a(); const y = x.b; return y.c()", "return a().b.c()"),
    "in an object": ("const x = a(); return { p, q: x }", "return { p, q: a() }"),
    "shorthand": ("const x = a(); return { x }", "return { x: a() }"),
    "a member that is called": ("const x = p.q; x(1, 2)", "(0, p.q)(1, 2)"),
    "var": ("var x = a(); return x.b", "return a().b"),
    "a function, over a call": ("const x = () => p; a(); return g(x)", "a(); return g(() => p)"),
    "an object of functions, over a call": ("const x = { m() { return 1 }, n: p }; a(); return g(x)", "a(); return g({ m() { return 1 }, n: p })"),
    "text, in one case only": ("const x = 'y'; if (p) a(x)", "if (p) a('y')"),
    "over variables without a value": ("const x = a(); let y; y = x.b; return y + y", "let y; y = a().b; return y + y"),
    "over functions": ("const x = a(); function h() { return 1 } return x.b(h)", "function h() { return 1 } return a().b(h)"),
    "what a loop goes through": ("const x = a(); for (const y of x) b(y, p)", "for (const y of a()) b(y, p)"),
    "several of a list": ("const x = a(), y = b(), z = y.c; return f(z, x, x)", "const x = a(), y = b(); return f(y.c, x, x)"),
    "without semicolons": ("b()\nconst x = a()\nx.c()", "b(); a().c()"),
}  # fmt: skip

UNEQUAL = {
    "a call before it": ("const x = a(); b(); return x", "b(); return a()"),
    "an argument that is called": ("const x = a(); return f(b(), x)", "return f(b(), a())"),
    "a member that is read": ("const x = a(); return p.m(x)", "return p.m(a())"),
    "a member of another": ("const x = a(); return f(p.q, x)", "return f(p.q, a())"),
    "a variable that changes": ("let n = 0; const x = a(() => n++); return f(n, x)", "let n = 0; return f(n, a(() => n++))"),
    "two in another order": ("const x = a(), y = b(); return f(x, y)", "const y = b(), x = a(); return f(x, y)"),
    "exchanged": ("const x = a(1), y = b(2); return f(x, y)", "return f(b(2), a(1))"),
    "in one case only": ("const x = a(); return p && x", "return p && a()"),
    "in one case of two": ("const x = a(); return p ? x : 1", "return p ? a() : 1"),
    "in an optional call": ("const x = a(); return p?.(x)", "return p?.(a())"),
    "in a function": ("const x = a(); return () => x", "return () => a()"),
    "in a loop": ("const x = a(); while (x) b()", "while (a()) b()"),
    "an object in a loop": ("const x = {}; while (p) b(x)", "while (p) b({})"),
    "an object that a function keeps": ("const x = {}; return () => x", "return () => ({})"),
    "over an await": ("const x = a(); await p; return x", "await p; return a()"),
    "over a spread": ("const x = a(); return f(...p, x)", "return f(...p, a())"),
    "in a template": ("const x = a(); return `${p}${x}`", "return `${p}${a()}`"),
    "added": ("const x = a(); p += x; return p", "p += a(); return p"),
    "the receiver": ("const x = p.q; x(1, 2)", "p.q(1, 2)"),
    "the end of a chain": ("const x = p?.q; return x.r", "return p?.q.r"),
    "an object of what is assigned later": ("const x = { y }; var y = a(); return g(x, y)", "var y = a(); return g({ y }, y)"),
    "another value": ("const x = 'y'; if (p) a(x)", "if (p) a('z')"),
    "a name that means another thing": ("const x = p; { let p = a(); b(p, x) }", "{ let p = a(); b(p, p) }"),
    "a prototype": ("const __proto__ = a(); return { __proto__ }", "return { __proto__: a() }"),
    "used twice": ("const x = a(); return f(x, x)", "return f(a(), a())"),
    "assigned again": ("let x = a(); x = b(); return x", "return b()"),
    "what a loop sets anew": ("for (var n of p) g(async () => { const x = n; await c; return x })", "for (var n of p) g(async () => { await c; return n })"),
    "over what takes a value apart": ("const x = a.q; const { y = b() } = p; return f(x, y)", "const { y = b() } = p; return f(a.q, y)"),
    "over what takes a value apart in a loop": ("const x = a.q; for (let { y = b() } = p, z = x; y; ) return f(z)", "for (let { y = b() } = p, z = a.q; y; ) return f(z)"),
    "typeof what is not declared": ("const x = u; return typeof x", "return typeof u"),
}  # fmt: skip


def function(text):
    """Wrap statements into a function, with the functions that they call."""
    return f"function a() {{ return 1 }} function b() {{ return 2 }} function f() {{ return 3 }} function g() {{ return 4 }} async function t(p, c) {{ {text} }}"


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_a_variable_that_is_used_once_is_its_value(tracers, one, other):
    assert digests(tracers, function(one)) == digests(tracers, function(other))


@pytest.mark.parametrize(("one", "other"), UNEQUAL.values(), ids=UNEQUAL)
def test_what_is_done_between_a_variable_and_its_use_is_seen(tracers, one, other):
    assert digests(tracers, function(one)) != digests(tracers, function(other))


def test_a_name_that_is_deleted_is_no_member_that_is(tracers):
    """What a sloppy function deletes of its variables stays, unlike what it deletes of an object."""
    texts = ("const x = p.q; delete x; return p", "delete p.q; return p")
    assert len({str(digests(tracers, f"function t(p) {{ {text} }}")) for text in texts}) == 2


@pytest.mark.parametrize("text", ["with (p) { const x = a(); b(x) }", "const x = a(); eval('x'); return x"])
def test_nothing_is_moved_where_names_may_mean_anything(tracers, text):
    code = f"function t(p, a, b) {{ {text} }}"
    assert inlined(tracers, code) == (code, None)


@pytest.mark.parametrize(
    ("text", "bundle", "moved"),
    [
        ("try { var x = a(); x.c() } catch {}", False, False),
        ("var m = w((e) => { try { var x = a(); x.c() } catch {} }); other(); other(); other()", True, False),
        ("function f() { try { var x = a(); x.c() } catch {} }", False, True),
        ("const x = a(); x.c()", True, False),
        ("const x = a(); x.c()", False, True),
        ("import b from 'b'; const x = a(); x.c()", False, False),
        ("(() => { const x = a(); x.c() })()", True, False),
        ("var m = w((e) => { const x = a(); e(x.c) }); other(); other(); other(); other()", True, True),
        ("({ 1: (m, e, r) => { r.r(e); const x = a(); e(x.c) } }); other(); other(); other(); other()", True, False),
    ],
    ids=[
        "var deeper",
        "var deeper in a module",
        "var deeper in a function",
        "bundle",
        "CommonJS",
        "ES module",
        "the function around a bundle",
        "a module",
        "an ES module of webpack",
    ],
)
def test_what_a_module_declares_stays(tracers, text, bundle, moved):
    """Who else uses it, or used it before it was bundled, is not known."""
    assert (inlined(tracers, text, bundle=bundle)[0] != text) is moved


def test_types_are_no_uses(tracers):
    text, _ = inlined(
        tracers, "function t(a: () => X) { const x: X = a() as X; type Y = typeof x; return x! }", path="a.ts"
    )
    assert "const" not in text
    assert "a() as X" in text


def test_lines_are_those_of_the_file(tracers):
    text, lines = inlined(
        tracers, "function t(a, b) {\n  const x = () => {\n    b();\n  };\n  a();\n  return a(\n    x,\n  );\n}\n"
    )
    numbers = dict(zip(text.split("\n"), lines, strict=True))
    assert numbers["    b();"] == 2
    assert numbers["  a();"] == 4
    assert numbers["  );"] == 7


CONDITIONS = {
    "not": ("p ? p.x() : p.y()", "!p ? p.y() : p.x()", True),
    "unequal": ("p === q ? p.x() : p.y()", "p !== q ? p.y() : p.x()", True),
    "loosely": ("p == q ? p.x() : p.y()", "p != q ? p.y() : p.x()", True),
    "as statements": ("if (p === q) p.x(); else p.y()", "if (p !== q) p.y(); else p.x()", True),
    "or": ("p || p.x()", "!p && p.x()", True),
    "or equal": ("p !== q || p.x()", "p === q && p.x()", True),
    "negated": ("p ? p.x() : p.y()", "!p ? p.x() : p.y()", False),
    "exchanged": ("p === q ? p.x() : p.y()", "p === q ? p.y() : p.x()", False),
    "only negated": ("p === q ? p.x() : p.y()", "p !== q ? p.x() : p.y()", False),
    "strictly or loosely": ("p === q ? p.x() : p.y()", "p != q ? p.y() : p.x()", False),
    "smaller is not not larger": ("p < q ? p.x() : p.y()", "p >= q ? p.y() : p.x()", False),
    "and or or": ("p || p.x()", "p && p.x()", False),
    "the value of or": ("z = p || p.x()", "z = !p && p.x()", False),
    "what is known, and an argument less": ("z(!0 ? p : q)", "z(true ? p : 1, q)", False),
    "twice negated, looked at": ("z = p", "z = !!p", False),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "equal"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_may_be_turned_round_with_what_it_decides(tracers, one, other, equal):
    head = "var p, q, z;"
    assert (
        digests(tracers, f"{head} function t() {{ {one} }}") == digests(tracers, f"{head} function t() {{ {other} }}")
    ) is equal
