r"""npm's configuration files, as far as they say where registries are and what opens them.

npm reads `.npmrc` with the package ``ini``: sections are read but mean nothing to npm, so is what follows ``;`` or
``#`` outside quotes; ``name[] = value`` appends; quoted values are JSON strings. No Python library reads that dialect:
:mod:`configparser` wants sections and keeps quotes. The rules here are those of ``ini/lib/ini.js`` and of
``@npmcli/config/lib/env-replace.js`` as of npm 11.

A file is read only where the user asks for it: a project's file is written by whoever wrote the project. So what a
project's file may do is less: it may name registries, but it has no ``${VARIABLE}`` (it could send the environment to
its own registry), no credentials, no authorities and no proxy.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import UsageError
from provenly.trust.model import Note
from provenly.verify.registry import named_file
from provenly.verify.registry.settings import Credential, Secret, Settings, proxy_url, registry_url

MAX_FILE: Final = 256 * 1024
"""Bytes of an .npmrc. Real ones have a few lines; one with a bundle of inline authorities has some 200 kB."""

_VARIABLE: Final = re.compile(r"(?<!\\)(\\*)\$\{([^${}?]+)(\?)?\}")
_SCOPE: Final = re.compile(r"(@[a-z0-9~*!'()_.-]+):registry", re.IGNORECASE)
_PLACE: Final = re.compile(r"(//[A-Za-z0-9.\[\]:-]+(?:/[^\s:]*)?):([A-Za-z_]+)")
_HEADER: Final = re.compile(r"[\x21-\x7e]+")
_UNSUPPORTED: Final = frozenset({"certfile", "keyfile", "cert", "key"})
_HARMLESS: Final = frozenset({"always-auth", "email", "tokenHelper"})
_OWN_ONLY: Final = frozenset({"ca", "cafile", "proxy", "https-proxy", "http-proxy", "noproxy", "strict-ssl"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One setting of a file.

    :param where: file and line, for messages.
    :param value: the text; ``"true"`` for a name without a value.
    """

    where: str
    key: str
    value: str
    many: bool = False


def load(  # noqa: PLR0913 - each one is an option of the command line
    *,
    user: Path | None = None,
    project: Path | None = None,
    environment: Mapping[str, str] | None = None,
    registry: str = "",
    ca_file: Path | None = None,
    proxy: str = "",
    tarball_hosts: tuple[str, ...] = (),
) -> Settings:
    """Return the settings that the named files and options give.

    As with npm, an option wins over the project's file and that over the user's; ``registry`` replaces the default
    registry, and a scope keeps the registry that a file gives to it.

    :param user: the user's own file, in which ``${VARIABLE}`` is replaced from ``environment``; ``None`` for none.
    :param project: a project's file, read only because the user asked for it.
    :param registry: ``--registry``.
    :param ca_file: ``--ca-file``: PEM certificates that are trusted instead of the system's.
    :param proxy: ``--proxy``.
    :param tarball_hosts: ``--allow-host``: hosts on which registries may place their archives.
    :raises UsageError: a file cannot be read, or a setting makes no sense; names file and line.
    """
    settings = Settings(tarball_hosts=tuple(host.lower() for host in tarball_hosts))
    if user is not None:
        settings = _apply(settings, _lines(user, environment or {}), owner=True)
    if project is not None:
        settings = _apply(settings, _lines(project, None), owner=False)
    if registry:
        settings = dataclasses.replace(settings, registry=registry_url(registry, where="--registry"))
    if ca_file is not None:
        settings = dataclasses.replace(settings, ca=_certificates(ca_file, "--ca-file"))
    if proxy:
        settings = dataclasses.replace(settings, proxy=proxy_url(proxy, where="--proxy"))
    return settings


def parse(text: str, *, file: str, environment: Mapping[str, str] | None) -> Iterator[Line]:
    """Yield the settings of a file in order, those inside sections left out, as npm has no use for them.

    :param environment: what ``${VARIABLE}`` is replaced from; ``None`` refuses it.
    :raises UsageError: ``NPMRC_VARIABLE``: a variable that is not set, or may not be used here.
    """
    # ini.js splits at carriage returns and line feeds alike; lines are counted as editors do.
    for number, row in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        stripped = row.strip()
        if not stripped or stripped[0] in ";#":
            continue
        if re.fullmatch(r"\[[^\]]*\]\s*", row):
            return
        where = f"{file}:{number}"
        key, equals, value = row.partition("=")
        if not key:
            continue
        name = _expand(_plain(key), environment, where)
        many = name.endswith("[]") and len(name) > len("[]")
        content = _expand(_plain(value), environment, where) if equals else "true"
        yield Line(where=where, key=name.removesuffix("[]") if many else name, value=content, many=many)


