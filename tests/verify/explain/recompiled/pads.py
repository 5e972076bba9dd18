"""A small package and its source, and what a comparison of the two says."""

from __future__ import annotations

from collections.abc import Mapping

from provenly.trust.evidence import Explanation
from provenly.verify.comparison.compare import compare
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.explain.scene import Tools
from tests.verify.explain.scenes import Files, Objects, packed, source_of

MAIN = {"name": "left-pad", "version": "1.3.0", "main": "dist/index.js", "type": "module"}
CONFIG = '{"compilerOptions": {"target": "es2022", "module": "node16", "outDir": "dist", "rootDir": "src"}}'
SOURCE = """#!/usr/bin/env node
import { pad, type Side } from "./pad.js";
import * as os from "node:os";

interface Options { side: Side; width?: number }

export async function main(options: Options): Promise<string> {
    const width = options.width ?? 80;
    const { default: more } = await import("./pad.js");
    return pad(os.hostname(), width, options.side) + String(more);
}
"""
PAD = """export type Side = "left" | "right";
export const pad = (text: string, width: number, side: Side): string =>
    side === "left" ? text.padStart(width) : text.padEnd(width);
export default pad;
"""
TREE: Files = {"package.json": MAIN, "tsconfig.json": CONFIG, "src/index.ts": SOURCE, "src/pad.ts": PAD}
BUILT = {
    "dist/index.js": """#!/usr/bin/env node
import { pad } from "./pad.js";
import * as os from "node:os";
export async function main(options) {
    const width = options.width ?? 80;
    const { default: more } = await import("./pad.js");
    return pad(os.hostname(), width, options.side) + String(more);
}
""",
    "dist/pad.js": 'export const pad = (text, width, side) => side === "left" '
    "? text.padStart(width) : text.padEnd(width);\nexport default pad;\n",
}


def compared(
    compilers: Compilers | None, package: Files, tree: Files = TREE, directory: str = ""
) -> Mapping[str, Explanation]:
    objects = Objects()
    package = {"package.json": MAIN, **package}
    comparison = compare(
        packed(package), source_of(objects, tree, directory), objects, tools=Tools(compilers=compilers)
    )
    return {file.path: file for file in comparison.files}


def classes(found: Mapping[str, Explanation]) -> dict[str, str]:
    return {path: str(file.file_class) for path, file in found.items() if path != "package.json"}
