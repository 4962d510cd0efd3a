/**
 * What one person counts on one device: the thing in hand, and what was put down and waits to be sent.
 *
 * Scanning the same thing again on the same shelf adds one to what is in hand; another thing puts the first one down.
 * So a shelf of 20 cables is one entry, however it was scanned, and the books are looked at once for it.
 */

export interface Piece {
  /** Made here once: sent twice, it counts once. */
  id: string
  variantId: string
  name: string
  unit: string
  shelf: string
  /** Thousandths. */
  quantityMilli: number
  /** It replaces what this person entered before for the thing on this shelf. */
  recount: boolean
  /** When it was put down. */
  countedAt?: string
}

export interface Tally {
  inHand: Piece | null
  /** Put down and not sent yet, the oldest first. */
  waiting: Piece[]
}

export const EMPTY_TALLY: Tally = { inHand: null, waiting: [] }

const ONE_MILLI = 1000

/** Take a thing that was scanned or chosen, on a shelf. `id` is for the entry that may begin with it. */
export function take(tally: Tally, item: { id: string; name: string; unit: string }, shelf: string, id: string): Tally {
  const { inHand } = tally
  if (inHand?.variantId === item.id && inHand.shelf === shelf) {
    return { ...tally, inHand: { ...inHand, quantityMilli: inHand.quantityMilli + ONE_MILLI } }
  }
  const next = { id, variantId: item.id, name: item.name, unit: item.unit, shelf, quantityMilli: ONE_MILLI, recount: false }
  return { ...putDown(tally), inHand: next }
}

/** Change what is in hand. */
export function change(tally: Tally, now: Partial<Pick<Piece, 'quantityMilli' | 'recount'>>): Tally {
  return tally.inHand ? { ...tally, inHand: { ...tally.inHand, ...now } } : tally
}

/** Put down what is in hand: it is counted, and waits to be sent. */
export function putDown(tally: Tally, countedAt = new Date().toISOString()): Tally {
  return tally.inHand ? { inHand: null, waiting: [...tally.waiting, { ...tally.inHand, countedAt }] } : tally
}

/** Leave what is in hand uncounted. */
export function drop(tally: Tally): Tally {
  return { ...tally, inHand: null }
}

/** Forget what has arrived, by its ids. */
export function arrived(tally: Tally, ids: readonly string[]): Tally {
  return { ...tally, waiting: tally.waiting.filter((piece) => !ids.includes(piece.id)) }
}

/** Forget the variants that the count is not about. */
export function without(tally: Tally, variantIds: readonly string[]): Tally {
  return { ...tally, waiting: tally.waiting.filter((piece) => !variantIds.includes(piece.variantId)) }
}
