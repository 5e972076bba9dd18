from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import (
    Error,
    MalformedError,
    NotFoundError,
    RejectedError,
    UnavailableError,
    UsageError,
)
from provenly.trust.model import Claimant, Package, Selector
from provenly.trust.strict_json import Json, loads
from provenly.verify.anchors import Anchors
from provenly.verify.context import Context, Forge, Repository, Response, Silence
from provenly.verify.network.cache import Cache
from provenly.verify.references import reference
from provenly.verify.registry import npm
from provenly.verify.registry.settings import Settings
from provenly.verify.transport import HttpTransport
from tests.simulator.registry import FULL, Registry, make_tarball
from tests.simulator.web import Answer

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BASE = "https://registry.example"


@dataclass
class Documents:
    """A registry in memory: the other side of ``Transport.get``."""

    bodies: dict[str, bytes | Error] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def get(self, url: str, *, accept: str, max_bytes: int, what: str, fresh: bool = False) -> Response:
        del max_bytes
        self.asked.append((url, accept))
        body = self.bodies.get(url, NotFoundError(f"no {what}"))
        if isinstance(body, Error):
            raise body
        return Response(url=url, body=body, content_type="application/json", fetched=NOW)

    def download(self, url: str, *, expected: Digest | None, max_bytes: int, what: str) -> bytes:
        raise AssertionError((url, expected, max_bytes, what))


class NoForge(Forge):
    def open(self, url: str) -> Repository:
        raise AssertionError(url)


def a_version(name: str, version: str, **more: Any) -> dict[str, Any]:
    bare = name.rpartition("/")[2]
    dist = {
        "tarball": f"{BASE}/{name}/-/{bare}-{version}.tgz",
        "integrity": f"sha512-{version}",
        "shasum": "0" * 40,
        **more.pop("dist", {}),
    }
    return {"name": name, "version": version, "dist": dist, **more}


