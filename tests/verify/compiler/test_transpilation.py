import json

import pytest

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.verify.compiler import transpilation
from provenly.verify.compiler.transpilation import Transpilation, Transpile


class Compiler:
    """The other side: makes upper case of a source, and fails at those that say so."""

    def __init__(self):
        self.batches = []

    def __call__(self, request, *, seconds):
        sources = [item["source"] for item in request["items"]]
        self.batches.append(len(sources))
        for word, error in (
            ("hang", MalformedError("time is up", code="COMPILER_TIMEOUT")),
            ("crash", UnavailableError("it is gone", code="COMPILER_CRASH")),
            ("missing", UnavailableError("no compiler", code="COMPILER_UNAVAILABLE")),
        ):
            if any(word in source for source in sources):
                raise error
        outputs = [{"refused": "no"} if "refuse" in source else {"text": source.upper()} for source in sources]
        return json.dumps({"outputs": outputs}).encode()


def run(sources, compiler=None, **options):
    items = {
        f"key {number}": Transpile(path=f"{number}.ts", source=source.encode(), options={})
        for number, source in enumerate(sources)
    }
    answers = dict(Transpilation(compiler or Compiler(), limit=1_000, **options).run(items))
    assert list(answers) == list(items)
    return [answer.code if isinstance(answer, Error) else answer for answer in answers.values()]


def test_every_file_gets_its_own_answer():
    assert run(["a", "refuse", "b"]) == [b"A", "COMPILER_SOURCE", b"B"]


def test_nothing_is_asked_for_nothing():
    compiler = Compiler()
    assert run([], compiler) == []
    assert compiler.batches == []


def test_files_go_in_batches_by_count_and_by_size():
    compiler = Compiler()
    run(["a"] * 130, compiler)
    assert compiler.batches == [64, 64, 2]
    compiler = Compiler()
    run(["a" * 1_500_000] * 4, compiler)
    assert compiler.batches == [2, 2]


@pytest.mark.parametrize(("word", "code"), [("hang", "COMPILER_TIMEOUT"), ("crash", "COMPILER_CRASH")])
def test_a_file_that_ends_the_isolate_costs_no_other_file_its_answer(word, code):
    assert run(["a", word, "b"]) == [b"A", code, b"B"]


def test_one_file_alone_is_not_tried_twice():
    compiler = Compiler()
    assert run(["hang"], compiler) == ["COMPILER_TIMEOUT"]
    assert compiler.batches == [1]


def test_after_too_many_failures_the_rest_is_given_up():
    answers = run(["a", *["hang"] * 40, "b"])
    assert answers[0] == b"A"
    assert answers.count("COMPILER_TIMEOUT") == transpilation.MAX_FAILURES
    assert set(answers[transpilation.MAX_FAILURES + 1 :]) == {"COMPILER_FAILURES"}


def test_where_there_is_no_compiler_that_is_the_answer_to_all():
    with pytest.raises(UnavailableError, match="no compiler"):
        run(["a", "missing"])


def test_when_the_time_is_up_nothing_more_is_asked():
    compiler = Compiler()
    assert run(["a", "b"], compiler, seconds=0) == ["COMPILER_TIMEOUT", "COMPILER_TIMEOUT"]
    assert compiler.batches == []


def test_an_answer_with_another_number_of_files_is_none():
    def short(request, *, seconds):
        return b'{"outputs":[{"text":"A"}]}'

    assert run(["a", "b"], short) == [b"A", b"A"]  # each by itself
    assert run(["a"], lambda request, *, seconds: b'{"outputs":[]}') == ["COMPILER_CRASH"]
