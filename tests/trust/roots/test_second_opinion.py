"""sigstore-python reads the same authorities and logs out of the real roots."""

from __future__ import annotations

import pytest

from provenly.trust.roots import trusted_root
from provenly.trust.roots.material import Material
from tests.cases import CASES, needs_cases


@needs_cases
@pytest.mark.parametrize("name", ["trusted_root.json", "trusted_root.staging.json"])
def test_sigstore_python_reads_the_same(name):
    from sigstore.models import TrustedRoot

    path = CASES / "trust" / name
    theirs = TrustedRoot.from_file(str(path))
    ours = trusted_root.load(Material(data=path.read_bytes(), kind="file", place=str(path)))
    rekor = theirs._inner.tlogs  # noqa: SLF001 - its public part shows keyrings only
    assert {log.log_id for log in ours.logs} == {log.log_id.key_id for log in rekor}
    stamps = theirs.get_timestamp_authorities()
    assert {authority.period.start for authority in ours.timestamp_authorities} == {
        one.validity_period_start for one in stamps
    }
    assert {authority.chain for authority in ours.timestamp_authorities} == {
        tuple(one.certificates(allow_expired=True)) for one in stamps
    }