def a_packument(name: str, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {document["version"]: document for document in documents}
    return {
        "name": name,
        "versions": listed,
        "dist-tags": {"latest": documents[-1]["version"]},
        "time": {version: f"2026-01-{at + 1:02}T00:00:00.000Z" for at, version in enumerate(listed)},
        **more,
    }


def serve(packument: dict[str, Any], *, base: str = BASE, version_documents: bool = True) -> Documents:
    """Serve a packument and, where wanted, the document of each version."""
    path = f"{base}/{packument['name'].replace('/', '%2f')}"
    documents = Documents({path: json.dumps(packument).encode()})
    if version_documents:
        for version, document in packument["versions"].items():
            documents.bodies[f"{path}/{version}"] = json.dumps(document).encode()
    return documents


def resolve(text: str, documents: Documents, *, base: str = BASE) -> Package:
    context = Context(
        now=NOW,
        transport=documents,
        registries=Settings(registry=base),
        forge=NoForge(),
        progress=Silence(),
        anchors=Anchors(),
    )
    return npm.resolve(reference.parse(text), context)


def refused(text: str, documents: Documents, kind: type[Error], code: str) -> Error:
    with pytest.raises(kind) as caught:
        resolve(text, documents)
    assert caught.value.code == code, caught.value.message
    return caught.value


def codes(package: Package) -> list[str]:
    return [note.code for note in package.notes]


def lie(change: Callable[[dict[str, Any]], object], version: str = "2.0.0", *, both: bool = True) -> Documents:
    """Serve a good packument with one lie told about ``version``: in both documents or only in the version's own."""
    good = a_packument("pkg", a_version("pkg", "1.0.0"), a_version("pkg", "2.0.0"))
    told = deepcopy(good)
    change(told["versions"][version])
    documents = serve(told)
    if not both:
        documents.bodies[f"{BASE}/pkg"] = json.dumps(good).encode()
    return documents


def test_an_exact_version_is_read_from_both_documents():
    documents = serve(
        a_packument(
            "@s/pkg",
            a_version("@s/pkg", "1.0.0"),
            a_version(
                "@s/pkg",
                "1.1.0",
                repository={"type": "git", "url": "git+https://github.com/o/r.git", "directory": "packages/a"},
                homepage="https://github.com/o/other#readme",
                bugs={"url": "https://github.com/o/r/issues"},
                gitHead="a" * 40,
                _npmUser={"name": "robot", "trustedPublisher": {"id": "github", "oidcConfigId": "x"}},
                maintainers=[{"name": "zoe"}, "adam <a@example.com>"],
                scripts={"postinstall": "node x", "test": "y"},
                dist={
                    "signatures": [{"keyid": "SHA256:x", "sig": "MEQ"}],
                    "attestations": {"url": f"{BASE}/-/npm/v1/attestations/@s%2fpkg@1.1.0", "provenance": {}},
                },
            ),
        )
    )
    package = resolve("@s/pkg@1.1.0", documents)
    assert (package.name, package.version, package.registry) == ("@s/pkg", "1.1.0", BASE)
    assert package.url == f"{BASE}/@s/pkg/-/pkg-1.1.0.tgz"
    assert (package.integrity, package.shasum) == ("sha512-1.1.0", "0" * 40)
    assert package.published == datetime(2026, 1, 2, tzinfo=UTC)
    assert [(claim.claimant, claim.repository, claim.directory) for claim in package.claims] == [
        (Claimant.REGISTRY, "https://github.com/o/r", "packages/a"),
        (Claimant.HOMEPAGE, "https://github.com/o/other", ""),
    ]
    assert [(one.keyid, one.signature) for one in package.signatures] == [("SHA256:x", "MEQ")]
    assert package.signatures_served
    assert package.attestations == "/-/npm/v1/attestations/@s%2fpkg@1.1.0"
    release = package.release
    assert (release.publisher, release.trusted_publisher) == ("robot", "github")
    assert release.maintainers == ("adam", "zoe")
    assert release.attested
    assert release.git_head == "a" * 40
    assert release.install_scripts == ("postinstall",)
    assert package.previous is not None
    assert package.previous.version == "1.0.0"
    assert codes(package) == []
    assert documents.asked == [
        (f"{BASE}/@s%2fpkg", "application/json"),
        (f"{BASE}/@s%2fpkg/1.1.0", "application/json"),
    ]


@pytest.mark.parametrize(
    ("text", "version", "how"),
    [
        ("pkg", "2.0.0", "pkg → 2.0.0 (no version named, dist-tag latest)"),
        ("pkg@latest", "2.0.0", "pkg@latest → 2.0.0 (dist-tag latest)"),
        ("pkg@old", "1.0.0", "pkg@old → 1.0.0 (dist-tag old)"),
        ("pkg@^1", "1.2.0", "pkg@^1 → 1.2.0 (range ^1)"),
        ("pkg@1.0", "1.0.0", "pkg@1.0 → 1.0.0 (range 1.0)"),
        ("pkg@>=1.3", "2.0.0", "pkg@>=1.3 → 2.0.0 (range >=1.3, dist-tag latest)"),
    ],
)
def test_ranges_and_tags_become_one_version_and_say_how(text: str, version: str, how: str):
    packument = a_packument(
        "pkg",
        a_version("pkg", "1.0.0"),
        a_version("pkg", "1.2.0"),
        a_version("pkg", "1.3.0", deprecated="broken"),
        a_version("pkg", "2.0.0"),
        a_version("pkg", "3.0.0-rc.1"),
    )
    packument["dist-tags"] = {"latest": "2.0.0", "old": "1.0.0"}
    package = resolve(text, serve(packument))
    assert package.version == version
    assert [(note.code, note.text) for note in package.notes] == [
        ("REF_UNPINNED", f"resolved {how} at 2026-06-01T00:00:00Z")
    ]


def test_build_metadata_finds_the_version_that_npm_means():
    documents = serve(a_packument("pkg", a_version("pkg", "1.0.0")))
    assert resolve("pkg@1.0.0+build", documents).version == "1.0.0"


@pytest.mark.parametrize(("text", "meant"), [("mcp-remot", "mcp-remote"), ("@playwrite/mcp", "@playwright/mcp")])
def test_an_unknown_package_names_what_is_near(text: str, meant: str):
    assert meant in refused(text, Documents(), UsageError, "REF_NO_SUCH_PACKAGE").hint


def test_an_unknown_package_that_is_near_none_names_none():
    assert "Did you mean" not in refused("zzzz-qqqq-9", Documents(), UsageError, "REF_NO_SUCH_PACKAGE").hint


@pytest.mark.parametrize("text", ["pkg@1.0.5", "pkg@^9", "pkg@beta"])
def test_an_unknown_version_names_what_is_near(text: str):
    documents = serve(a_packument("pkg", a_version("pkg", "1.0.0"), a_version("pkg", "2.0.0")))
    error = refused(text, documents, UsageError, "REF_NO_SUCH_VERSION")
    assert "1.0.0" in error.hint
    assert "latest (2.0.0)" in error.hint


@pytest.mark.parametrize("text", ["pkg@latst", "pkg@lastest"])
def test_a_misspelt_tag_is_told_from_a_version(text: str):
    documents = serve(a_packument("pkg", a_version("pkg", "1.0.0"), a_version("pkg", "2.0.0")))
    assert refused(text, documents, UsageError, "REF_NO_SUCH_VERSION").hint == "Did you mean pkg@latest? It is 2.0.0."


def test_what_was_taken_down_is_not_what_never_was():
    whole = {"name": "pkg", "time": {"unpublished": {"time": "2026-01-01T00:00:00Z", "versions": ["1.0.0"]}}}
    documents = Documents({f"{BASE}/pkg": json.dumps(whole).encode()})
    assert "2026-01-01" in refused("pkg", documents, RejectedError, "REG_UNPUBLISHED").message
    packument = a_packument("pkg", a_version("pkg", "1.0.0"), a_version("pkg", "2.0.0"))
    del packument["versions"]["1.0.0"]
    refused("pkg@1.0.0", serve(packument), RejectedError, "REG_UNPUBLISHED")


def test_no_answer_is_no_answer_about_the_package():
    documents = Documents({f"{BASE}/pkg": UnavailableError("503", code="NET_STATUS")})
    refused("pkg", documents, UnavailableError, "NET_STATUS")


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("member", ["name", "version"])
def test_documents_about_something_else_are_refused(member: str, both: bool):
    documents = lie(lambda document: document.update({member: "9.9.9"}), both=both)
    error = refused("pkg@2.0.0", documents, RejectedError, "REG_NAME_MISMATCH")
    assert isinstance(error, RejectedError)
    assert error.actual == "9.9.9"


def test_a_packument_about_another_package_is_refused():
    documents = serve(a_packument("other", a_version("other", "1.0.0")))
    documents.bodies[f"{BASE}/pkg"] = documents.bodies[f"{BASE}/other"]
    refused("pkg", documents, RejectedError, "REG_NAME_MISMATCH")


@pytest.mark.parametrize("member", ["integrity", "shasum"])
def test_two_archives_for_one_version_are_refused(member: str):
    documents = lie(lambda document: document["dist"].update({member: "another"}), both=False)
    refused("pkg@2.0.0", documents, RejectedError, "REG_DOCUMENTS_DISAGREE")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html>log in</html>", "REG_NOT_JSON"),
        (b"\xff\xfe{\0}\0", "REG_NOT_JSON"),
        (b'{"name":"pkg","name":"pkg"}', "JSON_DUPLICATE_KEY"),
        (b'{"name":"pkg","versions":NaN}', "REG_NOT_JSON"),
        (b"[]", "REG_PACKUMENT"),
        (b'{"name":"pkg"}', "REG_PACKUMENT"),
        (b'{"name":"pkg","versions":{}}', "REG_PACKUMENT"),
        (b'{"name":"pkg","versions":[1]}', "REG_PACKUMENT"),
        (b'{"name":"pkg","versions":{"1.0.0":1},"dist-tags":{}}', "REG_PACKUMENT"),
        (b'{"name":"pkg","versions":{"1.0.0":{}}}', "REG_PACKUMENT"),
        (b'{"name":"pkg","versions":{"1.0.0":{}},"dist-tags":{},"Versions":{}}', "REG_MEMBER_CASE"),
        (b'{"name":"pkg","versions":{"1.0.0":{}},"dist-tags":{"latest":"2.0.0"}}', "REG_TAG"),
    ],
)
def test_what_is_no_packument_is_refused(body: bytes, code: str):
    refused("pkg@latest", Documents({f"{BASE}/pkg": body}), MalformedError, code)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        7,
        "not a url",
        "ftp://registry.example/pkg/-/pkg-2.0.0.tgz",
        "file:///pkg-2.0.0.tgz",
        "https://u:p@registry.example/pkg/-/pkg-2.0.0.tgz",
        "https://registry.example/pkg/-/pkg-1.0.0.tgz",
        "https://registry.example/pkg/-/pkg-2.0.0.tgz?x",
        "https://registry.example/pkg/-/pkg-2.0.0.tgz#x",
        "https://registry.example/../-/pkg-2.0.0.tgz",
        "https://registry.example/%2e%2e/-/pkg-2.0.0.tgz",
        "https://registry.example\\@evil/-/pkg-2.0.0.tgz",
        "https://registry.example:99999/-/pkg-2.0.0.tgz",
        "https://[::1/-/pkg-2.0.0.tgz",
        "https:///pkg-2.0.0.tgz",
    ],
)
def test_the_archive_has_one_honest_place(url: object):
    refused("pkg@2.0.0", lie(lambda document: document["dist"].update(tarball=url)), MalformedError, "REG_TARBALL_HOST")


