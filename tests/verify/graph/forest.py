"""Packages that depend on each other, on the simulated registry, and what is looked at of them."""

import json

from provenly import api
from tests.simulator.registry import make_tarball
from tests.world import check_report

ROOT = "server-mcp"


def publish(registry, name, version="1.0.0", *, files=None, time=None, **manifest):
    """Publish a package with nothing but a manifest, and return its version document."""
    described = {"name": name, "version": version, "license": "MIT", **manifest}
    packed = {"package.json": json.dumps(described), "index.js": "", **(files or {})}
    return registry.publish(name, version, make_tarball(packed), manifest=described, time=time)


def look(world, reference=f"{ROOT}@1.0.0", **options):
    """Verify a reference with its whole tree."""
    report = api.verify_package(reference, world.options(**({"deps": "all"} | options)))
    check_report(report)
    return report


def found(report, check):
    """Return the evidence of a check."""
    return next(item for item in report.evidence if item.check == check)


def code(report, check):
    """Return why a check did not pass."""
    return found(report, check).facts.get("code")


def ids(report):
    """Return the ids of all dependencies."""
    return [one.id for one in report.graph.dependencies]


def one(report, identity):
    """Return a dependency."""
    return next(item for item in report.graph.dependencies if item.id == identity)


def notes(report, identity):
    """Return the codes of the notes on a dependency."""
    return [note.code for note in one(report, identity).notes]
