/**
 * What makes an invoice unchangeable: the hash that ties it to the one before; its number is in `series`.
 *
 * Every register series is a chain: each document's hash covers the hash before it, the series, the number and the
 * document, so a document that is changed, swapped or taken out is found. The server computes the same in Python; both
 * must agree with `tests/golden/invoices.json`. Pure: no storage, no clock. Hashes are 64 hexadecimal digits here.
 */
import { must } from './refused'
import { GENESIS } from './series'
import { sha256 } from './sha256'

export { documentNumber, financialYear, GENESIS, seriesName } from './series'

/** One stored document of a series, as the chain sees it. */
export interface Link {
  number: number
  previous: string
  canonical: Uint8Array
  hash: string
}

/**
 * Tie a document to the one before it in its series.
 *
 * SHA-256 of, one after the other: `previous` (32 bytes, `GENESIS` for number 1), the series as UTF-8 (`CODE/2627`, see
 * `seriesName`), `number` as 8 bytes with the highest first, and the SHA-256 of the canonical bytes. It answers at
 * once, so a number can be given and its hash written in one transaction.
 */
export function invoiceHash(previous: string, series: string, number: number, bytes: Uint8Array): string {
  must(/^[0-9a-f]{64}$/.test(previous), 'a hash has 64 hexadecimal digits')
  must(Number.isSafeInteger(number) && number > 0, 'documents are numbered from 1')
  const place = new DataView(new ArrayBuffer(8))
  place.setBigUint64(0, BigInt(number))
  const pieces = [fromHex(previous), new TextEncoder().encode(series), new Uint8Array(place.buffer), sha256(bytes)]
  return toHex(sha256(joined(pieces)))
}

/**
 * Go through one series in the order of its numbers and give the index of the first broken link, or null.
 *
 * A link is broken when its hash is not that of its own content, when it does not continue the number just before it
 * (or `GENESIS` for number 1), or when its number does not rise. A number that is missing is awaited, not broken,
 * unless the series is said to be `complete`; then it must also start at 1.
 */
export function brokenLink(series: string, links: Iterable<Link>, options: { complete?: boolean } = {}): number | null {
  let before = { number: 0, hash: GENESIS }
  let index = 0
  for (const link of links) {
    const follows = link.number === before.number + 1
    if (link.number <= before.number || (options.complete && !follows)) return index
    if (follows && link.previous !== before.hash) return index
    if (link.hash !== invoiceHash(link.previous, series, link.number, link.canonical)) return index
    before = link
    index += 1
  }
  return null
}

function joined(pieces: Uint8Array[]): Uint8Array {
  const found = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    found.set(piece, at)
    at += piece.length
  }
  return found
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16))
}