@pytest.mark.parametrize(
    ("said", "base", "used"),
    [
        ("https://registry.npmjs.org/pkg/-/pkg-1.0.0.tgz", "https://mirror.example/npm", "https://mirror.example"),
        ("http://registry.npmjs.org/pkg/-/pkg-1.0.0.tgz", "http://127.0.0.1:4873", "http://127.0.0.1:4873"),
        ("https://elsewhere.example/pkg/-/pkg-1.0.0.tgz", "https://mirror.example", "https://elsewhere.example"),
    ],
)
def test_the_public_registry_in_a_mirrors_documents_is_the_mirror(said: str, base: str, used: str):
    packument = a_packument("pkg", a_version("pkg", "1.0.0", dist={"tarball": said}))
    # A host that is neither is left for the transport to refuse: it knows what the user configured.
    assert resolve("pkg@1.0.0", serve(packument, base=base), base=base).url == f"{used}/pkg/-/pkg-1.0.0.tgz"


def test_signatures_that_a_mirror_left_out_of_the_version_document_are_found():
    signature = {"keyid": "SHA256:x", "sig": "MEQ"}
    stripped = a_packument("pkg", a_version("pkg", "1.0.0", dist={"signatures": [signature]}))
    documents = serve(stripped)
    bare = a_version("pkg", "1.0.0")
    documents.bodies[f"{BASE}/pkg/1.0.0"] = json.dumps(bare).encode()
    package = resolve("pkg@1.0.0", documents)
    assert [one.keyid for one in package.signatures] == ["SHA256:x"]
    assert codes(package) == ["REG_SIGNATURES_STRIPPED"]


