"""Documents to look at, and ways to look at them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from provenly.report import saved
from provenly.sbom import cyclonedx
from provenly.trust.verdict import Report
from tests.report import parts, samples


def rendered(report: Report) -> Any:
    return json.loads(cyclonedx.render(saved.of(report)))


@functools.cache
def text_of(name: str) -> str:
    return cyclonedx.render(saved.of(samples.ALL[name]()))


def sample(name: str) -> Any:
    return json.loads(text_of(name))


def with_manifest(manifest: Mapping[str, object]) -> Report:
    return parts.report(artifact=parts.artifact(parts.package(), manifest))


def properties(component: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for member in component["properties"]:
        found.setdefault(member["name"], []).append(member["value"])
    return found


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for member in value.values() for text in strings(member)]
    if isinstance(value, list):
        return [text for member in value for text in strings(member)]
    return [value] if isinstance(value, str) else []