def _lines(path: Path, environment: Mapping[str, str] | None) -> tuple[Line, ...]:
    """Read a file that the user named."""
    hint = "Check the path; files are read only where you ask for them."
    try:
        text = named_file.read(path, max_bytes=MAX_FILE).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", code="NPMRC_READ", hint=hint) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start})", code="NPMRC_READ", hint=hint) from error
    return tuple(parse(text, file=str(path), environment=environment))


def _plain(text: str) -> str:
    """Return a key or value without quotes, escapes and comments: ``unsafe`` of ini.js."""
    text = text.strip()
    if text and text[0] == text[-1] and text[0] in "\"'":
        inner = text[1:-1] if text[0] == "'" else text
        try:
            value = json.loads(inner)
        except ValueError:
            return inner
        return value if isinstance(value, str) else inner
    kept: list[str] = []
    characters = iter(text)
    for character in characters:
        if character in ";#":
            break
        if character == "\\":
            following = next(characters, "")
            kept.append(following if following and following in "\\;#" else "\\" + following)
        else:
            kept.append(character)
    return "".join(kept).strip()


def _expand(text: str, environment: Mapping[str, str] | None, where: str) -> str:
    """Replace ``${NAME}`` and ``${NAME?}``; an odd number of backslashes before it keeps it as it is.

    npm leaves an unset ``${NAME}`` in place and sends it on, which ends in a puzzling 401: we say so instead.
    """

    def replacement(match: re.Match[str]) -> str:
        escapes, name, optional = match[1], match[2], match[3]
        if len(escapes) % 2:
            return match[0][(len(escapes) + 1) // 2 :]
        if environment is None:
            message = f"{where}: a project's file must not use the environment: ${{{name}}}"
            raise UsageError(message, code="NPMRC_VARIABLE", hint="Move this line into your own .npmrc.")
        if name not in environment and not optional:
            message = f"{where}: the environment variable {name} is not set"
            raise UsageError(message, code="NPMRC_VARIABLE", hint=f"Set {name}, or write ${{{name}?}} for empty.")
        return escapes[: len(escapes) // 2] + environment.get(name, "")

    return _VARIABLE.sub(replacement, text)


def _apply(settings: Settings, lines: tuple[Line, ...], *, owner: bool) -> Settings:
    """Return ``settings`` with what a file says."""
    values = {line.key: line for line in lines}
    notes = list(settings.notes)
    changes: dict[str, object] = {}
    scopes = dict(settings.scopes)
    for key, line in values.items():
        if key in {"_auth", "_authToken", "_password", "username"}:
            message = f"{line.where}: {key} does not say to which registry it belongs"
            raise UsageError(message, code="NPMRC_UNSCOPED", hint=f"Write //registry.example.org/:{key}=… as npm does.")
        if not owner and (key in _OWN_ONLY or key.startswith("//")):
            text = f"{key.rpartition(':')[2]} of a project's file is not used"
            notes.append(Note(code="NPMRC_PROJECT", text=text, where=line.where))
        elif key == "registry":
            changes["registry"] = registry_url(line.value, where=line.where)
        elif scope := _SCOPE.fullmatch(key):
            scopes[scope[1]] = registry_url(line.value, where=line.where)
        elif key == "strict-ssl" and line.value.lower() in {"false", "0", "null", ""}:
            hint = "Remove the line; for a registry with its own authority set cafile, or install it on the system."
            message = f"{line.where}: strict-ssl=false would let anyone on the way answer for the registry"
            raise UsageError(message, code="NPMRC_STRICT_SSL", hint=hint)
        elif key in _UNSUPPORTED or key.rpartition(":")[2] in _UNSUPPORTED:
            notes.append(Note(code="NPMRC_UNSUPPORTED", text="client certificates are not supported", where=line.where))
    if owner:
        changes |= _ways(values, lines)
        changes["credentials"] = tuple(_credentials(values))
    return dataclasses.replace(settings, scopes=MappingProxyType(scopes), notes=tuple(notes), **changes)  # type: ignore[arg-type]  # each value has the type of its field


def _ways(values: Mapping[str, Line], lines: tuple[Line, ...]) -> dict[str, object]:
    """Return what the user's file says about authorities and proxies."""
    changes: dict[str, object] = {}
    if "ca" in values and values["ca"].value not in {"", "null"}:
        inline = [line.value for line in lines if line.key == "ca"]
        kept = inline if values["ca"].many else inline[-1:]
        changes["ca"] = _checked("\n".join(kept).replace("\\n", "\n"), values["ca"].where)
    if (line := values.get("cafile")) and line.value not in {"", "null"}:
        changes["ca"] = _certificates(Path(line.value).expanduser(), line.where)
    # npm-registry-fetch has one proxy for all: `opts.httpsProxy || opts.proxy`.
    for key in ("proxy", "http-proxy", "https-proxy"):
        if (line := values.get(key)) and line.value not in {"", "null", "false"}:
            changes["proxy"] = proxy_url(line.value, where=line.where)
    if "noproxy" in values:
        names = ",".join(line.value for line in lines if line.key == "noproxy")
        changes["no_proxy"] = tuple(name.strip() for name in names.split(",") if name.strip())
    return changes


def _credentials(values: Mapping[str, Line]) -> Iterator[Credential]:
    """Yield the credentials of each place; a token wins over ``_auth``, and that over name and password, as in npm."""
    places: dict[str, dict[str, Line]] = {}
    for key, line in values.items():
        if key.startswith("//"):
            match = _PLACE.fullmatch(key)
            if not match:
                message = f"{line.where}: this is not //host/path/:name"
                raise UsageError(message, code="NPMRC_PLACE", hint="Write //registry.example.org/:_authToken=…")
            host, slash, path = match[1].removeprefix("//").partition("/")
            place = f"//{host.lower()}/{path.rstrip('/') + '/' if slash and path.rstrip('/') else ''}"
            if match[2] not in _HARMLESS:
                places.setdefault(place, {})[match[2]] = line
    for place, members in places.items():
        if token := members.get("_authToken"):
            yield Credential(place=place, header=_header("Bearer", token.value, token.where))
        elif auth := members.get("_auth"):
            yield Credential(place=place, header=_header("Basic", auth.value, auth.where))
        elif (name := members.get("username")) and (password := members.get("_password")):
            try:
                clear = base64.b64decode(password.value, validate=True)
            except (binascii.Error, ValueError):
                # Not chained: the library's message is about the password.
                message = f"{password.where}: _password is not base64"
                raise UsageError(message, code="NPMRC_CREDENTIAL", hint="npm wants the password in base64.") from None
            pair = base64.b64encode(name.value.encode() + b":" + clear).decode()
            yield Credential(place=place, header=_header("Basic", pair, name.where))


def _header(scheme: str, value: str, where: str) -> Secret:
    if not _HEADER.fullmatch(value):
        message = f"{where}: the credential is empty or has characters that a header cannot have"
        raise UsageError(message, code="NPMRC_CREDENTIAL", hint="Check the line, and the variable that it names.")
    return Secret(f"{scheme} {value}")


def _certificates(path: Path, where: str) -> str:
    """Return the PEM certificates of a file."""
    try:
        return _checked(named_file.read(path, max_bytes=16 * MAX_FILE).decode("utf-8-sig"), where)
    except OSError as error:
        message = f"{where}: {path} cannot be read: {error.strerror}"
        raise UsageError(message, code="SETTINGS_CA", hint="Check the path.") from error
    except UnicodeDecodeError as error:
        message = f"{where}: {path} has no PEM certificates"
        raise UsageError(message, code="SETTINGS_CA", hint="Give a file of PEM text.") from error


def _checked(pem: str, where: str) -> str:
    """Return ``pem`` if it holds certificates; a private key or an empty file would only show as a TLS error later."""
    if "-----BEGIN CERTIFICATE-----" not in pem:
        raise UsageError(f"{where}: there is no PEM certificate", code="SETTINGS_CA", hint="Give a file of PEM text.")
    return pem
