"""DER (ITU-T X.690) as far as a forge writes it: a function a type, each from Python values to bytes."""

from __future__ import annotations

from datetime import datetime


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one element with the tag's byte and the parts as its content."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE."""
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    """Return a SET OF, sorted as DER asks (X.690 section 11.6)."""
    return tlv(0x31, *sorted(parts))


def integer(value: int) -> bytes:
    """Return a non-negative INTEGER."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def boolean(value: bool) -> bytes:
    """Return a BOOLEAN."""
    return tlv(0x01, b"\xff" if value else b"\x00")


def octets(value: bytes) -> bytes:
    """Return an OCTET STRING."""
    return tlv(0x04, value)


def bits(value: bytes) -> bytes:
    """Return a BIT STRING without unused bits."""
    return tlv(0x03, b"\x00", value)


def utf8(value: str) -> bytes:
    """Return a UTF8String."""
    return tlv(0x0C, value.encode())


def generalized_time(value: datetime) -> bytes:
    """Return a GeneralizedTime in UTC, in whole seconds."""
    return tlv(0x18, value.strftime("%Y%m%d%H%M%SZ").encode())


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    encoded = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        encoded += bytes(reversed(groups))
    return tlv(0x06, bytes(encoded))
