import itertools

from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.trust.verdict import Action, strictest


def test_without_any_action_the_answer_is_deny():
    assert strictest() is Action.DENY


def test_the_strictest_wins_in_any_order():
    order = [Action.ALLOW, Action.WARN, Action.HOLD, Action.DENY]
    assert sorted(Action, key=lambda action: action.rank) == order
    for actions in itertools.product(Action, repeat=3):
        assert strictest(*actions) is max(actions, key=order.index)


def explanation(path, file_class, *, executable=False, reachable=False, size=1):
    return Explanation(path=path, size=size, file_class=file_class, executable=executable, reachable=reachable)


def test_unexplained_files_that_can_run_come_first():
    comparison = Comparison(
        files=(
            explanation("a.md", FileClass.UNEXPLAINED),
            explanation("b.js", FileClass.UNEXPLAINED, executable=True),
            explanation("c.js", FileClass.UNEXPLAINED, executable=True, reachable=True, size=7),
            explanation("d.js", FileClass.IDENTICAL, executable=True, reachable=True, size=5),
        )
    )
    assert [file.path for file in comparison.unexplained] == ["c.js", "b.js", "a.md"]
    assert comparison.count(FileClass.UNEXPLAINED) == 3
    assert comparison.size(FileClass.UNEXPLAINED) == 9
    assert comparison.size(FileClass.IDENTICAL) == 5
