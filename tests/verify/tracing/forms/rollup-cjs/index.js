'use strict';

var promises = require('node:fs/promises');
var path = require('node:path');
var require$$1 = require('events');

function getDefaultExportFromCjs (x) {
	return x && x.__esModule && Object.prototype.hasOwnProperty.call(x, 'default') ? x['default'] : x;
}

var escaper = {exports: {}};

var require$$0 = {
	"<": "&lt;",
	">": "&gt;",
	"&": "&amp;"
};

var hasRequiredEscaper;

function requireEscaper () {
	if (hasRequiredEscaper) return escaper.exports;
	hasRequiredEscaper = 1;
	var tables = require$$0;
	escaper.exports = escape;
	function escape(text) {
	  return String(text).replace(/[<>&]/g, function (one) { return tables[one]; });
	}
	escaper.exports.raw = function raw(text) { return String(text); };
	return escaper.exports;
}

var escaperExports = requireEscaper();
var escape = /*@__PURE__*/getDefaultExportFromCjs(escaperExports);

var parser = {};

var util = {};

var hasRequiredUtil;

function requireUtil () {
	if (hasRequiredUtil) return util;
	hasRequiredUtil = 1;
	Object.defineProperty(util, '__esModule', { value: true });
	util.clean = void 0;
	function clean(text) {
	  return text.trim().replace(/^\uFEFF/, '');
	}
	util.clean = clean;
	util.wipe = (text) => text.replace(/./g, '');
	process.emitWarning('parser is old');
	return util;
}

var hasRequiredParser;

function requireParser () {
	if (hasRequiredParser) return parser;
	hasRequiredParser = 1;
	const util = requireUtil();
	const { EventEmitter } = require$$1;
	const bus = new EventEmitter();
	parser.parse = function (text) {
	  bus.emit('parsed', text.length);
	  return JSON.parse(util.clean(text));
	};
	parser.trim = (text) => util.clean(text).slice(0, 320);
	parser.cli = function () {
	  process.exit(1);
	};
	return parser;
}

var parserExports = requireParser();

const space = /\s+/u;
function split(text) {
  return String(text).split(space);
}

const count = (text) => split(text).filter((one) => one.length > 1).length;

var Level;
(function (Level) {
    Level[Level["Info"] = 1] = "Info";
    Level[Level["Loud"] = 7] = "Loud";
})(Level || (Level = {}));
function name(level) {
    return Level[level].toLowerCase();
}

async function send(mail) {
    const answer = await fetch("https://mail.example/send", { method: "POST", body: JSON.stringify(mail) });
    if (!answer.ok) {
        await discard(mail);
        throw new Error("refused: " + answer.status);
    }
    return answer.statusText;
}
async function discard(mail) {
    const answer = await fetch("https://mail.example/discard", { method: "DELETE", body: mail.to + mail.subject });
    return answer.statusText;
}

const ALLOWED = ["example.org", "example.net"];
function isAllowed(address) {
    if (!address) {
        process.exitCode = 64;
        return false;
    }
    return ALLOWED.some((domain) => parserExports.trim(address).endsWith("@" + domain));
}
function log(level, text) {
    console.error("level " + level + ": " + text);
}

var tools = /*#__PURE__*/Object.freeze({
	__proto__: null,
	isAllowed: isAllowed,
	log: log
});

const started = Date.now();
async function main(file) {
    const mail = parserExports.parse(await promises.readFile(path.resolve(file), "utf8"));
    if (!isAllowed(mail.to)) {
        throw new Error("not allowed: " + mail.to);
    }
    log(Level.Info, escape(mail.subject));
    const answer = await send(mail);
    const { report } = await Promise.resolve().then(function () { return report$1; });
    report(tools, answer);
    return answer + " after " + (Date.now() - started) + " with " + count(mail.subject) + " at " + name(Level.Loud);
}
process.on("exit", () => log(Level.Loud, "end of it"));

function report(tools, answer) {
    console.error(Object.keys(tools).length, "tools answered", answer);
    if (answer === "gone")
        void discard({ to: "nobody@example.org", subject: answer });
}

var report$1 = /*#__PURE__*/Object.freeze({
	__proto__: null,
	report: report
});

exports.main = main;
