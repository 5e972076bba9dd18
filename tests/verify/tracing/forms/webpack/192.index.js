"use strict";
exports.id = 192;
exports.ids = [192];
exports.modules = {

/***/ 192:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   report: () => (/* binding */ report)
/* harmony export */ });
/* harmony import */ var _mail_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(177);

function report(tools, answer) {
    console.error(Object.keys(tools).length, "tools answered", answer);
    if (answer === "gone")
        void (0,_mail_js__WEBPACK_IMPORTED_MODULE_0__/* .discard */ .v)({ to: "nobody@example.org", subject: answer });
}


/***/ })

};
;