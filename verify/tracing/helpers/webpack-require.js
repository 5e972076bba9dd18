var __webpack_modules__;
var __webpack_module_cache__;
function __webpack_require__(moduleId) {
  var cachedModule = __webpack_module_cache__[moduleId];
  if (cachedModule !== undefined) {
    return cachedModule.exports;
  }
  var module = __webpack_module_cache__[moduleId] = {
    id: moduleId,
    loaded: false,
    exports: {}
  };
  if (!(moduleId in __webpack_modules__)) {
    delete __webpack_module_cache__[moduleId];
    var e = new Error("Cannot find module '" + moduleId + "'");
    e.code = 'MODULE_NOT_FOUND';
    throw e;
  }
  var threw = true;
  try {
    __webpack_modules__[moduleId].call(module.exports, module, module.exports, __webpack_require__);
    threw = false;
  } finally {
    if(threw) delete __webpack_module_cache__[moduleId];
  }
  module.loaded = true;
  return module.exports;
}