@pytest.mark.parametrize("value", [None, [], {}])
def test_no_signature_is_told_apart_from_a_registry_that_serves_none(value: object):
    def signed(*, elsewhere: bool) -> Package:
        other = a_version("pkg", "0.9.0", dist={"signatures": [{"keyid": "k", "sig": "s"}]} if elsewhere else {})
        return resolve(
            "pkg@1.0.0",
            serve(a_packument("pkg", other, a_version("pkg", "1.0.0", dist={"signatures": value}))),
        )

    assert signed(elsewhere=True).signatures == signed(elsewhere=False).signatures == ()
    assert signed(elsewhere=True).signatures_served
    assert not signed(elsewhere=False).signatures_served


@pytest.mark.parametrize(
    "value", ["x", [1], [{"keyid": "k"}], [{"keyid": 1, "sig": "x"}], [{"keyid": "k", "sig": "s"}] * 17]
)
def test_signatures_have_a_form(value: object):
    documents = lie(lambda document: document["dist"].update(signatures=value))
    refused("pkg@2.0.0", documents, MalformedError, "REG_SIGNATURES")


@pytest.mark.parametrize(
    ("advertised", "path", "noted"),
    [
        (None, "", []),
        ({}, "", []),
        ({"url": f"{BASE}/-/npm/v1/attestations/pkg@2.0.0"}, "/-/npm/v1/attestations/pkg@2.0.0", []),
        ({"url": "https://evil.example/-/npm/v1/attestations/pkg@2.0.0"}, "/-/npm/v1/attestations/pkg@2.0.0", []),
        ({"url": "https://evil.example/x"}, "/-/npm/v1/attestations/pkg@2.0.0", ["REG_ATTESTATIONS_PATH"]),
        (
            {"url": f"{BASE}/-/npm/v1/attestations/pkg@1.0.0"},
            "/-/npm/v1/attestations/pkg@2.0.0",
            ["REG_ATTESTATIONS_PATH"],
        ),
        ({"url": "https://[::1"}, "/-/npm/v1/attestations/pkg@2.0.0", ["REG_ATTESTATIONS_PATH"]),
        ({"provenance": {}}, "/-/npm/v1/attestations/pkg@2.0.0", ["REG_ATTESTATIONS_PATH"]),
        ("yes", "/-/npm/v1/attestations/pkg@2.0.0", ["REG_ATTESTATIONS_PATH"]),
    ],
)
def test_attestations_are_asked_for_on_the_registry_only(advertised: object, path: str, noted: list[str]):
    package = resolve("pkg@2.0.0", lie(lambda document: document["dist"].update(attestations=advertised)))
    assert package.attestations == path
    assert package.release.attested == bool(path)
    assert codes(package) == noted


