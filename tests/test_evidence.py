"""Evidence folders: a replay reaches the same evidence with no network, and a folder may come from anybody."""

import json
import shutil
import socket
from dataclasses import replace

import pytest

from provenly import api
from provenly.report import json_report
from provenly.trust.errors import Error, MalformedError, UsageError
from tests.world import INDEX, NAME, files


@pytest.fixture
def no_network(monkeypatch):
    """Make every connection an error: a replay that needs one fails loudly."""

    def refuse(*_args, **_options):
        pytest.fail("a replay used the network")

    return lambda: monkeypatch.setattr(socket, "socket", refuse)


def save(world, tmp_path, reference=f"{NAME}@1.0.0"):
    folder = tmp_path / "evidence"
    report = world.verify(reference, save_evidence=str(folder))
    return folder, report


def stolen(world):
    world.release("1.0.0", files() | {"index.js": INDEX + "evil();\n"})


def no_claim(world):
    world.publish("1.0.0", files(repository=None))


def gone(world):
    world.publish("1.0.0", files(repository="github:example/gone"))


def unknown_version(world):
    world.commit("0.9.0")
    world.publish("1.0.0")


def without_tag(world):
    world.commit(tag=False)
    world.publish("1.0.0")


def refused_registry(world):
    world.release()
    world.registry.fault("*", status=403)


@pytest.mark.parametrize("scenario", [stolen, no_claim, gone, unknown_version, without_tag, refused_registry])
def test_a_replay_is_byte_identical(world, tmp_path, scenario, no_network):
    scenario(world)
    folder, report = save(world, tmp_path)
    no_network()
    again = api.verify_package(str(folder))
    assert json_report.render(again) == json_report.render(report)
    by_option = api.verify_package(f"{NAME}@1.0.0", api.Options(evidence=str(folder)))
    assert json_report.render(by_option) == json_report.render(report)


def test_a_packed_file_can_be_saved_and_replayed(world, tmp_path):
    world.release()
    path = tmp_path / "mail-mcp-1.0.0.tgz"
    path.write_bytes(world.registry.tarballs[f"/{NAME}/-/{NAME}-1.0.0.tgz"])
    folder, report = save(world, tmp_path, str(path))
    path.unlink()
    assert api.verify_package(str(folder)).evidence == report.evidence


def test_the_same_evidence_can_be_judged_by_another_policy(world, tmp_path):
    world.release()
    folder, _ = save(world, tmp_path)
    assert api.verify_package(str(folder), api.Options(policy="strict")).verdict.action == "deny"
    assert api.verify_package(str(folder), api.Options(policy="audit")).verdict.action == "warn"


def test_evidence_for_one_package_is_none_for_another(world, tmp_path):
    world.release()
    folder, _ = save(world, tmp_path)
    with pytest.raises(UsageError, match="not for other"):
        api.verify_package("other@1.0.0", api.Options(evidence=str(folder)))


def test_what_is_there_is_not_overwritten(world, tmp_path):
    world.release()
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError) as caught:
        save(world, tmp_path)
    assert caught.value.code == "EVIDENCE_EXISTS"
    assert (tmp_path / "evidence" / "thesis.tex").read_text() == "years of work"


def test_an_older_evidence_folder_is_replaced(world, tmp_path):
    world.release()
    first, _ = save(world, tmp_path)
    (first / "evidence.json").write_text("{}")
    again, report = save(world, tmp_path)
    assert api.verify_package(str(again)).evidence == report.evidence
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".provenly")] == []


@pytest.mark.parametrize("where", ["new", "older"])
def test_a_folder_with_anything_else_in_it_is_refused_before_anything_is_asked(world, tmp_path, where):
    """A folder that has saved evidence in it may have the auditor's own notes in it too."""
    world.release()
    folder = tmp_path / "evidence"
    if where == "older":
        save(world, tmp_path)
    else:
        folder.mkdir()
        (folder / "evidence.json").write_text("{}")
    (folder / "review.md").write_text("read line by line")
    asked = len(world.registry.requests)
    with pytest.raises(UsageError) as caught:
        save(world, tmp_path, f"{NAME}@^1")
    assert caught.value.code == "EVIDENCE_EXISTS"
    assert (folder / "review.md").read_text() == "read line by line"
    assert len(world.registry.requests) == asked


@pytest.mark.parametrize("kind", ["file", "link", "beneath a file"])
def test_a_target_that_is_no_folder_is_refused_before_anything_is_asked(world, tmp_path, kind):
    world.release()
    (tmp_path / "precious").write_text("precious")
    target = tmp_path / "target"
    if kind == "file":
        target = tmp_path / "precious"
    elif kind == "link":
        target.symlink_to(tmp_path)
    else:
        target = tmp_path / "precious" / "evidence"
    with pytest.raises(UsageError):
        world.verify(save_evidence=str(target))
    assert world.registry.requests == []
    assert (tmp_path / "precious").read_text() == "precious"


