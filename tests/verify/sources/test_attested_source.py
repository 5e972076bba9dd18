"""When a provenance is followed to its commit, and when it is the repository's own word about the package."""

from dataclasses import replace

import pytest

from provenly.trust.model import Claimant
from provenly.verify.sources import attested_source
from provenly.verify.sources.source_url import claim
from tests.verify.checks.attested import parts, provenance, publish
from tests.verify.checks.subjects import COMMIT, MANIFEST, REPOSITORY, package

FORK = "https://github.com/thief/mail-mcp"


def built(**facts):
    # The old claims of certificates have no room for another host than GitHub's.
    claims = dict.fromkeys(range(1, 7)) if "server" in facts else {}
    return parts(publish(), provenance(facts=facts, claims=claims))["provenance"]


def claiming(*texts, **manifest):
    """Return a package with these claims, the first of them that of its ``repository``."""
    claims = [claim(texts[0], Claimant.REGISTRY)] if texts else []
    claims += [claim(text, Claimant.HOMEPAGE) for text in texts[1:]]
    named = {"repository": texts[0]} if texts else {}
    return package(claims=tuple(item for item in claims if item), manifest=MANIFEST | named | manifest)


def test_the_commit_of_the_claimed_repository_is_pinned():
    found = attested_source.claim(built(), claiming(REPOSITORY), MANIFEST)
    assert (found.claimant, found.repository, found.revision) == (Claimant.PROVENANCE, REPOSITORY, COMMIT)


def test_spelling_and_directory_are_those_of_the_claim():
    written = claiming("https://github.com/Example/Mail-MCP/tree/main/packages/mail")
    found = attested_source.claim(built(), written, None)
    assert (found.repository, found.directory) == ("https://github.com/Example/Mail-MCP", "packages/mail")


def test_without_a_claim_the_repository_is_that_of_the_certificate():
    found = attested_source.claim(built(), claiming(), MANIFEST)
    assert (found.repository, found.directory, found.revision) == (REPOSITORY, "", COMMIT)


@pytest.mark.parametrize(
    ("registry", "packed"),
    [((FORK,), REPOSITORY), ((REPOSITORY,), FORK), ((FORK, REPOSITORY), REPOSITORY), ((), FORK)],
)
def test_any_claim_of_another_repository_keeps_it_from_being_followed(registry, packed):
    assert attested_source.claim(built(), claiming(*registry), MANIFEST | {"repository": packed}) is None


def test_a_homepage_counts_only_where_nothing_stronger_is_claimed():
    assert attested_source.claim(built(), claiming(REPOSITORY, f"{FORK}#readme"), None) is not None
    alone = package(claims=(claim(f"{FORK}#readme", Claimant.HOMEPAGE),), manifest=MANIFEST)
    assert attested_source.claim(built(), alone, None) is None


@pytest.mark.parametrize("facts", [{"server": "https://git.example.com"}, {"commit": "abc123"}, {"commit": "A" * 40}])
def test_what_cannot_be_followed_is_not(facts):
    assert attested_source.claim(built(**facts), claiming(REPOSITORY), None) is None


ELSEWHERE = "https://git.example.com/example/mail-mcp"


def test_a_claim_that_is_not_followed_neither_leads_nor_contradicts():
    unread = claim(ELSEWHERE, Claimant.REGISTRY)
    assert unread.repository == ""
    for other, expected in ((REPOSITORY, REPOSITORY), (FORK, None)):
        both = package(claims=(unread, claim(other, Claimant.HOMEPAGE)), manifest=MANIFEST)
        found = attested_source.claim(built(), both, None)
        assert (found and found.repository) == expected
    packed = MANIFEST | {"repository": ELSEWHERE}
    assert attested_source.claim(built(), claiming(REPOSITORY), packed).repository == REPOSITORY


def test_a_certificate_without_a_repository_that_is_followed_claims_none():
    assert attested_source.claim(built(server="https://git.example.com"), claiming(), MANIFEST) is None
    made = built()
    nobody = replace(made, identity=replace(made.identity, repository=""))
    assert attested_source.repository(nobody).refused == "the certificate names no repository"
    assert attested_source.claim(nobody, claiming(), MANIFEST) is None


def test_a_package_on_disk_claims_what_its_manifest_says_once():
    document = MANIFEST | {"repository": REPOSITORY}
    on_disk = package(registry="", manifest=document)
    assert [item.claimant for item in attested_source.claimed(on_disk, document)] == [Claimant.MANIFEST]
    served = package(manifest=document)
    claims = attested_source.claimed(served, document)
    assert [item.claimant for item in claims] == [Claimant.REGISTRY, Claimant.MANIFEST]
    assert len(attested_source.claimed(served, None)) == 1


def test_it_comes_before_the_claims_of_the_package():
    before = claiming(REPOSITORY)
    assert attested_source.followed(None, before, None) is before
    after = attested_source.followed(built(), before, None)
    assert [item.claimant for item in after.claims] == [Claimant.PROVENANCE, Claimant.REGISTRY]


def test_it_vouches_for_its_commit_in_the_compared_repository_only():
    assert attested_source.vouched(built(), claiming(REPOSITORY), None, REPOSITORY) == COMMIT
    assert attested_source.vouched(built(), claiming(REPOSITORY), None, REPOSITORY.upper()) == COMMIT
    assert attested_source.vouched(built(), claiming(REPOSITORY), None, FORK) == ""
    assert attested_source.vouched(built(), claiming(FORK), None, REPOSITORY) == ""


@pytest.mark.parametrize(
    ("facts", "commit"),
    [
        ({"trigger": "pull_request_target"}, ""),
        ({"trigger": "workflow_run"}, ""),
        ({"runner": "self-hosted"}, ""),
        ({"ref": "refs/pull/7/merge"}, ""),
        ({"ref": "refs/heads/main"}, COMMIT),
        ({"visibility": "private"}, COMMIT),
        ({"signer": "https://github.com/other/ci/.github/workflows/x.yml@refs/heads/main"}, COMMIT),
        ({"attempt": "2"}, COMMIT),
    ],
)
def test_it_vouches_for_nothing_that_strangers_may_have_changed(facts, commit):
    assert attested_source.vouched(built(**facts), claiming(REPOSITORY), None, REPOSITORY) == commit


def test_nothing_is_the_same_as_no_repository():
    assert not attested_source.same("", "")
    assert attested_source.same(REPOSITORY, REPOSITORY.replace("example", "EXAMPLE"))
    assert not attested_source.same(REPOSITORY, f"{REPOSITORY}-evil")