def test_a_version_document_that_is_not_to_be_had_is_said():
    packument = a_packument("pkg", a_version("pkg", "1.0.0"))
    package = resolve("pkg@1.0.0", serve(packument, version_documents=False))
    assert package.integrity == "sha512-1.0.0"
    assert codes(package) == ["REG_VERSION_DOCUMENT"]


@pytest.mark.parametrize(
    ("head", "noted"),
    [
        ("b" * 40, []),
        ("b" * 64, []),
        ("HEAD", ["GITHEAD_INVALID"]),
        ("B" * 40, ["GITHEAD_INVALID"]),
        (7, ["GITHEAD_INVALID"]),
    ],
)
def test_a_git_head_is_a_commit_or_nothing(head: object, noted: list[str]):
    package = resolve("pkg@2.0.0", lie(lambda document: document.update(gitHead=head)))
    assert package.release.git_head == ("" if noted else head)
    assert codes(package) == noted


@pytest.mark.parametrize(
    ("time", "published", "noted"),
    [
        ("2026-01-02T03:04:05.678Z", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC), []),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), []),
        ("2026-02-30T00:00:00Z", None, ["REG_TIME"]),
        ("2026-01-02 03:04", None, ["REG_TIME"]),
        ("2026-01-02T03:04:05.678901+01:00", datetime(2026, 1, 2, 2, 4, 5, 678901, tzinfo=UTC), []),
        ("2026-01-02T03:04:05", None, ["REG_TIME"]),
        ("0001-01-01T00:00:00+23:00", None, ["REG_TIME"]),
        (1767225600, None, ["REG_TIME"]),
        ("2027-01-01T00:00:00Z", datetime(2027, 1, 1, tzinfo=UTC), ["REG_TIME"]),
    ],
)
def test_times_are_iso_or_nothing(time: object, published: datetime | None, noted: list[str]):
    package = resolve("pkg@1.0.0", serve(a_packument("pkg", a_version("pkg", "1.0.0"), time={"1.0.0": time})))
    assert package.published == published
    assert codes(package) == noted