def test_the_evidence_of_an_unpacked_folder_is_refused_before_any_work(world, tmp_path):
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "package.json").write_text(files()["package.json"])
    with pytest.raises(UsageError) as caught:
        world.verify(str(folder), save_evidence=str(tmp_path / "evidence"))
    assert caught.value.code == "EVIDENCE_FOLDER"
    assert world.forge.requests == []


@pytest.mark.parametrize(
    "options",
    [{"save_evidence": "x"}, {"source": "https://github.com/a/b"}, {"at": "2026-01-01"}],
    ids=lambda o: next(iter(o)),
)
@pytest.mark.parametrize("how", ["reference", "option"])
def test_an_option_that_a_replay_would_ignore_is_refused(world, tmp_path, options, how):
    world.release()
    folder, _ = save(world, tmp_path)
    text, more = (str(folder), {}) if how == "reference" else (NAME, {"evidence": str(folder)})
    with pytest.raises(UsageError) as caught:
        api.verify_package(text, api.Options(**options, **more))
    assert caught.value.code == "OPTION_CONFLICT"


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edited(folder, change):
    path = folder / "evidence.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def tarball(document):
    return next(item for item in document["exchanges"] if item.get("file", "").startswith("tarball"))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda folder: flip(folder / "tarball.tgz"), "EVIDENCE_DIGEST"),
        (lambda folder: flip(folder / "packument.json"), "EVIDENCE_DIGEST"),
        (lambda folder: flip(folder / "source.bundle"), "EVIDENCE_DIGEST"),
        (lambda folder: (folder / "source.bundle").unlink(), "EVIDENCE_FORMAT"),
        (lambda folder: (folder / "evidence.json").write_text("{"), "JSON_SYNTAX"),
        (lambda folder: (folder / "evidence.json").write_text("[]"), "EVIDENCE_FORMAT"),
        (lambda folder: (folder / "evidence.json").write_text('{"schema": 1, "schema": 2}'), "JSON_DUPLICATE_KEY"),
        (lambda folder: edited(folder, lambda d: d.update(schema="provenly/evidence/9")), "EVIDENCE_SCHEMA"),
        (lambda folder: edited(folder, lambda d: d.pop("exchanges")), "EVIDENCE_FORMAT"),
        (lambda folder: edited(folder, lambda d: d.update(checked_at="yesterday")), "EVIDENCE_FORMAT"),
        (lambda folder: edited(folder, lambda d: d["reference"].update(selector="?")), "EVIDENCE_FORMAT"),
        (lambda folder: edited(folder, lambda d: tarball(d).update(file="../../etc/passwd")), "EVIDENCE_FORMAT"),
        (lambda folder: edited(folder, lambda d: tarball(d).update(file="/etc/passwd")), "EVIDENCE_FORMAT"),
        (lambda folder: edited(folder, lambda d: tarball(d).update(file="a\u0000.tgz")), "JSON_CONTROL"),
        (lambda folder: edited(folder, lambda d: tarball(d).update(sha256="0" * 64)), "EVIDENCE_DIGEST"),
    ],
)
def test_a_damaged_or_hostile_folder_is_refused(world, tmp_path, damage, code):
    world.release()
    folder, _ = save(world, tmp_path)
    damage(folder)
    with pytest.raises(MalformedError) as caught:
        api.verify_package(str(folder))
    assert caught.value.code == code


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_nothing_but_regular_files_is_read(world, tmp_path, kind):
    import os

    world.release()
    folder, _ = save(world, tmp_path)
    path = folder / "tarball.tgz"
    kept = path.read_bytes()
    path.unlink()
    if kind == "link":
        (tmp_path / "elsewhere").write_bytes(kept)
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(MalformedError):
        api.verify_package(str(folder))


def test_evidence_that_was_forged_consistently_is_not_believed(world, tmp_path):
    """Whoever edits the recorded outcome changes nothing: the checks run again over the saved bytes."""
    stolen(world)
    folder, report = save(world, tmp_path)

    def whitewash(document):
        for item in document["evidence"]:
            item["status"] = "passed"

    edited(folder, whitewash)
    again = api.verify_package(str(folder))
    assert again.verdict.action == report.verdict.action == "hold"
    assert "EVIDENCE_DIFFERS" in {note.code for note in again.notes}


def test_an_empty_folder_is_a_usage_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Error):
        api.verify_package(str(tmp_path / "empty"))
    with pytest.raises(UsageError):
        api.verify_package("x@1.0.0", api.Options(evidence=str(tmp_path / "empty")))


def test_a_moved_folder_replays(world, tmp_path):
    world.release()
    folder, report = save(world, tmp_path)
    moved = tmp_path / "archive" / "2026"
    shutil.copytree(folder, moved)
    assert replace(api.verify_package(str(moved)), tool_version="") == replace(report, tool_version="") or (
        api.verify_package(str(moved)).evidence == report.evidence
    )


