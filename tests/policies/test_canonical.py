from __future__ import annotations

import pytest

from provenly.policies import canonical
from provenly.policies.load import PACKAGED, load, packaged, packaged_bytes
from provenly.trust.digest import Digest

HEAD = 'schema = 1\nname = "mine"\nextends = "default"\n'

WHOLE = """
[checks.provenance]
absent = "hold"
[settings]
never-waive = ["artifact-integrity", "artifact-layout"]
[[scope]]
packages = ["pkg:npm/a", "pkg:npm/%40acme/*"]
registry = "https://npm.acme.example"
[scope.checks.provenance]
absent = "deny"
[[condition]]
when = "files.total > 1"
action = "hold"
why = "x"
[[waiver]]
check = "source-match"
package = "a"
statuses = ["failed", "absent"]
reason = "r"
owner = "o"
expires = 2027-01-01
[[identities]]
package = "a"
repository = "https://github.com/acme/a"
"""


def digest(text: str, *, head: str = HEAD) -> Digest:
    return load((head + text).encode(), "mine.toml").digest


@pytest.mark.parametrize("name", PACKAGED)
def test_a_policy_that_says_no_more_than_the_one_it_extends_has_its_digest(name):
    assert digest("", head=HEAD.replace("default", name)) == packaged(name).digest


@pytest.mark.parametrize("name", ["default", "strict", "audit"])
def test_what_is_written_out_has_the_digest_of_what_is_inherited(name):
    text = packaged_bytes(name).decode().replace(f'name = "{name}"', 'name = "mine"')
    assert load(text.encode(), "mine.toml").digest == packaged(name).digest
    assert load(text.encode(), "mine.toml").file_digest == Digest.of(text.encode())


def test_the_packaged_policies_have_digests_of_their_own():
    assert len({packaged(name).digest for name in PACKAGED}) == len(PACKAGED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "# a remark\n"),
        ('"hold"\n[settings]', "'hold'\n\n[settings]"),
        ('absent = "hold"', 'absent = "hold"\nfailed = "deny"\nwhy = "x"'),
        ('["artifact-integrity", "artifact-layout"]', '["artifact-layout", "artifact-integrity"]'),
        ('["pkg:npm/a", "pkg:npm/%40acme/*"]', '["pkg:npm/%40acme/*", "pkg:npm/a"]'),
        ('npm.acme.example"', 'npm.acme.example/"'),
        ('why = "x"', 'why = "y"'),
        ('["failed", "absent"]', '["absent", "failed"]'),
        ('absent = "deny"', 'absent = "deny"\nfailed = "deny"'),
    ],
)
def test_another_spelling_has_the_same_digest(old, new):
    assert old in WHOLE
    assert digest(WHOLE.replace(old, new, 1)) == digest(WHOLE)


def test_names_and_descriptions_make_no_difference():
    head = HEAD.replace("mine", "theirs") + 'description = "Theirs."\n'
    assert digest(WHOLE, head=head) == digest(WHOLE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('absent = "hold"', 'absent = "deny"'),
        ('never-waive = ["artifact-integrity", "artifact-layout"]', "never-waive = []"),
        ('["pkg:npm/a", ', "["),
        ("npm.acme.example", "npm.acme2.example"),
        ('absent = "deny"', 'absent = "warn"'),
        ("files.total > 1", "files.total > 2"),
        ('action = "hold"', 'action = "deny"'),
        ('why = "x"', 'why = "x"\ncheck = "source-match"'),
        ("source-match", "source-data"),
        ('package = "a"\nstatuses', 'package = "b"\nstatuses'),
        ('statuses = ["failed", "absent"]\n', ""),
        ('reason = "r"', 'reason = "s"'),
        ('owner = "o"', 'owner = "p"'),
        ("2027-01-01", "2027-01-02"),
        ("github.com/acme/a", "github.com/acme/b"),
        ('acme/a"', 'acme/a"\notherwise = "hold"'),
        ("[[waiver]]", "[checks.version-age]\nmin-hours = 25\n[[waiver]]"),
    ],
)
def test_whatever_decides_is_in_the_digest(old, new):
    assert old in WHOLE
    assert digest(WHOLE.replace(old, new, 1)) != digest(WHOLE)


def test_a_parameter_that_decides_nothing_is_not_in_the_digest():
    inert = '[checks.version-age]\npassed-younger = "allow"\n'
    assert digest(inert + "min-hours = 25\n") == digest(inert + "min-hours = 26\n")


def test_the_order_of_scopes_is_in_the_digest():
    one, two = (
        f'[[scope]]\nregistry = "https://{host}"\n[scope.checks.provenance]\nabsent = "deny"\n'
        for host in ("a.example", "b.example")
    )
    assert digest(one + two) != digest(two + one)


def test_the_form_is_ascii_json_that_names_itself():
    text = canonical.canonical(load((HEAD + WHOLE).encode(), "mine.toml"))
    assert text.isascii()
    assert b'"form":"provenly/policy/1"' in text
