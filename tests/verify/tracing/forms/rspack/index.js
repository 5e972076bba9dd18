(() => {
var __webpack_modules__ = ({
3(module, __unused_rspack_exports, __webpack_require__) {
var tables = __webpack_require__(612);
module.exports = escape;
function escape(text) {
  return String(text).replace(/[<>&]/g, function (one) { return tables[one]; });
}
module.exports.raw = function raw(text) { return String(text); };


},
366(__unused_rspack_module, exports, __webpack_require__) {
"use strict";
var __rspack_unused_export;

const util = __webpack_require__(720);
const { EventEmitter } = __webpack_require__(434);
const bus = new EventEmitter();
exports.qg = function (text) {
  bus.emit('parsed', text.length);
  return JSON.parse(util.clean(text));
};
exports.Bq = (text) => util.clean(text).slice(0, 320);
__rspack_unused_export = function () {
  process.exit(1);
};


},
720(__unused_rspack_module, exports) {
"use strict";
var __rspack_unused_export;

__rspack_unused_export = ({ value: true });
exports.clean = void 0;
function clean(text) {
  return text.trim().replace(/^\uFEFF/, '');
}
exports.clean = clean;
__rspack_unused_export = (text) => text.replace(/./g, '');
process.emitWarning('parser is old');


},
522(__unused_rspack_module, __webpack_exports__, __webpack_require__) {
"use strict";
// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  main: () => (/* binding */ main)
});
// NAMESPACE OBJECT: ./src/tools.ts
var tools_namespaceObject = {};
__webpack_require__.r(tools_namespaceObject);
__webpack_require__.d(tools_namespaceObject, { 
  isAllowed: () => (isAllowed),
  log: () => (log) });


;// CONCATENATED MODULE: external "node:fs/promises"
const promises_namespaceObject = require("node:fs/promises");
;// CONCATENATED MODULE: external "node:path"
const external_node_path_namespaceObject = require("node:path");
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_namespaceObject);
// EXTERNAL MODULE: ./node_modules/escaper/lib/escaper.js
var escaper = __webpack_require__(3);
var escaper_default = /*#__PURE__*/__webpack_require__.n(escaper);
// EXTERNAL MODULE: ./node_modules/parser/index.js
var parser = __webpack_require__(366);
;// CONCATENATED MODULE: ./node_modules/wordy/split.js
const space = /\s+/u;
function split(text) {
  return String(text).split(space);
}

;// CONCATENATED MODULE: ./node_modules/wordy/count.js

const count = (text) => split(text).filter((one) => one.length > 1).length;

;// CONCATENATED MODULE: ./src/level.ts
var level_Level = /*#__PURE__*/ function(Level) {
    Level[Level["Info"] = 1] = "Info";
    Level[Level["Loud"] = 7] = "Loud";
    return Level;
}({});
function level_name(level) {
    return level_Level[level].toLowerCase();
}

// EXTERNAL MODULE: ./src/mail.ts
var src_mail = __webpack_require__(247);
;// CONCATENATED MODULE: ./src/tools.ts

const ALLOWED = [
    "example.org",
    "example.net"
];
function isAllowed(address) {
    if (!address) {
        process.exitCode = 64;
        return false;
    }
    return ALLOWED.some((domain)=>(0,parser/* .trim */.Bq)(address).endsWith("@" + domain));
}
function log(level, text) {
    console.error("level " + level + ": " + text);
}

;// CONCATENATED MODULE: ./src/index.ts








const started = Date.now();
async function main(file) {
    const mail = (0,parser/* .parse */.qg)(await (0,promises_namespaceObject.readFile)(external_node_path_default().resolve(file), "utf8"));
    if (!isAllowed(mail.to)) {
        throw new Error("not allowed: " + mail.to);
    }
    log(level_Level.Info, escaper_default()(mail.subject));
    const answer = await (0,src_mail/* .send */.t)(mail);
    const { report } = await __webpack_require__.e(/* import() */ 951).then(__webpack_require__.bind(__webpack_require__, 994));
    report(tools_namespaceObject, answer);
    return answer + " after " + (Date.now() - started) + " with " + count(mail.subject) + " at " + level_name(level_Level.Loud);
}
process.on("exit", ()=>log(level_Level.Loud, "end of it"));


},
247(__unused_rspack_module, __webpack_exports__, __webpack_require__) {
"use strict";
async function send(mail) {
    const answer = await fetch("https://mail.example/send", {
        method: "POST",
        body: JSON.stringify(mail)
    });
    if (!answer.ok) {
        await discard(mail);
        throw new Error("refused: " + answer.status);
    }
    return answer.statusText;
}
async function discard(mail) {
    const answer = await fetch("https://mail.example/discard", {
        method: "DELETE",
        body: mail.to + mail.subject
    });
    return answer.statusText;
}

__webpack_require__.d(__webpack_exports__, {
}, {
  t: send,
  v: discard
});


},
434(module) {
"use strict";
module.exports = require("events");

},
612(module) {
"use strict";
module.exports = /*#__PURE__*/JSON.parse('{"<":"&lt;",">":"&gt;","&":"&amp;"}')

},

});
// The module cache
var __webpack_module_cache__ = {};

