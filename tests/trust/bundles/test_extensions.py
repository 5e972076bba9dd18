"""What certificates say about their holders: in one form only, and of all real ones just what they say."""

import json

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.bundles import extensions
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.identity import Identity
from tests.cases import CASES, needs_cases
from tests.simulator.sigstore import der
from tests.simulator.sigstore.instance import Instance
from tests.simulator.sigstore.predicates import GITHUB, GITLAB, HONEST, ON_GITLAB, claims, names
from tests.trust.bundles import certificates

FORGE = Instance()
OTHER_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")


def identity(said=None, **changes):
    return extensions.identity(certificates.leaf(FORGE, said=said, ct_log=None, **changes))


def refused(code, said=None, *, kind=MalformedError, **changes):
    with pytest.raises(kind) as caught:
        identity(said, **changes)
    assert caught.value.code == code
    return caught.value


def test_every_claim_has_its_place():
    url = "https://github.com/example/mail-mcp/.github/workflows/release.yml@refs/tags/v1.0.0"
    assert identity({9: "https://signer", 10: "1" * 40, 19: "2" * 40, 23: "release", 24: "repo:x"}) == Identity(
        issuer=GITHUB,
        subject=url,
        signer="https://signer",
        signer_digest="1" * 40,
        runner="github-hosted",
        repository="https://github.com/example/mail-mcp",
        commit=HONEST.commit,
        ref="refs/tags/v1.0.0",
        repository_id="890668799",
        owner="https://github.com/example",
        owner_id="182288589",
        workflow=url,
        workflow_digest="2" * 40,
        trigger="push",
        run="https://github.com/example/mail-mcp/actions/runs/29066950627/attempts/1",
        visibility="public",
        environment="release",
        token_subject="repo:x",  # noqa: S106 - a name
    )


# ------------------------------------------------------------------------------------------------ old and new


def test_certificates_of_before_2023_say_the_repository_as_a_path_and_the_workflow_as_the_subject():
    old = identity(claims=claims(HONEST, der=False))
    assert old.repository == "https://github.com/example/mail-mcp"
    assert (old.commit, old.ref, old.trigger) == (HONEST.commit, HONEST.ref, "push")
    assert old.workflow == old.signer == old.subject == HONEST.workflow_ref
    assert old.runner == old.repository_id == old.run == ""


def test_certificates_of_before_2023_may_name_no_repository():
    assert identity(claims=claims(HONEST, der=False) | {5: None}).repository == ""


def test_the_path_of_a_repository_is_one_on_github_only_where_the_issuer_is_githubs():
    for issuer in ("https://token.actions.githubusercontent.com/acme", "https://ghes.example", GITLAB):
        other = identity(claims=claims(HONEST, der=False) | {1: issuer})
        assert other.repository == other.workflow == other.signer == ""
        assert other.issuer == issuer


def test_new_certificates_do_not_fall_back_to_the_subject():
    bare = identity({18: None, 9: None, 12: None, 5: None})
    assert bare.workflow == bare.signer == bare.repository == ""


def test_a_person_has_a_mail_address_and_no_workflow():
    who = identity(claims={1: "https://github.com/login/oauth", 8: "https://github.com/login/oauth"}, names=MAIL)
    assert (who.subject, who.subject_kind, who.workflow) == ("a@example.com", "email", "")
    old = identity(claims={1: GITHUB, 5: "a/b"}, names=MAIL)
    assert old.workflow == old.signer == ""


MAIL = (x509.RFC822Name("a@example.com"),)


@pytest.mark.parametrize(
    ("said", "expected", "actual"),
    [
        ({1: GITLAB}, GITHUB, GITLAB),
        ({8: GITHUB + "/"}, GITHUB + "/", GITHUB),
        ({2: "pull_request_target"}, "push", "pull_request_target"),
        ({3: "0" * 40}, HONEST.commit, "0" * 40),
        ({5: "example/mail-mcp-evil"}, HONEST.repository, "example/mail-mcp-evil"),
        ({5: "mail-mcp"}, HONEST.repository, "mail-mcp"),
        ({12: "https://gitlab.com/example/mail-mcp"}, "https://gitlab.com/example/mail-mcp", "example/mail-mcp"),
        ({6: "refs/heads/main"}, "refs/tags/v1.0.0", "refs/heads/main"),
    ],
)
def test_what_is_said_twice_is_the_same(said, expected, actual):
    error = refused("CERT_EXTENSIONS_DISAGREE", said, kind=RejectedError)
    assert (error.expected, error.actual) == (expected, actual)


def test_another_forge_of_the_same_make_has_its_own_address():
    acme = "https://ghes.acme.example"
    said = {1: acme, 8: acme, 12: f"{acme}/example/mail-mcp"}
    assert identity(said).repository == f"{acme}/example/mail-mcp"
    refused("CERT_EXTENSIONS_DISAGREE", said | {12: f"{acme}/evil-example/mail-mcp"}, kind=RejectedError)