@pytest.mark.parametrize(
    ("published", "asked", "before"),
    [
        (["1.0.0", "2.0.0", "1.0.1", "2.0.1"], "2.0.1", "1.0.1"),
        (["1.0.0", "2.0.0-rc.1", "2.0.0"], "2.0.0", "1.0.0"),
        (["1.0.0", "2.0.0-rc.1", "2.0.0-rc.2"], "2.0.0-rc.2", "2.0.0-rc.1"),
        (["1.0.0", "2.0.0-rc.1"], "2.0.0-rc.1", "1.0.0"),
        (["1.0.0", "2.0.0"], "1.0.0", None),
        (["2.0.0", "1.0.0"], "1.0.0", "2.0.0"),
        (["1.0.0"], "1.0.0", None),
        (["1.0.0-rc.1", "1.0.0"], "1.0.0", None),
    ],
)
def test_the_version_before_is_the_one_published_before(published: list[str], asked: str, before: str | None):
    packument = a_packument("pkg", *(a_version("pkg", version) for version in published))
    previous = resolve(f"pkg@{asked}", serve(packument)).previous
    assert (previous.version if previous else None) == before


def test_without_times_the_order_of_versions_tells_what_was_before():
    packument = a_packument("pkg", *(a_version("pkg", version) for version in ("1.0.0", "3.0.0", "2.0.0")), time={})
    previous = resolve("pkg@3.0.0", serve(packument)).previous
    assert previous is not None
    assert previous.version == "2.0.0"
    assert resolve("pkg@1.0.0", serve(packument)).previous is None


@pytest.mark.parametrize(
    ("document", "scripts"),
    [
        ({}, ()),
        ({"scripts": {"test": "x"}}, ()),
        ({"scripts": {"postinstall": "x", "preinstall": "y"}}, ("preinstall", "postinstall")),
        ({"hasInstallScript": True}, ("install",)),
        ({"hasInstallScript": True, "scripts": {"install": "x"}}, ("install",)),
        ({"hasInstallScript": "yes", "scripts": ["x"]}, ()),
    ],
)
def test_install_scripts(document: dict[str, Any], scripts: tuple[str, ...]):
    package = resolve("pkg@2.0.0", lie(lambda found: found.update(document)))
    assert package.release.install_scripts == scripts


@pytest.mark.parametrize(
    ("value", "message"),
    [("use x", "use x"), (True, "deprecated without a message"), (False, ""), ("", ""), (None, "")],
)
def test_deprecation(value: object, message: str):
    assert resolve("pkg@2.0.0", lie(lambda found: found.update(deprecated=value))).deprecated == message


def test_the_placeholder_of_a_removed_package_is_named():
    documents = serve(a_packument("pkg", a_version("pkg", "0.0.1-security")))
    assert codes(resolve("pkg@0.0.1-security", documents)) == ["REG_SECURITY_HOLDING"]


def test_a_path_is_not_looked_up(tmp_path: Path):
    (tmp_path / "x.tgz").write_bytes(b"x")
    refused(f"{tmp_path}/x.tgz", Documents(), UsageError, "REF_NOT_REGISTRY")


def manifest(**members: object) -> dict[str, Json]:
    value = loads(json.dumps(members).encode(), what="package.json", max_bytes=10_000)
    assert not isinstance(value, (str, int, float, bool, tuple, type(None)))
    return dict(value)


def test_a_manifest_on_disk_speaks_for_itself():
    package = npm.from_manifest(
        manifest(name="@s/a", version="v1.0.0", repository="github:o/r", scripts={"install": "x"}), "./a.tgz"
    )
    assert (package.name, package.version, package.registry, package.url) == ("@s/a", "1.0.0", "", "")
    assert [(claim.claimant, claim.repository) for claim in package.claims] == [
        (Claimant.MANIFEST, "https://github.com/o/r")
    ]
    assert package.release.install_scripts == ("install",)
    assert package.previous is None


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"version": "1.0.0"}, "MANIFEST_NAME"),
        ({"name": 7, "version": "1.0.0"}, "MANIFEST_NAME"),
        ({"name": "../x", "version": "1.0.0"}, "MANIFEST_NAME"),
        ({"name": "a\x1b", "version": "1.0.0"}, "MANIFEST_NAME"),
        ({"name": "a"}, "MANIFEST_VERSION"),
        ({"name": "a", "version": 1}, "MANIFEST_VERSION"),
        ({"name": "a", "version": "1.0"}, "MANIFEST_VERSION"),
        ({"name": "a", "version": "latest"}, "MANIFEST_VERSION"),
    ],
)
def test_a_manifest_without_name_or_version_is_refused(members: dict[str, object], code: str):
    with pytest.raises(MalformedError) as caught:
        npm.from_manifest(manifest(**members), "./a.tgz")
    assert caught.value.code == code
    assert caught.value.message.isprintable()


