/** How fast something sells, and what it cost and was sold for over time. */
import type { MovementOut, PriceRowOut } from '$lib/api/generated'
import { listed } from '$lib/lists/listed'
import { toMilli } from '$lib/money/amounts'

export const PACE_DAYS = 28
const PAGE = 200
const PAGES_MAX = 5

export interface Pace {
  /** The oldest first; each day of which all is known, with what was sold less what came back, in thousandths. */
  days: { day: string; milli: number }[]
}

/** The last days up to and with one (`YYYY-MM-DD`), the oldest first. */
export function daysUntil(day: string, count = PACE_DAYS): string[] {
  const last = Date.parse(`${day}T00:00:00Z`)
  return Array.from({ length: count }, (_, turn) => new Date(last - (count - 1 - turn) * 86_400_000).toISOString().slice(0, 10))
}

/** Add up what was sold on each day. `known` is the first day of which all movements are there. */
export function soldByDay(moves: readonly Pick<MovementOut, 'business_date' | 'kind' | 'quantity'>[], days: readonly string[], known = ''): Pace {
  const sums = new Map<string, number>()
  for (const { kind, quantity, business_date: day } of moves) {
    if (kind === 'sale' || kind === 'return') sums.set(day, (sums.get(day) ?? 0) - toMilli(quantity))
  }
  return { days: days.filter((day) => day >= known).map((day) => ({ day, milli: sums.get(day) ?? 0 })) }
}

/** Ask how a variant sold in the last four weeks. What sells more often than can be asked for is told for fewer days. */
export async function paceOf(variantId: string, today: string): Promise<Pace> {
  const days = daysUntil(today)
  const rows: MovementOut[] = []
  let known = ''
  for (const kind of ['sale', 'return'] as const) {
    const { moves, whole } = await newest({ variant_id: variantId, kind, from: days[0] })
    rows.push(...moves)
    // The oldest day of a list that was cut is not whole.
    const cutAt = moves.at(-1)?.business_date ?? ''
    if (!whole) known = [known, days.find((day) => day > cutAt) ?? today].sort().at(-1)!
  }
  return soldByDay(rows, days, known)
}

async function newest(query: Record<string, string | undefined>): Promise<{ moves: MovementOut[]; whole: boolean }> {
  const moves: MovementOut[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const part: Awaited<ReturnType<typeof listed<MovementOut>>> = await listed('/api/stock-movements', {
      ...query, sort: '-business_date', limit: PAGE, cursor,
    })  // prettier-ignore
    moves.push(...part.rows)
    cursor = part.page.next_cursor
    if (!cursor) return { moves, whole: true }
  }
  return { moves, whole: false }
}

/** Every price and cost that a variant had, the newest first. */
export async function pricesOf(productId: string): Promise<PriceRowOut[]> {
  return (await listed<PriceRowOut>(`/api/products/${productId}/prices`, { limit: PAGE })).rows
}

export interface PriceStep {
  at: string
  priceMinor: number | null
  costMinor: number | null
}

/** The price and the cost in force from each moment on which one of them changed, the oldest first. */
export function stepsOf(rows: readonly Pick<PriceRowOut, 'kind' | 'amount' | 'valid_from'>[]): PriceStep[] {
  const steps: PriceStep[] = []
  let now: PriceStep = { at: '', priceMinor: null, costMinor: null }
  for (const row of rows.toSorted((one, other) => Date.parse(one.valid_from) - Date.parse(other.valid_from))) {
    now = { ...now, at: row.valid_from, ...(row.kind === 'price' ? { priceMinor: row.amount } : { costMinor: row.amount }) }
    if (steps.at(-1)?.at === now.at) steps.pop()
    steps.push(now)
  }
  return steps
}
