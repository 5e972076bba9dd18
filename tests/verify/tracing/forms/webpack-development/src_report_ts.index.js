"use strict";
exports.ids = ["src_report_ts"];
exports.modules = {

/***/ "./src/report.ts"
/*!***********************!*\
  !*** ./src/report.ts ***!
  \***********************/
(__unused_webpack_module, __webpack_exports__, __webpack_require__) {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   report: () => (/* binding */ report)
/* harmony export */ });
/* harmony import */ var _mail_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(/*! ./mail.js */ "./src/mail.ts");

function report(tools, answer) {
    console.error(Object.keys(tools).length, "tools answered", answer);
    if (answer === "gone")
        void (0,_mail_js__WEBPACK_IMPORTED_MODULE_0__.discard)({ to: "nobody@example.org", subject: answer });
}


/***/ }

};
;