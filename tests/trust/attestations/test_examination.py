"""What is held to what, once the signatures hold: each step alone, and what is said where several fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenly.trust.attestations import examination
from provenly.trust.attestations.attested import Attested, Kind
from provenly.trust.attestations.examination import Examined
from provenly.trust.attestations.model import Statement
from provenly.trust.errors import Error, MalformedError, RejectedError, UnavailableError
from provenly.trust.evidence import Status
from provenly.trust.identity import Identity
from tests.trust.attestations.statements import (
    GITHUB,
    NAME,
    OTHER_COMMIT,
    REGISTRY,
    VERSION,
    at,
    provenance,
    publish,
    published,
    v1,
)

ELSEWHERE = replace(GITHUB, issuer="https://accounts.google.com")
UNKNOWN_TYPE = "https://example.com/build/v1"


def examine(*, built: Statement | Error | None = None, received: Statement | Error | None = None) -> list[Examined]:
    attested = Attested(publish=received, provenance=built, count=2)
    return list(examination.examine(attested, name=NAME, version=VERSION, registry=f"{REGISTRY}/"))


def code(found: Examined) -> str:
    return found.error.code if found.error else ""


def test_what_holds_is_told_with_all_that_was_compared():
    received, built = examine(built=provenance(v1()), received=published(publish()))
    assert (received.status, built.status) == (Status.PASSED, Status.PASSED)
    assert [(one.field, one.certificate) for one in received.compared] == [
        ("name", NAME),
        ("version", VERSION),
        ("registry", REGISTRY),
    ]
    assert built.builder == "https://github.com/actions/runner/github-hosted"
    assert built.provenance is not None
    assert {one.field for one in built.compared} >= {"repository", "commit"}


@pytest.mark.parametrize(
    ("identity", "code_"),
    [
        (None, "ATT_SIGNER_KIND"),
        (ELSEWHERE, "ATT_ISSUER"),
        (replace(GITHUB, commit=OTHER_COMMIT), "ATT_CLAIM_MISMATCH"),
        (replace(GITHUB, runner=""), "ATT_BUILDER"),
    ],
)
def test_each_step_refuses_a_provenance(identity: Identity | None, code_: str):
    (built,) = examine(built=provenance(v1(), identity))
    assert (built.status, code(built)) == (Status.FAILED, code_)
    assert built.builder == ""


def test_an_unknown_issuer_is_refused_whatever_it_says_it_built():
    """Otherwise a type that nobody knows would turn a refusal into something that could not be checked."""
    predicate = at(v1(), "buildDefinition.buildType", UNKNOWN_TYPE)
    (unknown,) = examine(built=provenance(predicate))
    assert (unknown.status, code(unknown)) == (Status.UNCHECKED, "ATT_BUILD_TYPE")
    (refused,) = examine(built=provenance(predicate, ELSEWHERE))
    assert (refused.status, code(refused)) == (Status.FAILED, "ATT_ISSUER")


def test_what_differs_is_told_beside_what_agrees():
    (built,) = examine(built=provenance(v1(), replace(GITHUB, commit=OTHER_COMMIT)))
    assert {one.field: one.outcome.value for one in built.compared}["commit"] == "differs"
    (received,) = examine(received=published(at(publish(), "version", "9.9.9")))
    assert (received.status, code(received), received.compared) == (Status.FAILED, "PUBLISH_IDENTITY_VERSION", ())


ERRORS = {
    "refused": RejectedError("no", code="A", expected="", actual=""),
    "ill-formed": MalformedError("no", code="B"),
    "unchecked": UnavailableError("no", code="C"),
}


@pytest.mark.parametrize(
    ("outcomes", "first"),
    [
        (("unchecked", "refused"), "A"),
        (("unchecked", "ill-formed"), "B"),
        (("ill-formed", "refused"), "B"),
        (("refused", "ill-formed"), "A"),
        (("unchecked", "unchecked"), "C"),
    ],
)
def test_what_is_refused_is_raised_before_what_is_unchecked(outcomes: tuple[str, str], first: str):
    found = examine(received=ERRORS[outcomes[0]], built=ERRORS[outcomes[1]])
    with pytest.raises(Error) as caught:
        examination.require_held(tuple(found), what="it")
    assert caught.value.code == first


@pytest.mark.parametrize(("count", "expected"), [(0, "ATT_ABSENT"), (1, "ATT_ONLY_OTHERS"), (2, "ATT_ONLY_OTHERS")])
def test_nothing_that_is_read_is_no_success(count: int, expected: str):
    other = Examined(kind=Kind.OTHER, statement=provenance(v1()))
    with pytest.raises(UnavailableError) as caught:
        examination.require_held((other,) * count, what="it")
    assert caught.value.code == expected
    examination.require_held((other, *examine(built=provenance(v1()))), what="it")
