/** Transfers and counts that were begun on this device and have not reached the server: read out of what waits here. */
import type { CountIn, CountOut, EntriesIn, TransferIn, TransferOut, TransferPlaceOut } from '$lib/api/generated'
import { keptPlaces } from '$lib/local/field'
import { papersHere } from '$lib/local/paper'
import type { Catalogue, Local, OutboxItem } from '$lib/local/types'

/** What this device knows: its shop's data and what is sold. */
export interface Known {
  local: Local | null
  catalogue: Catalogue | null
  /** Whether whoever is here may let goods go. */
  approves?: boolean
}

/** Something that was begun here, as the server would show it; `refusal` says why it was set aside, null while it waits. */
export interface Begun<T> {
  shown: T
  refusal: string | null
}

/** One thing that was counted here and waits to be told. */
export interface WaitingEntry {
  id: string
  name: string
  shelf: string
  quantity: number
  at: string
}

const TRANSFERS = '/api/transfers'
const COUNTS = '/api/stock-counts'

/** Give the transfers that were sent off here, the newest first. */
export async function transfersBegun(known: Known): Promise<Begun<TransferOut>[]> {
  return begun(known, 'transfer', TRANSFERS, (item, places) => transferIn(item, places, known))
}

/** Give the counts that were begun here, the newest first. */
export async function countsBegun(known: Known): Promise<Begun<CountOut>[]> {
  return begun(known, 'count', COUNTS, countIn)
}

/** Give what was counted here of one count and is not told yet, the newest first. */
export async function entriesHere(known: Known, countId: string): Promise<WaitingEntry[]> {
  const papers = (await papersHere(known.local, 'count')).filter((item) => item.path === `${COUNTS}/${countId}/entries`)
  const entries = papers.flatMap((item) => {
    const { entries: told, made_at: madeAt } = JSON.parse(item.body) as EntriesIn
    return told.map((each) => ({
      id: each.id ?? '', name: known.catalogue?.item(each.variant_id)?.name ?? '–', shelf: each.shelf ?? '', quantity: each.quantity,
      at: each.counted_at ?? madeAt ?? item.madeAt,
    }))  // prettier-ignore
  })
  return entries.reverse()
}

async function begun<T>(
  known: Known, kind: 'transfer' | 'count', path: string, read: (item: OutboxItem, places: Map<string, TransferPlaceOut>) => T,
): Promise<Begun<T>[]> {
  const papers = (await papersHere(known.local, kind)).filter((item) => item.path === path)
  if (!papers.length) return []
  const places = new Map((await keptPlaces(known.local)).map((each) => [each.id, each]))
  return papers.map((item) => ({ shown: read(item, places), refusal: refusalOf(item) })).reverse()
}

function refusalOf(item: OutboxItem): string | null {
  return item.state === 'aside' ? (item.refusal?.message ?? '') : null
}

function transferIn(item: OutboxItem, places: Map<string, TransferPlaceOut>, known: Known): TransferOut {
  const said = JSON.parse(item.body) as TransferIn
  const [from, to] = [places.get(said.from_location_id), places.get(said.to_location_id)]
  const lines = said.lines.map((line) => {
    const goods = known.catalogue?.item(line.variant_id)
    return {
      id: line.variant_id, variant_id: line.variant_id, variant_name: goods?.name ?? '–', sku: goods?.sku ?? '', unit: goods?.unit ?? 'piece',
      requested: line.quantity, dispatched: line.quantity, received: null, difference: null,
      ...(line.serials?.length ? { serials: line.serials } : {}),
    }  // prettier-ignore
  })
  const by = said.staff_id ?? null
  const step = { staff_id: by, reason: null, business_date: said.business_date ?? item.madeAt.slice(0, 10), at: item.madeAt }
  return {
    id: item.id, state: 'dispatched', note: said.note ?? '', requested_by: by, at: item.madeAt,
    from_location_id: said.from_location_id, from_location_name: from?.name ?? '–',
    from_branch_id: from?.branch_id ?? '', from_branch_name: from?.branch_name ?? '',
    to_location_id: said.to_location_id, to_location_name: to?.name ?? '–',
    to_branch_id: to?.branch_id ?? '', to_branch_name: to?.branch_name ?? '',
    line_count: lines.length, quantity: lines.reduce((sum, line) => sum + Math.round(line.requested * 1000), 0) / 1000,
    lines, exceptions: [],
    steps: [
      { ...step, step: 'request', state_to: 'requested' },
      ...(known.approves ? [{ ...step, step: 'approve', state_to: 'approved' } as const] : []),
      { ...step, step: 'dispatch', state_to: 'dispatched' },
    ],
  }  // prettier-ignore
}

function countIn(item: OutboxItem, places: Map<string, TransferPlaceOut>): CountOut {
  const said = JSON.parse(item.body) as CountIn
  const place = places.get(said.location_id)
  return {
    id: item.id, state: 'counting', location_id: said.location_id, location_name: place?.name ?? '–', branch_id: place?.branch_id ?? '',
    scope: said.scope ?? 'full', group_id: said.group_id ?? null, blind: said.blind ?? false, note: said.note ?? '',
    overlapping: false, uncounted: null, started_by: said.staff_id ?? null, at: item.madeAt, posted_by: null,
    lines_total: 0, lines_done: 0, business_date: null, finished_at: null, totals: { counted: 0, uncounted: 0 }, exceptions: [],
  }  // prettier-ignore
}
