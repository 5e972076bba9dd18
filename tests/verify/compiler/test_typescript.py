import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.verify.compiler import typescript
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.compiler.releases import Release
from tests import tar_builder

ARCHIVE = tar_builder.gzip(
    tar_builder.file(b"package/package.json", b"{}")
    + tar_builder.file(b"package/lib/typescript.js", b"var ts = {};")
    + tar_builder.file(b"package/lib/lib.es5.d.ts", b"interface Array<T> {}")
    + tar_builder.file(b"package/lib/de/lib.d.ts", b"no library")
    + tar_builder.file(b"package/typescript.js", b"not this one")
    + bytes(1024)
)


class Shelf:
    """A registry that has one archive."""

    def __init__(self, data=ARCHIVE):
        self.data = data
        self.asked = []

    def download(self, url, *, expected, max_bytes, what):
        self.asked.append((url, expected))
        if self.data is None:
            raise NotFoundError(f"there is no {what}", code="REG_NOT_FOUND", hint="Look elsewhere.")
        return self.data


def release(data=ARCHIVE):
    return Release(version="5.9.3", integrity=Digest.of(data, "sha512").sri)


def test_the_compiler_and_its_libraries_are_taken_out_of_the_archive():
    shelf = Shelf()
    compiler = typescript.load(release(), shelf, "https://npm.example/")
    assert compiler.program == b"var ts = {};"
    assert compiler.libraries == {"lib.es5.d.ts": b"interface Array<T> {}"}
    assert shelf.asked == [("https://npm.example/typescript/-/typescript-5.9.3.tgz", release().digest)]


def test_another_archive_than_the_pinned_one_is_not_the_compiler():
    with pytest.raises(UnavailableError, match="not the archive") as caught:
        typescript.load(release(b"another"), Shelf(), "https://npm.example")
    assert caught.value.code == "COMPILER_UNAVAILABLE"


def test_where_there_is_no_archive_we_could_not_look():
    with pytest.raises(UnavailableError, match=r"there is no typescript@5\.9\.3") as caught:
        typescript.load(release(), Shelf(None), "https://npm.example")
    assert (caught.value.code, caught.value.hint) == ("COMPILER_UNAVAILABLE", "Look elsewhere.")


def test_an_archive_without_a_compiler_is_refused():
    data = tar_builder.gzip(tar_builder.file(b"package/package.json", b"{}") + bytes(1024))
    with pytest.raises(UnavailableError, match=r"has no typescript\.js"):
        typescript.load(release(data), Shelf(data), "https://npm.example")


@pytest.mark.parametrize(
    "change", ["Object.prototype.polluted = true", "delete Array.prototype.at", "ts.more = 1", "Object.groupBy2 = 1"]
)
def test_a_compiler_that_was_changed_by_a_request_is_not_asked_again(change):
    program = f"var ts = {{ convertCompilerOptionsFromJson() {{ {change}; return {{ options: {{}} }}; }} }};"
    data = tar_builder.gzip(tar_builder.file(b"package/lib/typescript.js", program.encode()) + bytes(1024))
    with Compilers(Shelf(data)) as compilers:
        for _ in range(2):
            with pytest.raises(UnavailableError, match="changed") as caught:
                compilers.program(release(data), {"tsconfig.json": b"{}"}, "tsconfig.json")
            assert caught.value.code == "COMPILER_CRASH"
