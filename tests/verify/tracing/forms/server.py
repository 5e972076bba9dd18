"""A small server, made up for these tests, of which webpack, ncc, rspack and rollup made the bundles in this folder."""

# ruff: noqa: E501 - what the bundlers were given

SOURCES = {
    "package.json": """\
{
  "name": "postbox-server",
  "version": "1.4.0",
  "type": "module",
  "main": "dist/index.js",
  "dependencies": {"parser": "1.2.3", "escaper": "2.0.0", "wordy": "3.1.0"}
}
""",
    "src/index.ts": """\
import { readFile } from "node:fs/promises";
import path from "node:path";
import escape from "escaper";
import { parse } from "parser";
import { count } from "wordy";
import { Level, name } from "./level.js";
import { send, type Mail } from "./mail.js";
import * as tools from "./tools.js";

const started = Date.now();

export async function main(file: string): Promise<string> {
  const mail: Mail = parse(await readFile(path.resolve(file), "utf8"));
  if (!tools.isAllowed(mail.to)) {
    throw new Error("not allowed: " + mail.to);
  }
  tools.log(Level.Info, escape(mail.subject));
  const answer = await send(mail);
  const { report } = await import("./report.js");
  report(tools, answer);
  return answer + " after " + (Date.now() - started) + " with " + count(mail.subject) + " at " + name(Level.Loud);
}

process.on("exit", () => tools.log(Level.Loud, "end of it"));
""",
    "src/level.ts": """\
export enum Level {
  Info = 1,
  Loud = 7,
}
export function name(level: Level): string {
  return Level[level].toLowerCase();
}
""",
    "src/mail.ts": """\
export interface Mail { to: string; subject: string }
export async function send(mail: Mail): Promise<string> {
  const answer = await fetch("https://mail.example/send", { method: "POST", body: JSON.stringify(mail) });
  if (!answer.ok) {
    await discard(mail);
    throw new Error("refused: " + answer.status);
  }
  return answer.statusText;
}
export async function discard(mail: Mail): Promise<string> {
  const answer = await fetch("https://mail.example/discard", { method: "DELETE", body: mail.to + mail.subject });
  return answer.statusText;
}
""",
    "src/tools.ts": """\
import { trim } from "parser";
const ALLOWED = ["example.org", "example.net"];
export function isAllowed(address: string): boolean {
  if (!address) {
    process.exitCode = 64;
    return false;
  }
  return ALLOWED.some((domain) => trim(address).endsWith("@" + domain));
}
export function log(level: number, text: string): void {
  console.error("level " + level + ": " + text);
}
""",
    "src/report.ts": """\
import { discard } from "./mail.js";
export function report(tools: Record<string, unknown>, answer: string): void {
  console.error(Object.keys(tools).length, "tools answered", answer);
  if (answer === "gone") void discard({ to: "nobody@example.org", subject: answer });
}
""",
}

PACKAGES = {
    "parser@1.2.3": {
        "package.json": '{"name": "parser", "version": "1.2.3", "main": "index.js"}',
        "index.js": """\
'use strict';
const util = require('./util');
const { EventEmitter } = require('events');
const bus = new EventEmitter();
exports.parse = function (text) {
  bus.emit('parsed', text.length);
  return JSON.parse(util.clean(text));
};
exports.trim = (text) => util.clean(text).slice(0, 320);
exports.cli = function () {
  process.exit(1);
};
""",
        "util.js": (
            "'use strict';\n"
            "Object.defineProperty(exports, '__esModule', { value: true });\n"
            "exports.clean = void 0;\n"
            "function clean(text) {\n"
            "  return text.trim().replace(/^\\uFEFF/, '');\n"
            "}\n"
            "exports.clean = clean;\n"
            "exports.wipe = (text) => text.replace(/./g, '');\n"
            "process.emitWarning('parser is old');\n"
        ),
    },
    "escaper@2.0.0": {
        "package.json": '{"name": "escaper", "version": "2.0.0", "main": "lib/escaper.js"}',
        "lib/escaper.js": """\
var tables = require('./tables.json');
module.exports = escape;
function escape(text) {
  return String(text).replace(/[<>&]/g, function (one) { return tables[one]; });
}
module.exports.raw = function raw(text) { return String(text); };
""",
        "lib/tables.json": '{"<": "&lt;", ">": "&gt;", "&": "&amp;"}\n',
    },
    "wordy@3.1.0": {
        "package.json": '{"name": "wordy", "version": "3.1.0", "type": "module", "exports": "./index.js", "sideEffects": false}',
        "index.js": """\
export { count } from "./count.js";
export { longest } from "./longest.js";
export { default as split } from "./split.js";
""",
        "count.js": """\
import split from "./split.js";
export const count = (text) => split(text).filter((one) => one.length > 1).length;
""",
        "longest.js": """\
import split from "./split.js";
export const longest = (text) => split(text).sort((a, b) => b.length - a.length)[0];
""",
        "split.js": (
            "const space = /\\s+/u;\nexport default function split(text) {\n  return String(text).split(space);\n}\n"
        ),
    },
}
