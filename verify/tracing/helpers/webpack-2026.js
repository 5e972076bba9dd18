var __webpack_modules__, __webpack_module_cache__, __webpack_require__;
__webpack_require__.m = __webpack_modules__;
__webpack_require__.n = (module) => {
		const getter = module && module.__esModule ?
			() => (module['default']) :
			() => (module);
		__webpack_require__.d(getter, { a: getter });
		return getter;
	};
__webpack_require__.d = (exports, definition) => {
		for(var key in definition) {
			if(__webpack_require__.o(definition, key) && !__webpack_require__.o(exports, key)) {
				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
			}
		}
	};
__webpack_require__.f = {};
__webpack_require__.e = (chunkId) => {
		const promises = [];
		__webpack_require__.f.require(chunkId, promises);
		return Promise.all(promises);
	};
__webpack_require__.o = (obj, prop) => (Object.hasOwn(obj, prop));
__webpack_require__.r = (exports) => {
		Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
		Object.defineProperty(exports, '__esModule', { value: true });
	};
(() => {
		const installedChunks = {};
		const installChunk = (chunk) => {
			const moreModules = chunk.modules, chunkIds = chunk.ids, runtime = chunk.runtime;
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
					const installedChunk = require("./" + __webpack_require__.u(chunkId));
					if (!installedChunks[chunkId]) {
						installChunk(installedChunk);
					}
				} else installedChunks[chunkId] = 1;
			}
		};
	})();
__webpack_require__.cw = (body) => {
		var mod;
		return () => {
			if (body) {
				var fn = body;
				body = 0;
				mod = { exports: {} };
				fn.call(mod.exports, mod, mod.exports);
			}
			return mod.exports;
		};
	};
(() => {
		const webpackQueues = Symbol("webpack queues");
		const webpackExports = Symbol("webpack exports");
		const webpackError = Symbol("webpack error");
		const resolveQueue = (queue) => {
			if(queue?.d < 1) {
				queue.d = 1;
				queue.forEach((fn) => (fn.r--));
				queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
			}
		}
		const wrapDeps = (deps) => (deps.map((dep) => {
			if(dep !== null && typeof dep === "object") {
				if(dep[webpackQueues]) return dep;
				if(dep.then) {
					const queue = [];
					queue.d = 0;
					dep.then((r) => {
						obj[webpackExports] = r;
						resolveQueue(queue);
					}, (e) => {
						obj[webpackError] = e;
						resolveQueue(queue);
					});
					const obj = {};
					obj[webpackQueues] = (fn) => (fn(queue));
					return obj;
				}
			}
			const ret = {};
			ret[webpackQueues] = x => {};
			ret[webpackExports] = dep;
			return ret;
		}));
		__webpack_require__.a = (module, body, hasAwait) => {
			let queue;
			hasAwait && ((queue = []).d = -1);
			const depQueues = new Set();
			const exports = module.exports;
			let currentDeps;
			let outerResolve;
			let reject;
			const promise = new Promise((resolve, rej) => {
				reject = rej;
				outerResolve = resolve;
			});
			promise[webpackExports] = exports;
			promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
			module.exports = promise;
			const handle = (deps) => {
				currentDeps = wrapDeps(deps);
				let fn;
				const getResult = () => (currentDeps.map((d) => {
					if(d[webpackError]) throw d[webpackError];
					return d[webpackExports];
				}))
				const promise = new Promise((resolve) => {
					fn = () => (resolve(getResult));
					fn.r = 0;
					const fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
					currentDeps.forEach((dep) => (dep[webpackQueues](fnQueue)));
				});
				return fn.r ? promise : getResult();
			}
			const done = (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue))
			body(handle, done);
			queue?.d < 0 && (queue.d = 0);
		};
	})();
(() => {
		const getProto = Object.getPrototypeOf;
		let leafPrototypes;
		__webpack_require__.t = function(value, mode) {
			if(mode & 1) value = this(value);
			if(mode & 8) return value;
			if(typeof value === 'object' && value) {
				if((mode & 4) && value.__esModule) return value;
				if((mode & 16) && typeof value.then === 'function') return value;
			}
			const ns = Object.create(null);
			__webpack_require__.r(ns);
			const def = {};
			leafPrototypes ||= [null, getProto({}), getProto([]), getProto(getProto)];
			for(var current = mode & 2 && value; (typeof current == 'object' || typeof current == 'function') && !~leafPrototypes.indexOf(current); current = getProto(current)) {
				Object.getOwnPropertyNames(current).forEach((key) => (def[key] = () => (value[key])));
			}
			def['default'] = () => (value);
			__webpack_require__.d(ns, def);
			return ns;
		};
	})();
__webpack_require__.d = (exports, definition) => {
		if(Array.isArray(definition)) {
			var i = 0;
			while(i < definition.length) {
				var key = definition[i++];
				var binding = definition[i++];
				var descriptor = binding === 0 ? { enumerable: true, value: definition[i++] } : { enumerable: true, get: binding };
				if(!__webpack_require__.o(exports, key)) Object.defineProperty(exports, key, descriptor);
			}
		} else {
			for(var key in definition) {
				if(__webpack_require__.o(definition, key) && !__webpack_require__.o(exports, key)) {
					Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
				}
			}
		}
	};
__webpack_require__.e = (chunkId) => {
	const promises = [];
	__webpack_require__.f.j(chunkId, promises);
	return Promise.all(promises);
};
Object.defineProperty(exports, "__esModule", { value: true });
