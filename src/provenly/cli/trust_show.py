"""What ``provenly trust show`` writes. All text in it may come from a file of somebody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from provenly.trust.model import Note
from provenly.trust.roots.material import Origin
from provenly.trust.roots.model import Authority, Log, Period, RegistryKeys, TrustedRoot
from provenly.trust.text import plural
from provenly.trust.text import show as shown

LABEL: Final = 11
"""Columns of the labels: with a digest of 64 behind it, a line stays below 80."""

KINDS: Final = {
    "embedded": "embedded in this release",
    "tuf": "refreshed through TUF",
    "file": "a file that you named",
}


def as_text(root: TrustedRoot, keys: RegistryKeys, notes: Sequence[Note], now: datetime) -> str:
    """Return what is trusted, for a reader."""
    lines = ["trusted root", *_origin(root.origin, now)]
    for log in root.logs:
        lines += _log("log", log)
    for authority in root.authorities:
        lines += _authority("authority", authority)
    for log in root.ct_logs:
        lines += _log("CT log", log)
    for authority in root.timestamp_authorities:
        lines += _authority("timestamps", authority)
    for unusable in root.unusable:
        lines += [_line("not used", unusable.url), _line("", unusable.reason)]
    lines += ["", f"keys of {keys.registry}" if keys.registry else "keys of the registry", *_origin(keys.origin, now)]
    for key in keys.keys:
        lines.append(_line("key", key.keyid))
        lines += [_line("", f"{usage}: {period}") for usage, period in key.periods]
    for unusable in keys.unusable:
        lines += [_line("not used", unusable.name), _line("", unusable.reason)]
    if notes:
        lines += ["", *(f"note: {note.text} [{note.code}]" for note in notes)]
    return "".join(shown(line) + "\n" for line in lines)


def _line(label: str, text: str) -> str:
    return f"  {label:<{LABEL}}{text}"


def _origin(origin: Origin, now: datetime) -> Iterator[str]:
    yield _line("from", KINDS.get(origin.kind, origin.kind))
    yield _line("", origin.place)
    yield _line("sha256", origin.digest.hex)
    if origin.obtained:
        age = plural(max((now - origin.obtained).days, 0), "day")
        yield _line("obtained", f"{origin.obtained:%Y-%m-%d}, {age} ago")
    if origin.expires:
        yield _line("good until", f"{origin.expires:%Y-%m-%d}")


def _log(label: str, log: Log) -> Iterator[str]:
    yield _line(label, log.url)
    yield _line("", log.log_id.hex())
    yield _line("", str(log.period))


def _authority(label: str, authority: Authority) -> Iterator[str]:
    from cryptography.hazmat.primitives.hashes import SHA256

    yield _line(label, authority.uri or "(no address)")
    yield _line("", authority.chain[-1].fingerprint(SHA256()).hex())
    yield _line("", str(authority.period))


def as_json(root: TrustedRoot, keys: RegistryKeys, notes: Sequence[Note]) -> str:
    """Return the same for machines."""
    document = {
        "schema": "provenly/trust-show/1",
        "trusted_root": {
            **_origin_json(root.origin),
            "logs": [_log_json(log) for log in root.logs],
            "certificate_authorities": [_authority_json(authority) for authority in root.authorities],
            "ct_logs": [_log_json(log) for log in root.ct_logs],
            "timestamp_authorities": [_authority_json(authority) for authority in root.timestamp_authorities],
            "unusable": [
                {"list": one.kind, "url": one.url, "id": one.name, "reason": one.reason} for one in root.unusable
            ],
        },
        "keys": {
            "registry": keys.registry,
            **_origin_json(keys.origin),
            "keys": [
                {
                    "keyid": key.keyid,
                    "sha256": key.key.digest.hex,
                    "usages": [{"usage": str(usage), **_period_json(period)} for usage, period in key.periods],
                }
                for key in keys.keys
            ],
            "unusable": [{"keyid": one.name, "reason": one.reason} for one in keys.unusable],
        },
        "notes": [{"code": note.code, "text": note.text} for note in notes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _origin_json(origin: Origin) -> dict[str, object]:
    return {
        "kind": origin.kind,
        "place": origin.place,
        "sha256": origin.digest.hex,
        "obtained": _time(origin.obtained),
        "expires": _time(origin.expires),
    }


def _log_json(log: Log) -> dict[str, object]:
    return {"url": log.url, "id": log.log_id.hex(), "scheme": str(log.key.scheme), **_period_json(log.period)}


def _authority_json(authority: Authority) -> dict[str, object]:
    from cryptography.hazmat.primitives.hashes import SHA256

    digests = [certificate.fingerprint(SHA256()).hex() for certificate in authority.chain]
    return {"uri": authority.uri, "chain": digests, **_period_json(authority.period)}


def _period_json(period: Period) -> dict[str, object]:
    return {"start": _time(period.start), "end": _time(period.end)}


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
