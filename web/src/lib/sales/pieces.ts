/**
 * Which of several numbered pieces (serial numbers) of a sale's line come back: how many there are and have to be chosen,
 * and how that goes with the quantity. Of a set they are its components' pieces. Quantities are thousandths.
 */
import { Refusal } from '$lib/api/errors'
import type { LineOut } from '$lib/api/generated'
import type { Item } from '$lib/local/types'

import type { MyNote } from './here'
import type { BackLine } from './wire'

const ONE_MILLI = 1000

/** The pieces of one kind that left with a line: its own, or those of one component. */
export interface Kind {
  name: string
  /** How many pieces left, in thousandths, with all of the line. */
  milli: number
  /** The serial numbers that have not come back. */
  serials: string[]
  /** How many pieces were sold without a number. */
  unnamed: number
}

/** A line whose goods have serial numbers. */
export interface Numbered {
  soldMilli: number
  /** How much of it may be credited at most, and how much of the goods has not come back. */
  leftMilli: number
  outMilli: number
  kinds: Kind[]
  /** Serial numbers that cannot be chosen: they came back before. */
  gone: string[]
}

/** What of a line comes back; `pieces` are the numbers that were chosen, in their order, also such as are not on the
 * receipt: a phone may have two. */
export interface Coming {
  milli: number
  pieces: string[]
}

export const NOTHING: Coming = { milli: 0, pieces: [] }

/** What a device knows of an item toward its pieces. */
export type Known = Pick<Item, 'name' | 'tracking' | 'madeOf'>

/**
 * Give the pieces of a line, or null where it has none of which some could come back without others. `itemOf` knows the
 * items of this device, `notes` what came back here before, `refused` the numbers that the server did not take.
 */
export function numberedOf(
  line: LineOut, itemOf: (id: string) => Known | undefined, notes: readonly MyNote[], refused: readonly string[] = [],
): Numbered | null {
  const soldMilli = Math.round(line.quantity * 1000)
  const before = notes.flatMap((note) => note.lines).filter((each) => each.saleLineId === line.id)
  const cameMilli = sum(before.filter((each) => each.restock !== 'none').map((each) => each.quantityMilli))
  const outMilli = soldMilli - cameMilli
  const gone = [...before.flatMap((each) => each.serials ?? []), ...refused]
  const kinds = kindsOf(line, soldMilli, itemOf).map((kind) => ({ ...kind, serials: kind.serials.filter((each) => !gone.includes(each)) }))
  if (kinds.length === 0 || outMilli <= ONE_MILLI) return null
  return { soldMilli, leftMilli: soldMilli - sum(before.map((each) => each.quantityMilli)), outMilli, kinds, gone }
}

/** A set's numbers stand on its line in the order of its components, as many as each has pieces. */
function kindsOf(line: LineOut, soldMilli: number, itemOf: (id: string) => Known | undefined): Kind[] {
  const named = line.serials ?? []
  const item = line.variant_id ? itemOf(line.variant_id) : undefined
  const parts = partsOf(line, soldMilli, item)
  const numbered = parts.filter((part) => itemOf(part.id)?.tracking === 'serial')
  // Without its components on this device, a set's numbers are those of the line.
  if (numbered.length === 0) {
    const whole = parts.length > 0 ? named.length * ONE_MILLI : soldMilli
    return named.length > 0 || item?.tracking === 'serial' ? [kindOf(line.description, whole, named)] : []
  }
  let place = 0
  return numbered.map((part) => {
    const name = part.name ?? itemOf(part.id)?.name ?? line.description
    const upTo = place + Math.floor(part.milli / ONE_MILLI)
    const kind = kindOf(name, part.milli, named.slice(place, upTo))
    place = upTo
    return kind
  })
}

function partsOf(line: LineOut, soldMilli: number, item: Known | undefined): { id: string; name?: string; milli: number }[] {
  const told = line.components?.map((each) => ({ id: each.variant_id, name: each.description, milli: Math.round(each.quantity * 1000) }))
  // A sale that waits to be sent has not been told by the server: the device sold the set as it knows it.
  return told ?? item?.madeOf?.map((each) => ({ id: each.variant_id, milli: Math.round((each.quantity_milli * soldMilli) / 1000) })) ?? []
}

function kindOf(name: string, milli: number, serials: string[]): Kind {
  return { name, milli, serials, unnamed: Math.max(0, Math.floor(milli / ONE_MILLI) - serials.length) }
}

/** Say whether all that is out comes back: then nothing has to be chosen. */
export function isWhole(line: Numbered, { milli }: Coming): boolean {
  return milli >= line.outMilli
}

