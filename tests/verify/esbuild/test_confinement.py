import base64
import re
import time

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.esbuild import confinement


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"extends":"./a"}', ["./a"]),
        ('{"extends": ["./a", "b"], "files": ["c"]}', ["./a", "b"]),
        ('{ // "extends": "no"\n"extends" /* "x": */ : // y\n "../z", "k": ["l"]}', ["../z"]),
        ('{"\\u0065xt\\x65nd\\u{73}":"..\\/x"}', ["../x"]),
        ('{"compilerOptions": {"types": ["extends", "x"]}}', []),
        ('{"a": "extends", "b": "c"}', []),
        ('{"extends": "a", "extends": "b"}', ["a", "b"]),
        ('{"references": [{"extends": ["q"\n,"r"]}], "extends": "s"}', ["q", "r", "s"]),
        ('{"extends":// comment\u2028"x"}', ["x"]),
        ('{"extends": "a', ["a"]),
        ("", []),
    ],
)
def test_what_a_configuration_extends_is_read_as_esbuild_reads_it(text, values):
    assert list(confinement.extended(text)) == values


@pytest.mark.parametrize("piece", ["/* ", '"\\"', '"', "[", "\\", "/", '"extends":[', '\\"', "{//"])
def test_reading_a_configuration_takes_time_in_proportion(piece):
    start = time.process_time()
    for _ in confinement.extended(piece * (1_000_000 // len(piece))):
        pass
    assert time.process_time() - start < 10


def check(config, extra=None, links=None, named=()):
    tree = {"pkg/tsconfig.json": config.encode(), **(extra or {})}
    confinement.check_configurations(tree, links or {}, named)


@pytest.mark.parametrize("value", ["/etc/x.json", "../../x", "a/../../../../x", "..//../x", "x/.."])
def test_a_configuration_that_extends_what_is_outside_is_refused(value):
    with pytest.raises(MalformedError) as caught:
        check(f'{{"extends": "{value}"}}')
    assert caught.value.code == "ESBUILD_OUTSIDE"


@pytest.mark.parametrize("named", ["../../../x.json", "/etc/x.json"])
def test_a_package_whose_configuration_is_outside_is_refused(named):
    about = {"node_modules/a/package.json": f'{{"tsconfig": "{named}"}}'.encode()}
    with pytest.raises(MalformedError) as caught:
        check('{"extends": "a"}', about)
    assert caught.value.code == "ESBUILD_OUTSIDE"


@pytest.mark.parametrize("value", ["../x", "./x/../../y", "@tsconfig/node20/tsconfig.json", "missing", ".", ".."])
def test_a_configuration_may_extend_what_is_inside_or_missing(value):
    check(f'{{"extends": "{value}"}}')


EVIL = b'{"extends": "/etc/x.json"}'


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("../base.json", "base.json"),
        ("../base", "base.json"),
        ("./base.txt", "pkg/base.txt"),
        ("..", "tsconfig.json"),
        ("./sub", "pkg/sub/tsconfig.json"),
        ("@x/base", "node_modules/@x/base/tsconfig.json"),
        ("x/strict", "pkg/node_modules/x/strict.json"),
        ("x", "node_modules/x/deep/by-exports.json"),
        ("y", "node_modules/.store/y@1/node_modules/y/tsconfig.json"),
        ("x/strict.txt", "node_modules/x/strict.txt"),
        ("y/strict.txt", "node_modules/.store/y@1/node_modules/y/strict.txt"),
        ("./y/base.txt", "node_modules/.store/y@1/node_modules/y/base.txt"),
    ],
)
def test_the_chain_of_configurations_is_followed(value, path):
    links = {"node_modules/y": "node_modules/.store/y@1/node_modules/y", "pkg/y": "node_modules/y"}
    config = f'{{"extends": "{value}"}}'
    check(config, {path: b"{}"}, links)
    with pytest.raises(MalformedError):
        check(config, {path: EVIL}, links)


def test_a_circle_of_configurations_ends():
    check('{"extends": "./b.json"}', {"pkg/b.json": b'{"extends": "./tsconfig.json"}'})


