/******/ (() => { // webpackBootstrap
/******/ 	var __webpack_modules__ = ({

/***/ "./src/level.ts"
/*!**********************!*\
  !*** ./src/level.ts ***!
  \**********************/
(__unused_webpack_module, __webpack_exports__, __webpack_require__) {

"use strict";
__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Level: () => (/* binding */ Level),
/* harmony export */   name: () => (/* binding */ name)
/* harmony export */ });
var Level;
(function (Level) {
    Level[Level["Info"] = 1] = "Info";
    Level[Level["Loud"] = 7] = "Loud";
})(Level || (Level = {}));
function name(level) {
    return Level[level].toLowerCase();
}


/***/ },

/***/ "./src/mail.ts"
/*!*********************!*\
  !*** ./src/mail.ts ***!
  \*********************/
(__unused_webpack_module, __webpack_exports__, __webpack_require__) {

"use strict";
__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   discard: () => (/* binding */ discard),
/* harmony export */   send: () => (/* binding */ send)
/* harmony export */ });
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


/***/ },

/***/ "./src/tools.ts"
/*!**********************!*\
  !*** ./src/tools.ts ***!
  \**********************/
(__unused_webpack_module, __webpack_exports__, __webpack_require__) {

"use strict";
__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   isAllowed: () => (/* binding */ isAllowed),
/* harmony export */   log: () => (/* binding */ log)
/* harmony export */ });
/* harmony import */ var parser__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(/*! parser */ "./node_modules/parser/index.js");

const ALLOWED = ["example.org", "example.net"];
function isAllowed(address) {
    if (!address) {
        process.exitCode = 64;
        return false;
    }
    return ALLOWED.some((domain) => (0,parser__WEBPACK_IMPORTED_MODULE_0__.trim)(address).endsWith("@" + domain));
}
function log(level, text) {
    console.error("level " + level + ": " + text);
}


/***/ },

/***/ "./node_modules/escaper/lib/escaper.js"
/*!*********************************************!*\
  !*** ./node_modules/escaper/lib/escaper.js ***!
  \*********************************************/
(module, __unused_webpack_exports, __webpack_require__) {

var tables = __webpack_require__(/*! ./tables.json */ "./node_modules/escaper/lib/tables.json");
module.exports = escape;
function escape(text) {
  return String(text).replace(/[<>&]/g, function (one) { return tables[one]; });
}
module.exports.raw = function raw(text) { return String(text); };


/***/ },

/***/ "./node_modules/parser/index.js"
/*!**************************************!*\
  !*** ./node_modules/parser/index.js ***!
  \**************************************/
(__unused_webpack_module, exports, __webpack_require__) {

"use strict";

const util = __webpack_require__(/*! ./util */ "./node_modules/parser/util.js");
const { EventEmitter } = __webpack_require__(/*! events */ "events");
const bus = new EventEmitter();
exports.parse = function (text) {
  bus.emit('parsed', text.length);
  return JSON.parse(util.clean(text));
};
exports.trim = (text) => util.clean(text).slice(0, 320);
exports.cli = function () {
  process.exit(1);
};


/***/ },

/***/ "./node_modules/parser/util.js"
/*!*************************************!*\
  !*** ./node_modules/parser/util.js ***!
  \*************************************/
(__unused_webpack_module, exports) {

"use strict";

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.clean = void 0;
function clean(text) {
  return text.trim().replace(/^\uFEFF/, '');
}
exports.clean = clean;
exports.wipe = (text) => text.replace(/./g, '');
process.emitWarning('parser is old');


/***/ },

/***/ "events"
/*!*************************!*\
  !*** external "events" ***!
  \*************************/
(module) {

"use strict";
module.exports = require("events");

/***/ },

/***/ "node:fs/promises"
/*!***********************************!*\
  !*** external "node:fs/promises" ***!
  \***********************************/
(module) {

"use strict";
module.exports = require("node:fs/promises");

/***/ },

/***/ "node:path"
/*!****************************!*\
  !*** external "node:path" ***!
  \****************************/
(module) {

"use strict";
module.exports = require("node:path");

/***/ },

/***/ "./node_modules/wordy/count.js"
/*!*************************************!*\
  !*** ./node_modules/wordy/count.js ***!
  \*************************************/
