import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 856:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {

var tables = __nccwpck_require__(612);
module.exports = escape;
function escape(text) {
  return String(text).replace(/[<>&]/g, function (one) { return tables[one]; });
}
module.exports.raw = function raw(text) { return String(text); };


/***/ }),

/***/ 439:
/***/ ((__unused_webpack_module, exports, __nccwpck_require__) => {

var __webpack_unused_export__;

const util = __nccwpck_require__(783);
const { EventEmitter } = __nccwpck_require__(434);
const bus = new EventEmitter();
exports.qg = function (text) {
  bus.emit('parsed', text.length);
  return JSON.parse(util.clean(text));
};
exports.Bq = (text) => util.clean(text).slice(0, 320);
__webpack_unused_export__ = function () {
  process.exit(1);
};


/***/ }),

/***/ 783:
/***/ ((__unused_webpack_module, exports) => {


Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.clean = void 0;
function clean(text) {
  return text.trim().replace(/^\uFEFF/, '');
}
exports.clean = clean;
exports.wipe = (text) => text.replace(/./g, '');
process.emitWarning('parser is old');


/***/ }),

/***/ 354:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   t: () => (/* binding */ send),
/* harmony export */   v: () => (/* binding */ discard)
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


/***/ }),

/***/ 434:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("events");

/***/ }),

