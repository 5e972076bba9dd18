// npm's own verifier as a program: one JSON document on standard input, one answer for each bundle on standard output.
//
// In:  {"packages": "<node_modules>", "items": [{"bundle": {…}, "root": {…}, "keys": {hint: {spki, start, end}},
//       "artifact": "<base64>"}], "rounds": 0}
// Out: {"answers": ["" | "why not", …], "seconds": CPU seconds of all rounds after one to warm up}
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const crypto = require("node:crypto");

const given = JSON.parse(fs.readFileSync(0, "utf8"));
const load = (name) => require(path.join(given.packages, name));
const { bundleFromJSON } = load("@sigstore/bundle");
const { TrustedRoot } = load("@sigstore/protobuf-specs");
const { Verifier, toSignedEntity, toTrustMaterial } = load("@sigstore/verify");

const verifiers = new Map();

// A verifier for a root and a set of keys, made once: a verifying program would not parse them for each bundle either.
function verifier(item) {
  const name = JSON.stringify([item.root, item.keys]);
  if (!verifiers.has(name)) {
    const root = TrustedRoot.fromJSON(item.root);
    const keys = (hint) => {
      const found = item.keys[hint];
      if (!found) throw new Error(`no key ${hint}`);
      const publicKey = crypto.createPublicKey({ key: Buffer.from(found.spki, "base64"), format: "der", type: "spki" });
      const covers = (at) => at >= new Date(found.start) && (!found.end || at <= new Date(found.end));
      return { publicKey, validFor: covers };
    };
    verifiers.set(name, new Verifier(toTrustMaterial(root, keys)));
  }
  return verifiers.get(name);
}

function answer(item) {
  try {
    const artifact = item.artifact === undefined ? undefined : Buffer.from(item.artifact, "base64");
    verifier(item).verify(toSignedEntity(bundleFromJSON(item.bundle), artifact));
    return "";
  } catch (error) {
    return String(error.code ?? error.name) + ": " + String(error.message).split("\n")[0];
  }
}

const answers = given.items.map(answer);
const before = process.cpuUsage();
for (let round = 0; round < given.rounds; round++) given.items.forEach(answer);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ answers, seconds: (user + system) / 1e6 }));
