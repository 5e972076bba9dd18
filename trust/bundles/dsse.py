"""What a DSSE signature is made over.

Source: secure-systems-lab/dsse, protocol.md, "Signature Definition".
"""

from __future__ import annotations


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: ``DSSEv1 <length> <type> <length> <payload>``.

    Lengths are those of the bytes, in decimal: of a type that is not ASCII, more than it has characters.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