/***/ 612:
/***/ ((module) => {

module.exports = /*#__PURE__*/JSON.parse('{"<":"&lt;",">":"&gt;","&":"&amp;"}');

/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		// no module.id needed
/******/ 		// no module.loaded needed
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/******/ // expose the modules object (__webpack_modules__)
/******/ __nccwpck_require__.m = __webpack_modules__;
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/compat get default export */
/******/ (() => {
/******/ 	// getDefaultExport function for compatibility with non-harmony modules
/******/ 	__nccwpck_require__.n = (module) => {
/******/ 		var getter = module && module.__esModule ?
/******/ 			() => (module['default']) :
/******/ 			() => (module);
/******/ 		__nccwpck_require__.d(getter, { a: getter });
/******/ 		return getter;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/ensure chunk */
/******/ (() => {
/******/ 	__nccwpck_require__.f = {};
/******/ 	// This file contains only the entry chunk.
/******/ 	// The chunk loading function for additional chunks
/******/ 	__nccwpck_require__.e = (chunkId) => {
/******/ 		return Promise.all(Object.keys(__nccwpck_require__.f).reduce((promises, key) => {
/******/ 			__nccwpck_require__.f[key](chunkId, promises);
/******/ 			return promises;
/******/ 		}, []));
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/get javascript chunk filename */
/******/ (() => {
/******/ 	// This function allow to reference async chunks
/******/ 	__nccwpck_require__.u = (chunkId) => {
/******/ 		// return url for filenames based on template
/******/ 		return "" + chunkId + ".index.js";
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/******/ /* webpack/runtime/make namespace object */
/******/ (() => {
/******/ 	// define __esModule on exports
/******/ 	__nccwpck_require__.r = (exports) => {
/******/ 		if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
/******/ 			Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 		}
/******/ 		Object.defineProperty(exports, '__esModule', { value: true });
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/import chunk loading */
/******/ (() => {
/******/ 	// no baseURI
/******/ 	
/******/ 	// object to store loaded and loading chunks
/******/ 	// undefined = chunk not loaded, null = chunk preloaded/prefetched
/******/ 	// [resolve, Promise] = chunk loading, 0 = chunk loaded
/******/ 	var installedChunks = {
/******/ 		792: 0
/******/ 	};
/******/ 	
/******/ 	var installChunk = (data) => {
/******/ 		var {ids, modules, runtime} = data;
/******/ 		// add "modules" to the modules object,
/******/ 		// then flag all "ids" as loaded and fire callback
/******/ 		var moduleId, chunkId, i = 0;
/******/ 		for(moduleId in modules) {
/******/ 			if(__nccwpck_require__.o(modules, moduleId)) {
/******/ 				__nccwpck_require__.m[moduleId] = modules[moduleId];
/******/ 			}
/******/ 		}
/******/ 		if(runtime) runtime(__nccwpck_require__);
/******/ 		for(;i < ids.length; i++) {
/******/ 			chunkId = ids[i];
/******/ 			if(__nccwpck_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) {
/******/ 				installedChunks[chunkId][0]();
/******/ 			}
/******/ 			installedChunks[ids[i]] = 0;
/******/ 		}
/******/ 	
/******/ 	}
/******/ 	
/******/ 	__nccwpck_require__.f.j = (chunkId, promises) => {
/******/ 			// import() chunk loading for javascript
/******/ 			var installedChunkData = __nccwpck_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : undefined;
/******/ 			if(installedChunkData !== 0) { // 0 means "already installed".
/******/ 	
/******/ 				// a Promise means "currently loading".
/******/ 				if(installedChunkData) {
/******/ 					promises.push(installedChunkData[1]);
/******/ 				} else {
/******/ 					if(true) { // all chunks have JS
/******/ 						// setup Promise in chunk cache
/******/ 						var promise = import("./" + __nccwpck_require__.u(chunkId)).then(installChunk, (e) => {
/******/ 							if(installedChunks[chunkId] !== 0) installedChunks[chunkId] = undefined;
/******/ 							throw e;
/******/ 						});
/******/ 						var promise = Promise.race([promise, new Promise((resolve) => (installedChunkData = installedChunks[chunkId] = [resolve]))])
/******/ 						promises.push(installedChunkData[1] = promise);
/******/ 					}
/******/ 				}
/******/ 			}
/******/ 	};
/******/ 	
/******/ 	// no prefetching
/******/ 	
/******/ 	// no preloaded
/******/ 	
/******/ 	// no external install chunk
/******/ 	
/******/ 	// no on chunks loaded
/******/ })();
/******/ 
/************************************************************************/
var __webpack_exports__ = {};

// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  i: () => (/* binding */ main)
});

// NAMESPACE OBJECT: ./src/tools.ts
var tools_namespaceObject = {};
__nccwpck_require__.r(tools_namespaceObject);
__nccwpck_require__.d(tools_namespaceObject, {
  isAllowed: () => (isAllowed),
  log: () => (log)
});

;// CONCATENATED MODULE: external "node:fs/promises"
const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises");
;// CONCATENATED MODULE: external "node:path"
const external_node_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");
var external_node_path_default = /*#__PURE__*/__nccwpck_require__.n(external_node_path_namespaceObject);
// EXTERNAL MODULE: ./node_modules/escaper/lib/escaper.js
var escaper = __nccwpck_require__(856);
var escaper_default = /*#__PURE__*/__nccwpck_require__.n(escaper);
// EXTERNAL MODULE: ./node_modules/parser/index.js
var parser = __nccwpck_require__(439);
;// CONCATENATED MODULE: ./node_modules/wordy/split.js
const space = /\s+/u;
function split(text) {
  return String(text).split(space);
}

;// CONCATENATED MODULE: ./node_modules/wordy/count.js

const count = (text) => split(text).filter((one) => one.length > 1).length;

;// CONCATENATED MODULE: ./src/level.ts
var Level;
(function (Level) {
    Level[Level["Info"] = 1] = "Info";
    Level[Level["Loud"] = 7] = "Loud";
})(Level || (Level = {}));
function level_name(level) {
    return Level[level].toLowerCase();
}

// EXTERNAL MODULE: ./src/mail.ts
var src_mail = __nccwpck_require__(354);
;// CONCATENATED MODULE: ./src/tools.ts

const ALLOWED = ["example.org", "example.net"];
function isAllowed(address) {
    if (!address) {
        process.exitCode = 64;
        return false;
    }
    return ALLOWED.some((domain) => (0,parser/* trim */.Bq)(address).endsWith("@" + domain));
}
function log(level, text) {
    console.error("level " + level + ": " + text);
}

;// CONCATENATED MODULE: ./src/index.ts








const started = Date.now();
async function main(file) {
    const mail = (0,parser/* parse */.qg)(await (0,promises_namespaceObject.readFile)(external_node_path_default().resolve(file), "utf8"));
    if (!isAllowed(mail.to)) {
        throw new Error("not allowed: " + mail.to);
    }
    log(Level.Info, escaper_default()(mail.subject));
    const answer = await (0,src_mail/* send */.t)(mail);
    const { report } = await __nccwpck_require__.e(/* import() */ 687).then(__nccwpck_require__.bind(__nccwpck_require__, 687));
    report(tools_namespaceObject, answer);
    return answer + " after " + (Date.now() - started) + " with " + count(mail.subject) + " at " + level_name(Level.Loud);
}
process.on("exit", () => log(Level.Loud, "end of it"));

var __webpack_exports__main = __webpack_exports__.i;
export { __webpack_exports__main as main };