def test_the_configuration_that_a_flag_names_counts_too():
    check("{}", {"other.txt": EVIL})
    with pytest.raises(MalformedError):
        check("{}", {"other.txt": EVIL}, named=["other.txt"])


def test_a_configuration_that_nobody_wrote_is_refused():
    with pytest.raises(MalformedError) as caught:
        check(" " * 8_000_001)
    assert caught.value.code == "ESBUILD_INPUT"


def test_what_installed_packages_left_lying_about_does_not_count():
    check("{}", {"node_modules/x/tsconfig.json": EVIL, "pkg/node_modules/@y/z/src/tsconfig.json": EVIL})


def test_many_configurations_take_time_in_proportion():
    one = b'{"extends": [' + b",".join(b'"x/%d"' % number for number in range(200)) + b"]}"
    start = time.process_time()
    check(
        "{}",
        {f"d{number}/e/f/tsconfig.json": one for number in range(300)}
        | {f"node_modules/x/{number}.json": b'{"extends": "x/1"}' for number in range(5_000)},
    )
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/home/x/a.js", False),
        ("/home/x/", False),
        ("/home/x", True),
        ("/home/xy/a.js", True),
        ("/etc/passwd", True),
        ("/home/\n", True),
        ("", True),
        ("/", True),
    ],
)
def test_esbuild_asks_for_what_does_not_begin_with_the_folder(path, asked):
    # Python writes the code of a character otherwise than Go; the rest of the pattern is the same in both.
    pattern = re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: f"\\x{found[1]}", confinement.outside("/home/x/"))
    assert bool(re.match(pattern, path)) is asked


def maps(source, extra=None):
    tree = {"src/a.js": source, **(extra or {})}
    confinement.check_maps(tree, ["src/a.js"])


def data_url(text):
    return b"//# sourceMappingURL=data:application/json;base64," + base64.b64encode(text)


@pytest.mark.parametrize(
    "source",
    [
        b"//# sourceMappingURL=a.js.map",
        b"//# sourceMappingURL=../a.js.map",
        b"//# sourceMappingURL=https://example.org/../../x.map",
        b'write("//# sourceMappingURL=" + url + "data:application/json;base64,");',
        b"s = `sourceMappingURL=data:application/json;base64,${x}`",
        data_url(b'{"sources": ["x.ts", "../y.ts"]}'),
        data_url(b'{"sources": ["file:///x.ts"], "sourcesContent": ["x"]}'),
        b"no comment",
    ],
)
def test_a_source_map_inside_is_fine(source):
    maps(source)


@pytest.mark.parametrize(
    "source",
    [
        b"//# sourceMappingURL=/etc/x.map",
        b"/*# sourceMappingURL=file:///etc/x.map */",
        b"//# sourceMappingURL=FILE:///etc/x.map",
        b"//# sourceMappingURL=//localhost/etc/x.map",
        b"//# sourceMappingURL=../../x.map",
        b"//# sourceMappingURL=..%2f..%2fx.map",
        b"//# sourceMappingURL=http://[x",
        data_url(b'{"sources": ["file:///etc/passwd"]}'),
        data_url(b'{"sources": ["x", "/etc/passwd"], "sourcesContent": ["y"]}'),
        data_url(b'{"sources": ["/etc/passwd"], "sourcesContent": [null]}'),
        data_url(b'{"sections": [{"map": {"sources": ["/etc/passwd"]}}]}'),
        data_url(b'{"sources": ["/etc/passwd"],}'),
        data_url(b"[" * 100_000 + b'"file:///x"'),
        b"//# sourceMappingURL=data:application/json,{%22sources%22:[%22/etc/passwd%22]}",
    ],
)
def test_a_source_map_that_leads_outside_is_refused(source):
    with pytest.raises(MalformedError) as caught:
        maps(source)
    assert caught.value.code == "ESBUILD_OUTSIDE"


def test_the_map_that_a_source_names_is_looked_at():
    comment = b"//# sourceMappingURL=a.js.map"
    maps(comment, {"src/a.js.map": b'{"sources": ["a.ts"]}'})
    with pytest.raises(MalformedError):
        maps(comment, {"src/a.js.map": b'{"sources": ["/etc/passwd"]}'})