def test_everything_that_a_check_said_is_saved(world, tmp_path):
    stolen(world)
    folder, report = save(world, tmp_path)
    saved = json.loads((folder / "evidence.json").read_text())["evidence"]
    members = ("check", "status", "strength", "summary", "expected", "actual", "hint")
    for item, form in zip(report.evidence, saved, strict=True):
        assert {name: form[name] for name in members} == {name: str(getattr(item, name)) for name in members}
        assert form["facts"].keys() == item.facts.keys()
        assert tuple(form["consulted"]) == item.consulted


def test_a_replay_names_the_checks_that_come_out_otherwise(world, tmp_path):
    world.release()
    folder, _ = save(world, tmp_path)

    def forge(document):
        for item in document["evidence"]:
            if item["check"] in {"provenance", "source-data"}:
                item["summary"] = "another"

    edited(folder, forge)
    (note,) = [note for note in api.verify_package(str(folder)).notes if note.code == "EVIDENCE_DIFFERS"]
    assert note.text.endswith("in provenance, source-data")
    edited(folder, lambda document: document.update(evidence=[]))
    (note,) = [note for note in api.verify_package(str(folder)).notes if note.code == "EVIDENCE_DIFFERS"]
    assert "version-known" in note.text


def test_a_replay_in_another_order_differs_too(world, tmp_path):
    world.release()
    folder, _ = save(world, tmp_path)
    edited(folder, lambda document: document["evidence"].reverse())
    (note,) = [note for note in api.verify_package(str(folder)).notes if note.code == "EVIDENCE_DIFFERS"]
    assert note.text.endswith("the order or number of checks")


def without(document, member, text):
    document[member] = [item for item in document[member] if text not in item["url"]]


@pytest.mark.parametrize(
    ("loss", "check"),
    [
        (lambda document: without(document, "exchanges", ".tgz"), "artifact-integrity"),
        (lambda document: without(document, "exchanges", NAME), "artifact-integrity"),
        (lambda document: without(document, "repositories", "github"), "source-reachable"),
        (lambda document: document["repositories"][0].update(file=None), "source-reachable"),
    ],
)
def test_an_answer_that_was_taken_out_is_unchecked_and_never_a_pass(world, tmp_path, loss, check):
    world.release()
    folder, before = save(world, tmp_path)
    edited(folder, loss)
    report = api.verify_package(str(folder))
    found = {item.check: item for item in report.evidence}
    assert found[check].status == "unchecked"
    assert "evidence folder has no answer" in found[check].summary
    assert found[check].hint
    for item, now in zip(before.evidence, report.evidence, strict=True):
        assert now.status in {item.status, "unchecked"}
    assert report.verdict.action == "hold"


def first_refusal(document):
    return next(item["refusal"] for item in document["exchanges"] if "refusal" in item)


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: first_refusal(document).update(kind="usage"),
        lambda document: first_refusal(document).pop("message"),
        lambda document: first_refusal(document).update(code=7),
        lambda document: document["exchanges"].append("x"),
        lambda document: document.update(reference=[]),
        lambda document: document.pop("evidence"),
        lambda document: document.pop("registry"),
    ],
)
def test_a_member_of_the_wrong_kind_is_refused(world, tmp_path, damage):
    refused_registry(world)
    folder, _ = save(world, tmp_path)
    edited(folder, damage)
    with pytest.raises(MalformedError) as caught:
        api.verify_package(str(folder))
    assert caught.value.code == "EVIDENCE_FORMAT"
    assert "evidence.json" in caught.value.message


@pytest.mark.parametrize("scenario", [gone, refused_registry])
def test_what_was_refused_is_refused_again_in_the_same_words(world, tmp_path, scenario):
    scenario(world)
    folder, report = save(world, tmp_path)
    again = api.verify_package(str(folder))
    assert again.evidence == report.evidence
    assert any(item.hint for item in again.evidence)
    assert "EVIDENCE_DIFFERS" not in {note.code for note in again.notes}


def test_evidence_for_one_version_is_none_for_another(world, tmp_path):
    world.release()
    folder, report = save(world, tmp_path)
    for other in (f"{NAME}@2.0.0", f"{NAME}@^1", NAME):
        with pytest.raises(UsageError) as caught:
            api.verify_package(other, api.Options(evidence=str(folder)))
        assert caught.value.code == "EVIDENCE_OTHER"
    assert api.verify_package(f"{NAME}@1.0.0", api.Options(evidence=str(folder))).evidence == report.evidence


def test_evidence_for_a_range_answers_for_the_version_that_it_led_to(world, tmp_path):
    world.release()
    folder, report = save(world, tmp_path, f"{NAME}@^1.0.0")
    for asked in (f"{NAME}@^1.0.0", f"{NAME}@1.0.0"):
        assert api.verify_package(asked, api.Options(evidence=str(folder))).evidence == report.evidence
    with pytest.raises(UsageError):
        api.verify_package(f"{NAME}@1.0.1", api.Options(evidence=str(folder)))


def test_an_evidence_folder_needs_no_reference_beside_it(world, tmp_path, capsys):
    from provenly.cli.main import main

    world.release()
    folder, _ = save(world, tmp_path)
    assert main(["verify", "--evidence", str(folder), "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("WARN")