# The real transport, against a registry on loopback.


def over_http(registry: Registry, root: Path, text: str, *, offline: bool = False) -> Package:
    settings = Settings(registry=registry.url)
    with HttpTransport(Cache(root, NOW), settings, offline=offline, sleep=lambda _: None) as transport:
        context = Context(
            now=NOW,
            transport=transport,
            registries=settings,
            forge=NoForge(),
            progress=Silence(),
            anchors=Anchors(),
            offline=offline,
        )
        return npm.resolve(reference.parse(text), context)


def test_over_http_and_again_without_a_network(tmp_path: Path):
    tarball = make_tarball({"package.json": '{"name":"@s/a","version":"1.0.0","repository":"github:o/r"}'})
    with Registry() as registry:
        registry.publish("@s/a", "1.0.0", tarball)
        online = over_http(registry, tmp_path / "cache", "npx -y @s/a")
        assert {request.headers.get("accept") for request in registry.requests} == {FULL}
        asked = len(registry.requests)
        assert over_http(registry, tmp_path / "cache", "npx -y @s/a", offline=True) == online
        assert len(registry.requests) == asked
    assert Digest.from_sri(online.integrity, what="a") == Digest.of(tarball, "sha512")
    assert online.url.endswith("/@s/a/-/a-1.0.0.tgz")
    assert codes(online) == ["REF_UNPINNED"]


def test_over_http_a_missing_package_and_a_login_page_differ(tmp_path: Path):
    with Registry() as registry:
        with pytest.raises(UsageError) as missing:
            over_http(registry, tmp_path / "one", "nothing-here")
        assert missing.value.code == "REF_NO_SUCH_PACKAGE"
        registry.files["/portal"] = Answer(body=b"<html>log in</html>", content_type="text/html")
        with pytest.raises(UnavailableError) as portal:
            over_http(registry, tmp_path / "two", "portal")
        assert portal.value.code == "REG_NOT_JSON"


REAL = {
    "@playwright/mcp@0.0.75": "https://github.com/microsoft/playwright-mcp",
    "chrome-devtools-mcp@1.7.0": "https://github.com/ChromeDevTools/chrome-devtools-mcp",
    "@modelcontextprotocol/server-filesystem@2026.7.10": "https://github.com/modelcontextprotocol/servers",
    "@notionhq/notion-mcp-server@2.4.1": "https://github.com/makenotion/notion-mcp-server",
    "supergateway@3.4.0": "https://github.com/supercorp-ai/supergateway",
    "@upstash/context7-mcp@4.0.3": "https://github.com/upstash/context7",
    "tavily-mcp@0.2.19": "https://github.com/tavily-ai/tavily-mcp",
    "@hubspot/mcp-server@latest": "",
    "mcp-remote": "https://github.com/punkpeye/mcp-remote",
    "npx -y mcp-proxy@latest": "https://github.com/punkpeye/mcp-proxy",
}


@pytest.mark.registry
def test_real_packages(tmp_path: Path):
    settings = Settings()
    found = {}
    with HttpTransport(Cache(tmp_path / "cache", datetime.now(UTC)), settings) as transport:
        context = Context(
            now=datetime.now(UTC),
            transport=transport,
            registries=settings,
            forge=NoForge(),
            progress=Silence(),
            anchors=Anchors(),
        )
        for text in REAL:
            asked = reference.parse(text)
            package = npm.resolve(asked, context)
            assert package.name == asked.name
            assert asked.selector is not Selector.EXACT or package.version == asked.spec
            assert Digest.from_sri(package.integrity, what=text).algorithm == "sha512"
            assert package.url.startswith("https://registry.npmjs.org/")
            assert package.published is not None
            found[text] = package.claims[0].repository if package.claims else ""
    assert {text: claim.lower() for text, claim in found.items()} == {
        text: claim.lower() for text, claim in REAL.items()
    }