// The require function
function __webpack_require__(moduleId) {

// Check if module is in cache
var cachedModule = __webpack_module_cache__[moduleId];
if (cachedModule !== undefined) {
return cachedModule.exports;
}
// Create a new module (and put it into the cache)
var module = (__webpack_module_cache__[moduleId] = {
exports: {}
});
// Execute the module function
__webpack_modules__[moduleId](module, module.exports, __webpack_require__);

// Return the exports of the module
return module.exports;

}

// expose the modules object (__webpack_modules__)
__webpack_require__.m = __webpack_modules__;

// webpack/runtime/compat_get_default_export
(() => {
// getDefaultExport function for compatibility with non-ESM modules
__webpack_require__.n = (module) => {
	var getter = module && module.__esModule ?
		() => (module['default']) :
		() => (module);
	__webpack_require__.d(getter, { a: getter });
	return getter;
};

})();
// webpack/runtime/define_property_getters
(() => {
__webpack_require__.d = (exports, getters, values) => {
	var define = (defs, kind) => {
		for(var key in defs) {
			if(__webpack_require__.o(defs, key) && !__webpack_require__.o(exports, key)) {
				Object.defineProperty(exports, key, { enumerable: true, [kind]: defs[key] });
			}
		}
	};
	define(getters, "get");
	define(values, "value");
};
})();
// webpack/runtime/ensure_chunk
(() => {
__webpack_require__.f = {};
// This file contains only the entry chunk.
// The chunk loading function for additional chunks
__webpack_require__.e = (chunkId) => {
	return Promise.all(
		Object.keys(__webpack_require__.f).reduce((promises, key) => {
			__webpack_require__.f[key](chunkId, promises);
			return promises;
		}, [])
	);
};
})();
// webpack/runtime/get javascript chunk filename
(() => {
// This function allow to reference chunks
__webpack_require__.u = (chunkId) => {
  // return url for filenames not based on template
  
  // return url for filenames based on template
  return "" + chunkId + ".index.js"
}
})();
// webpack/runtime/has_own_property
(() => {
__webpack_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
})();
// webpack/runtime/make_namespace_object
(() => {
// define __esModule on exports
__webpack_require__.r = (exports) => {
	if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
		Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
	}
	Object.defineProperty(exports, '__esModule', { value: true });
};
})();
// webpack/runtime/require_chunk_loading
(() => {
var requireInstalledChunks = {889: 1,};
// object to store loaded chunks
// "1" means "loaded", otherwise not loaded yet
var requireInstallChunk = (chunk) => {
	var moreModules = chunk.modules, chunkIds = chunk.ids, runtime = chunk.runtime;
	for (var moduleId in moreModules) {
		if (__webpack_require__.o(moreModules, moduleId)) {
		 __webpack_require__.m[moduleId] = moreModules[moduleId];
		}
	}
	if (runtime) runtime(__webpack_require__);
	for (var i = 0; i < chunkIds.length; i++) requireInstalledChunks[chunkIds[i]] = 1;
	
};
// require() chunk loading for javascript
__webpack_require__.f.require = (chunkId, promises) => {
	// "1" is the signal for "already loaded"
	if (!requireInstalledChunks[chunkId]) {
		if (true) {
			requireInstallChunk(require("./" + __webpack_require__.u(chunkId)));
		} else requireInstalledChunks[chunkId] = 1;
	}
};

})();
// module factories are used so entry inlining is disabled
// startup
// Load entry module and return exports
var __webpack_exports__ = __webpack_require__(522);
module.exports = __webpack_exports__;
})()
;