"""The same forgeries through ``provenly verify-attestations``: the exit code and the reason that the user sees."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from provenly.cli.main import main
from provenly.trust.errors import Error, UnavailableError
from tests.forgeries.forgery import Forgery, Handed, forge, judge
from tests.forgeries.test_forgeries import ALL
from tests.simulator.sigstore.instance import dump

OF_EACH_CODE = tuple({forgery.code: forgery for forgery in ALL}.values())
"""One forgery for each reason."""


def command(folder: Path, handed: Handed) -> int:
    """Write what was handed over to files, verify it, and return the exit code."""
    by, target = forge(), handed.target
    (folder / "attestations.json").write_bytes(handed.document)
    (folder / "root.json").write_bytes(dump(by.trusted_root() if handed.root is None else handed.root))
    (folder / "keys.json").write_bytes(dump(by.npm_keys() if handed.keys is None else handed.keys))
    return main(
        [
            *("verify-attestations", str(folder / "attestations.json"), "--format", "json"),
            *("--package", f"{target.name}@{target.version}"),
            *("--sha512", hashlib.sha512(target.data).hexdigest()),
            *("--trusted-root", str(folder / "root.json"), "--npm-keys", str(folder / "keys.json")),
            *("--at", handed.now.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ]
    )


@pytest.mark.parametrize("forgery", OF_EACH_CODE, ids=lambda forgery: forgery.code)
def test_the_command_refuses_and_says_why(forgery: Forgery, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handed = forgery.make(forge())
    with pytest.raises(Error) as caught:
        judge(handed)
    code = command(tmp_path, handed)
    shown = capsys.readouterr()
    if code == 2:  # a file of trust that is no good is the user's mistake, and nothing was verified
        assert handed.root is not None or handed.keys is not None
        assert not shown.out
    else:
        assert code == (3 if isinstance(caught.value, UnavailableError) else 1)
    assert forgery.code in shown.out + shown.err


def test_the_command_accepts_what_is_honest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by = forge()
    assert command(tmp_path, Handed(document=by.document(by.publish(), by.provenance()))) == 0
    assert json.loads(capsys.readouterr().out)