def test_what_is_empty_says_nothing():
    assert identity({6: ""}).ref == HONEST.ref
    assert identity({14: ""}).ref == HONEST.ref
    assert identity({6: "", 14: ""}).ref == ""
    refused("CERT_NO_ISSUER", {1: "", 8: ""})
    refused("CERT_NO_ISSUER", {1: None, 8: None})
    assert identity({1: None}).issuer == identity({8: None}).issuer == GITHUB


# ------------------------------------------------------------------------------------------------ encoding


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x0c",
        b"push",  # bare, where DER is due
        b"\x13\x04push",  # PrintableString
        b"\x04\x04push",  # OCTET STRING
        b"\x2c\x06\x0c\x04push",  # constructed
        b"\x0c\x04pushX",  # something after it
        b"\x0c\x05push",  # too long
        b"\x0c\x03push",
        b"\x0c\x81\x04push",  # not the shortest form of the length
        b"\x0c\x82\x00\x04push",
        b"\x0c\x84\x00\x00\x00\x04push",
        b"\x0c\x80push\x00\x00",  # indefinite
        b"\x0c\x80",
        b"\x0c\x81",  # no length at all
        b"\x0c\x82",
        b"\x0c\x82\x01",
        b"\x0c\x80" + b"x" * 0x80,  # taken for short, these would fit
        b"\x0c\x81" + b"x" * 0x81,
        b"\x0c\x82" + b"x" * 0x82,
        b"\x0c\x83" + b"x" * 0x83,
        b"\x0c\x04\xff\xfe\xfd\xfc",  # not UTF-8
        b"\x0c\x03\xed\xa0\x80",  # a surrogate
        b"\x0c\x02\xc0\xaf",  # an overlong slash
        b"\x0c\x83\x01\x00\x00" + b"x" * 65_536,
        der.utf8("x" * 2_049),
    ],
)
def test_new_extensions_are_der(value):
    refused("CERT_EXTENSION", {20: value, 2: None})


@pytest.mark.parametrize("length", [1, 127, 128, 255, 256, 257, 2_048])
def test_lengths_of_every_form_are_read(length):
    assert identity({23: "x" * length}).environment == "x" * length


@given(st.one_of(st.binary(max_size=12), st.text(max_size=200).map(der.utf8), st.text(max_size=4).map(str.encode)))
def test_a_text_has_one_encoding(data):
    try:
        text = identity({23: data}).environment
    except MalformedError:
        return
    assert data == der.utf8(text)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\rb", "\x1b[2J", "a\x7fb", "a\u2028b", "a\u2029b", "a\x85b"])
def test_control_characters_are_in_no_name(text):
    refused("CERT_EXTENSION", {23: text})
    refused("CERT_EXTENSION", {6: text, 14: None})


def test_other_characters_are_for_whoever_shows_them():
    assert identity({23: "Freigabe für 🏳️‍🌈 \u202e"}).environment.startswith("Freigabe für")


def test_the_title_of_a_workflow_and_unknown_numbers_identify_nothing():
    assert identity({4: b"\xff\x00\n", 25: b"\xff", 99: b""}) == identity()
    below = x509.UnrecognizedExtension(x509.ObjectIdentifier(extensions.ARC + "8.1"), b"\xff")
    assert identity(extra=((below, False),)) == identity()


def test_an_extension_that_is_there_twice_makes_the_certificate_unreadable():
    for first, second in ((13, 14), (2, 3)):
        swap = {"patch": lambda tbs, a=first, b=second: tbs.replace(_oid(a), _oid(b))}
        refused("CERT_FORMAT", **swap)


def _oid(number):
    return der.oid(f"1.3.6.1.4.1.57264.1.{number}")


# ------------------------------------------------------------------------------------------------ the holder


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), der.utf8("a")), "CERT_SAN_KIND"),
        (x509.DNSName("example.com"), "CERT_SAN_KIND"),
        (x509.RegisteredID(OTHER_NAME), "CERT_SAN_KIND"),
        (x509.DirectoryName(x509.Name([])), "CERT_SAN_KIND"),
        (x509.OtherName(OTHER_NAME, b"\x04\x01a"), "CERT_EXTENSION"),
        (x509.OtherName(OTHER_NAME, der.utf8("a\x00b")), "CERT_EXTENSION"),
        (x509.OtherName(OTHER_NAME, der.utf8("a\u200bb")), "CERT_SAN_TEXT"),
        (x509.OtherName(OTHER_NAME, der.utf8("")), "CERT_SAN_TEXT"),
        (x509.UniformResourceIdentifier(""), "CERT_SAN_TEXT"),
        (x509.UniformResourceIdentifier("https://a b"), "CERT_SAN_TEXT"),
        (x509.UniformResourceIdentifier("https://" + "a" * 2_048), "CERT_SAN_TEXT"),
    ],
)
def test_the_holder_has_one_name_of_a_known_kind(name, code):
    refused(code, names=(name,))


