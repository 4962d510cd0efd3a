/**
 * SHA-256 (FIPS 180-4), written out so that it answers at once.
 *
 * The browser's own takes a promise, and an IndexedDB transaction does not live through one; on a plain-http address
 * in the shop's own network it is missing altogether. Invoices are a few kilobytes, so speed is no question.
 */

/** The first 32 bits of the fractions of the square roots of the first 8 primes. */
const START = Uint32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
)

/** The same of the cube roots of the first 64 primes. */
const ROUND = Uint32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
)

/** Hash bytes: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const words = padded(bytes)
  const state = Uint32Array.from(START)
  const schedule = new Uint32Array(64)
  for (let block = 0; block < words.byteLength; block += 64) mix(state, schedule, words, block)
  const found = new DataView(new ArrayBuffer(32))
  state.forEach((word, place) => found.setUint32(place * 4, word))
  return new Uint8Array(found.buffer)
}

/** The message, one bit, zeros, and its length in bits, together a multiple of 64 bytes. */
function padded(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 9) / 64) * 64
  const found = new Uint8Array(length)
  found.set(bytes)
  found[bytes.length] = 0x80
  const view = new DataView(found.buffer)
  view.setBigUint64(length - 8, BigInt(bytes.length) * 8n)
  return view
}

function mix(state: Uint32Array, schedule: Uint32Array, words: DataView, block: number): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = words.getUint32(block + t * 4)
  for (let t = 16; t < 64; t += 1) {
    const early = schedule[t - 15]!
    const late = schedule[t - 2]!
    const first = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
    const second = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
    schedule[t] = schedule[t - 16]! + first + schedule[t - 7]! + second
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let t = 0; t < 64; t += 1) {
    const chosen = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + chosen + ROUND[t]! + schedule[t]!) | 0
    const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, place) => (state[place] = state[place]! + word))
}

function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}
