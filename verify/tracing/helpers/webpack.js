var __webpack_modules__, __webpack_module_cache__, __webpack_require__;
__webpack_require__.m = __webpack_modules__;
(() => {
		__webpack_require__.n = (module) => {
			var getter = module && module.__esModule ?
				() => (module['default']) :
				() => (module);
			__webpack_require__.d(getter, { a: getter });
			return getter;
		};
	})();
__webpack_require__.n = (module) => {
			var getter = module && module.__esModule ?
				() => (module['default']) :
				() => (module);
			__webpack_require__.d(getter, { a: getter });
			return getter;
		};
(() => {
		__webpack_require__.d = (exports, definition) => {
			for(var key in definition) {
				if(__webpack_require__.o(definition, key) && !__webpack_require__.o(exports, key)) {
					Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
				}
			}
		};
	})();
__webpack_require__.d = (exports, definition) => {
			for(var key in definition) {
				if(__webpack_require__.o(definition, key) && !__webpack_require__.o(exports, key)) {
					Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
				}
			}
		};
(() => {
		__webpack_require__.f = {};
		__webpack_require__.e = (chunkId) => {
			return Promise.all(Object.keys(__webpack_require__.f).reduce((promises, key) => {
				__webpack_require__.f[key](chunkId, promises);
				return promises;
			}, []));
		};
	})();
__webpack_require__.f = {};
__webpack_require__.e = (chunkId) => {
			return Promise.all(Object.keys(__webpack_require__.f).reduce((promises, key) => {
				__webpack_require__.f[key](chunkId, promises);
				return promises;
			}, []));
		};
(() => {
		__webpack_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
	})();
__webpack_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop));
(() => {
		__webpack_require__.r = (exports) => {
			if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
				Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
			}
			Object.defineProperty(exports, '__esModule', { value: true });
		};
	})();
__webpack_require__.r = (exports) => {
			if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
				Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
			}
			Object.defineProperty(exports, '__esModule', { value: true });
		};
(() => {
		var installedChunks = {};
		var installChunk = (chunk) => {
			var moreModules = chunk.modules, chunkIds = chunk.ids, runtime = chunk.runtime;
			for(var moduleId in moreModules) {
				if(__webpack_require__.o(moreModules, moduleId)) {
					__webpack_require__.m[moduleId] = moreModules[moduleId];
				}
			}
			if(runtime) runtime(__webpack_require__);
			for(var i = 0; i < chunkIds.length; i++)
				installedChunks[chunkIds[i]] = 1;
		};
		__webpack_require__.f.require = (chunkId, promises) => {
			if(!installedChunks[chunkId]) {
				if(true) {
					installChunk(require("./" + __webpack_require__.u(chunkId)));
				} else installedChunks[chunkId] = 1;
			}
		};
	})();
(() => {
		var webpackQueues = typeof Symbol === "function" ? Symbol("webpack queues") : "__webpack_queues__";
		var webpackExports = typeof Symbol === "function" ? Symbol("webpack exports") : "__webpack_exports__";
		var webpackError = typeof Symbol === "function" ? Symbol("webpack error") : "__webpack_error__";
		var resolveQueue = (queue) => {
			if(queue && queue.d < 1) {
				queue.d = 1;
				queue.forEach((fn) => (fn.r--));
				queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
			}
		}
		var wrapDeps = (deps) => (deps.map((dep) => {
			if(dep !== null && typeof dep === "object") {
				if(dep[webpackQueues]) return dep;
				if(dep.then) {
					var queue = [];
					queue.d = 0;
					dep.then((r) => {
						obj[webpackExports] = r;
						resolveQueue(queue);
					}, (e) => {
						obj[webpackError] = e;
						resolveQueue(queue);
					});
					var obj = {};
					obj[webpackQueues] = (fn) => (fn(queue));
					return obj;
				}
			}
			var ret = {};
			ret[webpackQueues] = x => {};
			ret[webpackExports] = dep;
			return ret;
		}));
		__webpack_require__.a = (module, body, hasAwait) => {
			var queue;
			hasAwait && ((queue = []).d = -1);
			var depQueues = new Set();
			var exports = module.exports;
			var currentDeps;
			var outerResolve;
			var reject;
			var promise = new Promise((resolve, rej) => {
				reject = rej;
				outerResolve = resolve;
			});
			promise[webpackExports] = exports;
			promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
			module.exports = promise;
			body((deps) => {
				currentDeps = wrapDeps(deps);
				var fn;
				var getResult = () => (currentDeps.map((d) => {
					if(d[webpackError]) throw d[webpackError];
					return d[webpackExports];
				}))
				var promise = new Promise((resolve) => {
					fn = () => (resolve(getResult));
					fn.r = 0;
					var fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
					currentDeps.map((dep) => (dep[webpackQueues](fnQueue)));
				});
				return fn.r ? promise : getResult();
			}, (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue)));
			queue && queue.d < 0 && (queue.d = 0);
		};
	})();