def test_two_names_are_none():
    uri, mail = x509.UniformResourceIdentifier("https://a.example"), x509.RFC822Name("a@b.example")
    for several in ((uri, mail), (mail, uri), (uri, uri)):
        refused("CERT_SAN_COUNT", names=several)
    refused("CERT_SAN_COUNT", names=None)


def test_a_name_may_be_as_long_as_any_text():
    longest = x509.UniformResourceIdentifier("https://" + "a" * (extensions.MAX_TEXT - 8))
    assert len(identity(names=(longest,)).subject) == extensions.MAX_TEXT
    refused("CERT_SAN_TEXT", names=(x509.UniformResourceIdentifier(longest.value + "a"),))


def test_a_name_of_sigstores_own_kind_is_any_text():
    who = identity(names=(x509.OtherName(OTHER_NAME, der.utf8("Zoë of the owners")),))
    assert (who.subject, who.subject_kind) == ("Zoë of the owners", "other")


def test_a_name_of_sigstores_own_kind_is_one():
    who = identity(names=(x509.OtherName(OTHER_NAME, der.utf8("repo_owner!example.com")),))
    assert (who.subject, who.subject_kind) == ("repo_owner!example.com", "other")


# ------------------------------------------------------------------------------------------------ real data

MEMBERS = {
    "issuer": "issuer",
    "build_signer_uri": "signer",
    "build_signer_digest": "signer_digest",
    "runner_environment": "runner",
    "source_repo_uri": "repository",
    "source_repo_digest": "commit",
    "source_repo_ref": "ref",
    "source_repo_id": "repository_id",
    "source_repo_owner_uri": "owner",
    "source_repo_owner_id": "owner_id",
    "build_config_uri": "workflow",
    "build_config_digest": "workflow_digest",
    "build_trigger": "trigger",
    "run_invocation_uri": "run",
    "source_repo_visibility": "visibility",
    "deployment_environment": "environment",
    "token_subject": "token_subject",
}
OLD = {"issuer_v1": "issuer", "gh_trigger": "trigger", "gh_sha": "commit", "gh_ref": "ref"}


def expected_claims():
    for path in sorted(CASES.glob("npm/*/expected.json")):
        listed = [one["certificate"] for one in json.loads(path.read_bytes())["attestations"] if "certificate" in one]
        for said in listed:
            yield str(path.parent.relative_to(CASES)), said


@needs_cases
def test_real_certificates_say_what_the_catalogue_has():
    found = {}
    for name, made, _ in certificates.real():
        if name.startswith("npm/"):
            found.setdefault(name.rpartition("/")[0], []).append(extensions.identity(made))
    compared = 0
    for case, said in expected_claims():
        who = next(one for one in found[case] if [one.subject] == said["san"])
        for member in (OLD | MEMBERS).items():
            if member[0] in said:
                assert getattr(who, member[1]) == said[member[0]], (case, member)
                compared += 1
        if "source_repo_uri" not in said and "gh_repo" in said:
            assert who.repository == f"https://github.com/{said['gh_repo']}"
            assert who.workflow == who.signer == said["san"][0]
        # And nothing that the catalogue does not have.
        extra = {"issuer", "subject", "subject_kind"} | {
            member for key, member in (OLD | MEMBERS).items() if key in said
        }
        extra |= {"repository", "workflow", "signer"} if "gh_repo" in said else set()
        assert all(not getattr(who, member) for member in set(MEMBERS.values()) - extra)
    assert compared > 200


@needs_cases
def test_gitlab_has_a_double_slash_before_its_configuration():
    who = next(
        extensions.identity(made)
        for name, made, _ in certificates.real()
        if name == "pypi/gitlab_oidc_project-0.0.3.tar.gz.publish.attestation"
    )
    assert who.issuer == GITLAB
    assert who.workflow == who.signer == who.subject == f"{who.repository}//.gitlab-ci.yml@refs/heads/main"
    assert (who.runner, who.visibility, who.repository_id, who.owner_id) == (
        "gitlab-hosted",
        "private",
        "55235664",
        "12885801",
    )
    assert identity(names=names(ON_GITLAB), claims=claims(ON_GITLAB)).workflow == ON_GITLAB.workflow_ref


@needs_cases
def test_a_custom_issuer_is_not_githubs():
    who = next(
        extensions.identity(made)
        for name, made, _ in certificates.real()
        if name == "other/custom-issuer.sigstore.json"
    )
    assert who.issuer == GITHUB + "/hammer-time"
    assert who.repository == "https://github.com/too-legit/attest"


@needs_cases
def test_a_reusable_workflow_is_the_signer_and_not_the_workflow():
    who = next(
        extensions.identity(made)
        for name, made, _ in certificates.real()
        if name == "npm/provenance-npm-test-1.0.5/attestations.json"
    )
    assert who.signer == who.subject != who.workflow
    assert who.signer.startswith("https://github.com/slsa-framework/slsa-github-generator/")
    assert who.workflow.startswith(who.repository + "/.github/workflows/")
