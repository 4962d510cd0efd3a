/** Counts of stock: begun, entered by several people, looked through, posted. Quantities are plain numbers on the wire. */
import { call } from '$lib/api/client'
import type { CountEntryOut, CountIn, CountLineOut, CountOut, EnteredOut } from '$lib/api/generated'
import { listed } from '$lib/lists/listed'
import { askOrKeep, type Desk } from '$lib/local/paper'

import type { Piece } from './tally'

export const COUNT_STATES = ['counting', 'review', 'posting', 'posted', 'cancelled'] as const
export type CountState = (typeof COUNT_STATES)[number]

/** How often a count that others work on too is asked for. */
export const LOOK_AGAIN_MS = 8_000
/** So many entries fit one request. */
const ENTRIES_MAX = 500
const POSTING_MS = 60_000
const ASK_AGAIN_MS = 1_000

const at = (id: string, step = ''): string => `/api/stock-counts/${id}${step}`

/** Begin to count; without an answer the count begins on this device (null) and is told later. Throws Refusal
 * (COUNT_UNDER_WAY while the location is being counted). `label` is what it is called while it waits. */
export async function beginCount(desk: Desk, count: CountIn & { id: string }, label: string): Promise<CountOut | null> {
  return askOrKeep<CountOut>(desk, { id: count.id, kind: 'count', path: '/api/stock-counts', label, body: count })
}

export async function readCount(id: string): Promise<CountOut> {
  return (await call<CountOut>('GET', at(id))).data
}

/** What the count says of one variant; null where nobody counted it and the books have none. */
export async function readLine(id: string, variantId: string): Promise<CountLineOut | null> {
  return (await listed<CountLineOut>(at(id, '/lines'), { variant_id: variantId, limit: 1 })).rows[0] ?? null
}

/** The id of the newest entry, by which it shows that somebody entered something; null while there is none. */
export async function newestEntry(id: string): Promise<string | null> {
  return (await listed<CountEntryOut>(at(id, '/entries'), { limit: 1 })).rows[0]?.id ?? null
}

/** Send what was counted, or keep it on this device where the server does not answer; sending it again is harmless. Says
 * whether all of it arrived. Throws Refusal (COUNT_MOVED, NOT_IN_COUNT). `label` is what it is called while it waits. */
export async function enter(desk: Desk, id: string, pieces: readonly Piece[], label: string): Promise<boolean> {
  let all = true
  for (let first = 0; first < pieces.length; first += ENTRIES_MAX) {
    const entries = pieces.slice(first, first + ENTRIES_MAX).map((piece) => ({
      id: piece.id, variant_id: piece.variantId, quantity: piece.quantityMilli / 1000, shelf: piece.shelf, recount: piece.recount,
      ...(piece.countedAt ? { counted_at: piece.countedAt } : {}),
    }))  // prettier-ignore
    // Its own id comes from its first entry's: sent again after the app ended, it is the same paper.
    const paper = { id: entries[0]!.id, kind: 'count', path: at(id, '/entries'), label, after: id } as const
    const answer = await askOrKeep<EnteredOut>(desk, { ...paper, body: { id: paper.id, entries } })
    all = all && answer !== null
  }
  return all
}

/** End the counting; `zero` takes as nothing what nobody counted. */
export async function endCounting(id: string, uncounted: 'leave' | 'zero'): Promise<CountOut> {
  return (await call<CountOut>('POST', at(id, '/review'), { body: { uncounted } })).data
}

export async function goOnCounting(id: string): Promise<CountOut> {
  return (await call<CountOut>('POST', at(id, '/reopen'))).data
}

export async function callCountOff(id: string, reason: string): Promise<CountOut> {
  return (await call<CountOut>('POST', at(id, '/cancel'), { body: { reason } })).data
}

/** Post the differences. A long count is posted by a job: its state is `posting` until that is through. */
export async function postCount(id: string): Promise<CountOut> {
  return (await call<CountOut>('POST', at(id, '/post'), { timeoutMs: POSTING_MS })).data
}

/** Follow a count that is being posted to its end, telling how far it has come. Ends early when `signal` says so. */
export async function followPosting(id: string, told: (count: CountOut) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS))
    const now = await readCount(id)
    if (signal.aborted) return
    told(now)
    if (now.state !== 'posting') return
  }
}