(() => {
		var getProto = Object.getPrototypeOf ? (obj) => (Object.getPrototypeOf(obj)) : (obj) => (obj.__proto__);
		var leafPrototypes;
		__webpack_require__.t = function(value, mode) {
			if(mode & 1) value = this(value);
			if(mode & 8) return value;
			if(typeof value === 'object' && value) {
				if((mode & 4) && value.__esModule) return value;
				if((mode & 16) && typeof value.then === 'function') return value;
			}
			var ns = Object.create(null);
			__webpack_require__.r(ns);
			var def = {};
			leafPrototypes = leafPrototypes || [null, getProto({}), getProto([]), getProto(getProto)];
			for(var current = mode & 2 && value; typeof current == 'object' && !~leafPrototypes.indexOf(current); current = getProto(current)) {
				Object.getOwnPropertyNames(current).forEach((key) => (def[key] = () => (value[key])));
			}
			def['default'] = () => (value);
			__webpack_require__.d(ns, def);
			return ns;
		};
	})();
(() => {
	var installedChunks = {};
	var installChunk = (data) => {
		var {__webpack_ids__, __webpack_modules__, __webpack_runtime__} = data;
		var moduleId, chunkId, i = 0;
		for(moduleId in __webpack_modules__) {
			if(__webpack_require__.o(__webpack_modules__, moduleId)) {
				__webpack_require__.m[moduleId] = __webpack_modules__[moduleId];
			}
		}
		if(__webpack_runtime__) __webpack_runtime__(__webpack_require__);
		for(;i < __webpack_ids__.length; i++) {
			chunkId = __webpack_ids__[i];
			if(__webpack_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) {
				installedChunks[chunkId][0]();
			}
			installedChunks[__webpack_ids__[i]] = 0;
		}
	}
	__webpack_require__.f.j = (chunkId, promises) => {
			var installedChunkData = __webpack_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : undefined;
			if(installedChunkData !== 0) {
				if(installedChunkData) {
					promises.push(installedChunkData[1]);
				} else {
					if(true) {
						var promise = import("./" + __webpack_require__.u(chunkId)).then(installChunk, (e) => {
							if(installedChunks[chunkId] !== 0) installedChunks[chunkId] = undefined;
							throw e;
						});
						var promise = Promise.race([promise, new Promise((resolve) => (installedChunkData = installedChunks[chunkId] = [resolve]))])
						promises.push(installedChunkData[1] = promise);
					}
				}
			}
	};
})();
if (typeof __webpack_require__ !== 'undefined') __webpack_require__.ab = __dirname + "/";
if (typeof __webpack_require__ !== 'undefined') __webpack_require__.ab = new URL('.', import.meta.url).pathname.slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
if (typeof __webpack_require__ !== 'undefined') __webpack_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
(() => {
	var installedChunks = {};
	var installChunk = (data) => {
		var {ids, modules, runtime} = data;
		var moduleId, chunkId, i = 0;
		for(moduleId in modules) {
			if(__webpack_require__.o(modules, moduleId)) {
				__webpack_require__.m[moduleId] = modules[moduleId];
			}
		}
		if(runtime) runtime(__webpack_require__);
		for(;i < ids.length; i++) {
			chunkId = ids[i];
			if(__webpack_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) {
				installedChunks[chunkId][0]();
			}
			installedChunks[ids[i]] = 0;
		}
	}
	__webpack_require__.f.j = (chunkId, promises) => {
			var installedChunkData = __webpack_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : undefined;
			if(installedChunkData !== 0) {
				if(installedChunkData) {
					promises.push(installedChunkData[1]);
				} else {
					if(true) {
						var promise = import("./" + __webpack_require__.u(chunkId)).then(installChunk, (e) => {
							if(installedChunks[chunkId] !== 0) installedChunks[chunkId] = undefined;
							throw e;
						});
						var promise = Promise.race([promise, new Promise((resolve) => (installedChunkData = installedChunks[chunkId] = [resolve]))])
						promises.push(installedChunkData[1] = promise);
					}
				}
			}
	};
})();
Object.defineProperty(exports, "__esModule", { value: true });