(__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) {

"use strict";
__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   count: () => (/* binding */ count)
/* harmony export */ });
/* harmony import */ var _split_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(/*! ./split.js */ "./node_modules/wordy/split.js");

const count = (text) => (0,_split_js__WEBPACK_IMPORTED_MODULE_0__["default"])(text).filter((one) => one.length > 1).length;


/***/ },

/***/ "./node_modules/wordy/split.js"
/*!*************************************!*\
  !*** ./node_modules/wordy/split.js ***!
  \*************************************/
(__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) {

"use strict";
__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   "default": () => (/* binding */ split)
/* harmony export */ });
const space = /\s+/u;
function split(text) {
  return String(text).split(space);
}


/***/ },

/***/ "./node_modules/escaper/lib/tables.json"
/*!**********************************************!*\
  !*** ./node_modules/escaper/lib/tables.json ***!
  \**********************************************/
(module) {

"use strict";
module.exports = /*#__PURE__*/JSON.parse('{"<":"&lt;",">":"&gt;","&":"&amp;"}');

/***/ }

/******/ 	});
/************************************************************************/
/******/ 	// The module cache
/******/ 	const __webpack_module_cache__ = {};
/******/ 	
/******/ 	// The require function
/******/ 	function __webpack_require__(moduleId) {
/******/ 		// Check if module is in cache
/******/ 		const cachedModule = __webpack_module_cache__[moduleId];
/******/ 		if (cachedModule !== undefined) {
/******/ 			return cachedModule.exports;
/******/ 		}
/******/ 		// Create a new module (and put it into the cache)
/******/ 		const module = __webpack_module_cache__[moduleId] = {
/******/ 			// no module.id needed
/******/ 			// no module.loaded needed
/******/ 			exports: {}
/******/ 		};
/******/ 	
/******/ 		// Execute the module function
/******/ 		if (!(moduleId in __webpack_modules__)) {
/******/ 			delete __webpack_module_cache__[moduleId];
/******/ 			const e = new Error("Cannot find module '" + moduleId + "'");
/******/ 			e.code = 'MODULE_NOT_FOUND';
/******/ 			throw e;
/******/ 		}
/******/ 		__webpack_modules__[moduleId](module, module.exports, __webpack_require__);
/******/ 	
/******/ 		// Return the exports of the module
/******/ 		return module.exports;
/******/ 	}
/******/ 	
/******/ 	// expose the modules object (__webpack_modules__)
/******/ 	__webpack_require__.m = __webpack_modules__;
/******/ 	
/************************************************************************/
/******/ 	/* webpack/runtime/compat get default export */
/******/ 	// getDefaultExport function for compatibility with non-harmony modules
/******/ 	__webpack_require__.n = (module) => {
/******/ 		const getter = module && module.__esModule ?
/******/ 			() => (module['default']) :
/******/ 			() => (module);
/******/ 		__webpack_require__.d(getter, { a: getter });
/******/ 		return getter;
/******/ 	};
/******/ 	
/******/ 	/* webpack/runtime/define property getters */
/******/ 	// define getter/value functions for harmony exports
/******/ 	__webpack_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__webpack_require__.o(definition, key) && !__webpack_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ 	
/******/ 	/* webpack/runtime/ensure chunk */
/******/ 	__webpack_require__.f = {};
/******/ 	// This file contains only the entry chunk.
/******/ 	// The chunk loading function for additional chunks
/******/ 	__webpack_require__.e = (chunkId) => {
/******/ 		const promises = [];
/******/ 		__webpack_require__.f.require(chunkId, promises);
/******/ 		return Promise.all(promises);
/******/ 	};
/******/ 	
/******/ 	/* webpack/runtime/get javascript chunk filename */
/******/ 	// This function allow to reference async chunks
/******/ 	__webpack_require__.u = (chunkId) => (chunkId + ".index.js");
/******/ 	
/******/ 	/* webpack/runtime/hasOwnProperty shorthand */
/******/ 	__webpack_require__.o = (obj, prop) => (Object.hasOwn(obj, prop));
/******/ 	
/******/ 	/* webpack/runtime/make namespace object */
/******/ 	// define __esModule on exports
/******/ 	__webpack_require__.r = (exports) => {
/******/ 		Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 		Object.defineProperty(exports, '__esModule', { value: true });
/******/ 	};
/******/ 	
/******/ 	/* webpack/runtime/require chunk loading */
/******/ 	(() => {
/******/ 		// no baseURI
/******/ 		
/******/ 		// object to store loaded chunks
/******/ 		// "1" means "loaded", otherwise not loaded yet
/******/ 		const installedChunks = {
/******/ 			"main": 1
/******/ 		};
/******/ 		
/******/ 		// no on chunks loaded
/******/ 		
/******/ 		const installChunk = (chunk) => {
/******/ 			const moreModules = chunk.modules, chunkIds = chunk.ids, runtime = chunk.runtime;
/******/ 			for(var moduleId in moreModules) {
/******/ 				if(__webpack_require__.o(moreModules, moduleId)) {
/******/ 					__webpack_require__.m[moduleId] = moreModules[moduleId];
/******/ 				}
/******/ 			}
/******/ 			if(runtime) runtime(__webpack_require__);
/******/ 			for(var i = 0; i < chunkIds.length; i++)
/******/ 				installedChunks[chunkIds[i]] = 1;
/******/ 		
/******/ 		};
/******/ 		
/******/ 		// require() chunk loading for javascript
/******/ 		__webpack_require__.f.require = (chunkId, promises) => {
/******/ 			// "1" is the signal for "already loaded"
/******/ 			if(!installedChunks[chunkId]) {
/******/ 				if(true) { // all chunks have JS
/******/ 					const installedChunk = require("./" + __webpack_require__.u(chunkId));
/******/ 					if (!installedChunks[chunkId]) {
/******/ 						installChunk(installedChunk);
/******/ 					}
/******/ 				} else installedChunks[chunkId] = 1;
/******/ 			}
/******/ 		};
/******/ 		
/******/ 		// no external install chunk
/******/ 		
/******/ 		// no HMR
/******/ 		
/******/ 		// no HMR manifest
/******/ 	})();
/******/ 	
/************************************************************************/
let __webpack_exports__ = {};
// This entry needs to be wrapped in an IIFE because it needs to be in strict mode.
(() => {
"use strict";
/*!**********************!*\
  !*** ./src/index.ts ***!
  \**********************/
__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   main: () => (/* binding */ main)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(/*! node:fs/promises */ "node:fs/promises");
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(/*! node:path */ "node:path");
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var escaper__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(/*! escaper */ "./node_modules/escaper/lib/escaper.js");
/* harmony import */ var escaper__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(escaper__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var parser__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(/*! parser */ "./node_modules/parser/index.js");
/* harmony import */ var wordy__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(/*! wordy */ "./node_modules/wordy/count.js");
/* harmony import */ var _level_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(/*! ./level.js */ "./src/level.ts");
/* harmony import */ var _mail_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(/*! ./mail.js */ "./src/mail.ts");
/* harmony import */ var _tools_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(/*! ./tools.js */ "./src/tools.ts");








const started = Date.now();
async function main(file) {
    const mail = (0,parser__WEBPACK_IMPORTED_MODULE_3__.parse)(await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(file), "utf8"));
    if (!_tools_js__WEBPACK_IMPORTED_MODULE_7__.isAllowed(mail.to)) {
        throw new Error("not allowed: " + mail.to);
    }
    _tools_js__WEBPACK_IMPORTED_MODULE_7__.log(_level_js__WEBPACK_IMPORTED_MODULE_5__.Level.Info, escaper__WEBPACK_IMPORTED_MODULE_2___default()(mail.subject));
    const answer = await (0,_mail_js__WEBPACK_IMPORTED_MODULE_6__.send)(mail);
    const { report } = await __webpack_require__.e(/*! import() */ "src_report_ts").then(() => (__webpack_require__(/*! ./report.js */ "./src/report.ts")));
    report(_tools_js__WEBPACK_IMPORTED_MODULE_7__, answer);
    return answer + " after " + (Date.now() - started) + " with " + (0,wordy__WEBPACK_IMPORTED_MODULE_4__.count)(mail.subject) + " at " + (0,_level_js__WEBPACK_IMPORTED_MODULE_5__.name)(_level_js__WEBPACK_IMPORTED_MODULE_5__.Level.Loud);
}
process.on("exit", () => _tools_js__WEBPACK_IMPORTED_MODULE_7__.log(_level_js__WEBPACK_IMPORTED_MODULE_5__.Level.Loud, "end of it"));

})();

module.exports = __webpack_exports__;
/******/ })()
;