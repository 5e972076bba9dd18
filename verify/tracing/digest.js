// Strings and streams of numbers, and the 128 bits that stand for them.
//
// A stream stands for a piece of a program. Who writes a bundle must not be able to write another piece with the same
// digest, so it is a cryptographic one: BLAKE2s of RFC 7693, cut to 16 bytes by its own parameter.

const IV = Int32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
const SIGMA = Uint8Array.of(
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  ...[14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  ...[11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  ...[7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  ...[9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  ...[2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  ...[12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  ...[13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  ...[6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  ...[10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
);
const MIX = Uint8Array.of(
  ...[0, 4, 8, 12], ...[1, 5, 9, 13], ...[2, 6, 10, 14], ...[3, 7, 11, 15],
  ...[0, 5, 10, 15], ...[1, 6, 11, 12], ...[2, 7, 8, 13], ...[3, 4, 9, 14],
);
const state = new Int32Array(8);
const work = new Int32Array(16);
const last = new Int32Array(16);

function compress(block, at, bytes, final) {
  for (let i = 0; i < 8; i++) {
    work[i] = state[i];
    work[i + 8] = IV[i];
  }
  work[12] ^= bytes;
  if (final) work[14] = ~work[14];
  for (let round = 0; round < 160; round += 16) {
    for (let i = 0; i < 8; i++) {
      const ia = MIX[4 * i], ib = MIX[4 * i + 1], ic = MIX[4 * i + 2], id = MIX[4 * i + 3];
      let a = work[ia], b = work[ib], c = work[ic], d = work[id];
      a = (a + b + block[at + SIGMA[round + 2 * i]]) | 0;
      d ^= a;
      d = (d >>> 16) | (d << 16);
      c = (c + d) | 0;
      b ^= c;
      b = (b >>> 12) | (b << 20);
      a = (a + b + block[at + SIGMA[round + 2 * i + 1]]) | 0;
      d ^= a;
      d = (d >>> 8) | (d << 24);
      c = (c + d) | 0;
      b ^= c;
      b = (b >>> 7) | (b << 25);
      work[ia] = a;
      work[ib] = b;
      work[ic] = c;
      work[id] = d;
    }
  }
  for (let i = 0; i < 8; i++) state[i] ^= work[i] ^ work[i + 8];
}

// The digest of `length` numbers of 32 bits, little endian, is left in the first four of `state`.
function digest(numbers, length) {
  state.set(IV);
  state[0] ^= 0x01010010;
  let at = 0;
  for (; length - at > 16; at += 16) compress(numbers, at, 4 * (at + 16), false);
  last.fill(0);
  for (let i = at; i < length; i++) last[i - at] = numbers[i];
  compress(last, 0, 4 * length, true);
}

class Numbers {
  constructor(room) {
    this.data = new Int32Array(room);
    this.length = 0;
  }

  push(value) {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
  }

  reserve(more) {
    if (this.length + more <= this.data.length) return;
    const data = new Int32Array(2 * (this.length + more));
    data.set(this.data.subarray(0, this.length));
    this.data = data;
  }
}

// Texts as numbers: the length and the characters, two in a number; of longer ones the negative length and a digest.
const SHORT = 16;
const MAX_TEXTS = 200_000;
const texts = new Map();
const spelled = new Numbers(1 << 16);
const spelledAt = new Numbers(1 << 14);
const spelling = new Numbers(1 << 10);

function numberOf(text) {
  let number = texts.get(text);
  if (number !== undefined) return number;
  number = texts.size;
  texts.set(text, number);
  spelledAt.push(spelled.length);
  if (text.length <= SHORT) {
    spelled.push(text.length);
    spell(text, spelled);
  } else {
    spelling.length = 0;
    spell(text, spelling);
    digest(spelling.data, spelling.length);
    spelled.push(-text.length);
    for (let i = 0; i < 4; i++) spelled.push(state[i]);
  }
  return number;
}

function spell(text, into) {
  for (let i = 0; i < text.length; i += 2) {
    into.push(text.charCodeAt(i) | (i + 1 < text.length ? text.charCodeAt(i + 1) << 16 : 0));
  }
}

// Copies a text as numbers to the end of `into`.
function copyText(number, into) {
  const from = spelledAt.data[number];
  const size = spelled.data[from] < 0 ? 5 : 1 + ((spelled.data[from] + 1) >> 1);
  into.reserve(size);
  for (let i = 0; i < size; i++) into.data[into.length++] = spelled.data[from + i];
}

function forgetTexts() {
  if (texts.size < MAX_TEXTS) return;
  texts.clear();
  spelled.length = spelledAt.length = 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

// `words` numbers of the state as hexadecimal bytes, as hashlib.blake2s gives them.
function hexadecimal(numbers, words) {
  let text = "";
  for (let i = 0; i < words; i++) {
    const word = numbers[i];
    text += HEX[word & 255] + HEX[(word >>> 8) & 255] + HEX[(word >>> 16) & 255] + HEX[word >>> 24];
  }
  return text;
}
