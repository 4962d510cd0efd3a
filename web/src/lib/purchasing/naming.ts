/** Which pieces came: serial numbers as they are scanned or pasted, and batches. */
import { Refusal } from '$lib/api/errors'
import type { BatchIn } from '$lib/api/generated'

import type { CountLine } from './receipts'

const ONE_MILLI = 1000
/** Between the numbers of one piece: a phone with two IMEIs. */
const SAME_PIECE = '+'

/** Read what was scanned or pasted into pieces: one for each word, by new lines, commas, semicolons or blanks. `a+b` is
 * one piece with two numbers. In capitals, as they are compared. */
export function piecesIn(text: string): string[] {
  const words = text.toUpperCase().split(/[\s,;]+/)
  return words.map((word) => numbersOf(word).join(SAME_PIECE)).filter(Boolean)
}

/** The numbers of a piece. */
export function numbersOf(piece: string): string[] {
  return piece.split(SAME_PIECE).filter(Boolean)
}

/** A line with these pieces; there are as many accepted. */
export function withPieces(line: CountLine, pieces: string[]): CountLine {
  return { ...line, pieces, acceptedMilli: pieces.length * ONE_MILLI }
}

/** Numbers that stand more than once on the lines of one variant. */
export function twiceOf(lines: readonly CountLine[], variantId: string): Set<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const number of lines.filter((line) => line.variantId === variantId).flatMap((line) => (line.pieces ?? []).flatMap(numbersOf))) {
    if (seen.has(number)) twice.add(number)
    seen.add(number)
  }
  return twice
}

/** Go on with another batch of a line's goods, under the id `id`: it takes what is still awaited over. */
export function withAnotherBatch(lines: readonly CountLine[], line: CountLine, id: string): CountLine[] {
  const cameMilli = (line.acceptedMilli ?? 0) + (line.rejectedMilli ?? 0)
  const leftMilli = line.awaitedMilli === null ? null : Math.max(0, line.awaitedMilli - cameMilli)
  const whole = line.awaitedMilli === null ? line : { ...line, awaitedMilli: line.awaitedMilli - (leftMilli ?? 0) }
  const next: CountLine = {
    ...line, id, awaitedMilli: leftMilli, acceptedMilli: 0, rejectedMilli: null, reason: '', batchNumber: '', lastDay: '',
  }  // prettier-ignore
  return lines.flatMap((each) => (each.id === line.id ? [whole, next] : [each]))
}

/** What a line's body says of which goods they are; nothing of goods that were not accepted. */
export function namedOf(line: CountLine): { serials?: (string | string[])[]; batch?: BatchIn } {
  if (!line.acceptedMilli) return {}
  const serials = (line.pieces ?? []).map((piece) => {
    const numbers = numbersOf(piece)
    return numbers.length === 1 ? numbers[0]! : numbers
  })
  const number = line.batchNumber?.trim()
  const batch = { ...(number ? { number } : {}), ...(line.lastDay ? { expires_on: line.lastDay } : {}) }
  return { ...(serials.length ? { serials } : {}), ...(number || line.lastDay ? { batch } : {}) }
}

/** Why the server refused numbers: `twice`, `in_stock` or `in_transit` by `variant:number`. Empty for other failures. */
export function takenIn(failure: unknown): Map<string, string> {
  const named = failure instanceof Refusal && failure.code === 'SERIALS_TAKEN' ? failure.details['serials'] : null
  if (!Array.isArray(named)) return new Map()
  return new Map((named as { variant_id: string; serial: string; why: string }[]).map((each) => [`${each.variant_id}:${each.serial}`, each.why]))
}