/** How many pieces of a kind come with so much of the line. */
export function piecesIn(line: Numbered, kind: Kind, milli: number): number {
  return Math.round((kind.milli * milli) / line.soldMilli / ONE_MILLI)
}

/** The chosen numbers that are not on the receipt. */
export function othersOf(line: Numbered, { pieces }: Coming): string[] {
  return pieces.filter((piece) => !line.kinds.some((kind) => kind.serials.includes(piece)))
}

/** How many pieces have still to be chosen. Pieces that were sold without a number come without one, beside one that has. */
export function missingOf(line: Numbered, coming: Coming): number {
  if (coming.milli === 0 || isWhole(line, coming)) return 0
  let others = othersOf(line, coming).length
  return sum(
    line.kinds.map((kind) => {
      const all = piecesIn(line, kind, coming.milli)
      const mine = chosenOf(kind, coming.pieces)
      const added = Math.min(others, Math.max(0, all - mine))
      others -= added
      const free = mine + added > 0 || kind.serials.length === 0 ? kind.unnamed : 0
      return Math.max(0, all - mine - added - free)
    }),
  )
}

/** Choose a piece or put it back. The quantity goes up with the pieces, and down again with them. */
export function toggle(line: Numbered, coming: Coming, piece: string): Coming {
  if (isWhole(line, coming)) return lessOne(line, piece)
  if (!coming.pieces.includes(piece)) return choose(line, coming, piece)
  const pieces = coming.pieces.filter((each) => each !== piece)
  return { milli: coming.milli === leastFor(line, coming.pieces) ? leastFor(line, pieces) : coming.milli, pieces }
}

/** Choose a piece; as it was where it is chosen already or no more may come back. */
export function choose(line: Numbered, coming: Coming, piece: string): Coming {
  if (isWhole(line, coming) || coming.pieces.includes(piece)) return coming
  const pieces = [...coming.pieces, piece]
  const milli = Math.max(coming.milli, leastFor(line, pieces))
  if (milli > line.leftMilli) return coming
  return { milli, pieces: milli >= line.outMilli ? [] : pieces }
}

/** Say how much comes back: the pieces chosen last are put back where they are too many. */
export function withQuantity(line: Numbered, coming: Coming, milli: number): Coming {
  const pieces = [...coming.pieces]
  while (pieces.length > 0 && leastFor(line, pieces) > milli) pieces.pop()
  return milli >= line.outMilli ? { milli, pieces: [] } : { milli, pieces }
}

/** The numbers that a credit note has to name. */
export function serialsFor(line: Numbered | null, coming: Coming): string[] {
  return line && !isWhole(line, coming) ? coming.pieces : []
}

/** The numbers that a credit note was refused for: not of the line, or back already. */
export function refusedIn(failure: unknown): string[] {
  const units = failure instanceof Refusal && failure.code === 'UNITS_NOT_HERE' ? failure.details['units'] : null
  return Array.isArray(units) ? (units as { serial: string }[]).map((unit) => unit.serial) : []
}

/** Write a number as they are compared: in capitals, without blanks. */
export function codeOf(typed: string): string {
  return typed.toUpperCase().replace(/\s+/g, '')
}

/** A line of a credit note with its serial numbers, where it needs any. */
export function backLine(saleLineId: string, coming: Coming, restock: BackLine['restock'], line: Numbered | null): BackLine {
  const serials = restock === 'none' ? [] : serialsFor(line, coming)
  return { saleLineId, quantityMilli: coming.milli, restock, ...(serials.length > 0 ? { serials } : {}) }
}

/** All but one piece: one of the line less. Of which pieces only some come then, none is chosen: it would be a guess. */
function lessOne(line: Numbered, piece: string): Coming {
  const milli = Math.min(line.leftMilli, Math.max(0, line.outMilli - ONE_MILLI))
  const pieces = line.kinds.flatMap((kind) => {
    const others = kind.serials.filter((each) => each !== piece)
    return others.length <= piecesIn(line, kind, milli) ? others : []
  })
  return { milli, pieces }
}

/** The least of the line that has so many pieces: whole ones. */
function leastFor(line: Numbered, pieces: readonly string[]): number {
  const wholes = (count: number, milli: number) => Math.ceil((count * ONE_MILLI * line.soldMilli) / milli / ONE_MILLI) * ONE_MILLI
  const each = line.kinds.map((kind) => wholes(chosenOf(kind, pieces), kind.milli))
  return Math.max(...each, wholes(pieces.length, sum(line.kinds.map((kind) => kind.milli))))
}

function chosenOf(kind: Kind, pieces: readonly string[]): number {
  return pieces.filter((piece) => kind.serials.includes(piece)).length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
