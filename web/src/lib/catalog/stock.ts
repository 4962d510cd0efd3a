/** What stands where, what moved it, and setting it right. Quantities are thousandths here, numbers on the wire. */
import { call } from '$lib/api/client'
import type { AdjustIn, AdjustmentOut, BalanceOut, LocationOut, LowOut, MovementOut } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'

export const MOVEMENT_KINDS = [
  'sale', 'return', 'receipt', 'transfer_out', 'transfer_in', 'adjustment', 'count', 'repair_use', 'damage', 'opening',
  'assembly',
] as const  // prettier-ignore
export const REASONS = ['correction', 'found', 'loss', 'damage', 'expired', 'own_use', 'opening'] as const
export type Reason = (typeof REASONS)[number]

// What a reason can do to stock: a loss never adds.
const ONLY_MORE: readonly Reason[] = ['opening', 'found']
const ONLY_LESS: readonly Reason[] = ['loss', 'damage', 'expired', 'own_use']

export async function listStock(query: Query): Promise<Listed<BalanceOut>> {
  return listed('/api/stock', query)
}

export async function listLow(query: Query): Promise<Listed<LowOut>> {
  return listed('/api/products/low-stock', query)
}

export async function listMovements(query: Query): Promise<Listed<MovementOut>> {
  return listed('/api/stock-movements', query)
}

export async function listAdjustments(query: Query): Promise<Listed<AdjustmentOut>> {
  return listed('/api/stock-adjustments', query)
}

export async function allLocations(): Promise<LocationOut[]> {
  return (await listed<LocationOut>('/api/locations', { limit: 200, active: true })).rows
}

/** Say how much there is, or how much more or less. A large change is only `requested` until somebody approves it. */
export async function adjust(productId: string, change: AdjustIn): Promise<AdjustmentOut> {
  return (await call<AdjustmentOut>('POST', `/api/products/${productId}/adjust`, { body: change })).data
}

export async function decideAdjustment(id: string, yes: boolean, reason = ''): Promise<AdjustmentOut> {
  const word = yes ? 'approve' : 'reject'
  const body = yes ? undefined : { reason }
  return (await call<AdjustmentOut>('POST', `/api/stock-adjustments/${id}/${word}`, { body })).data
}

/** Set from which level on stock is low at one location; null goes back to the product's own. */
export async function setLevel(balance: BalanceOut, minStock: number | null): Promise<BalanceOut> {
  const path = `/api/stock/${balance.variant_id}/${balance.location_id}`
  return (await call<BalanceOut>('PUT', path, { body: { version: balance.version, min_stock: minStock } })).data
}

/** The reasons that can change stock by this much (thousandths; its sign counts). */
export function reasonsFor(changeMilli: number): readonly Reason[] {
  const never = changeMilli > 0 ? ONLY_LESS : ONLY_MORE
  return REASONS.filter((reason) => !never.includes(reason))
}

/** Stock after each of the newest movements, the oldest first, worked back from what stands now (plain numbers). */
export function levelsBack(movements: readonly MovementOut[], now: number): { at: string; level: number }[] {
  let level = Math.round(now * 1000)
  const back = movements.map((movement) => {
    const after = { at: movement.at, level: level / 1000 }
    level -= Math.round(movement.quantity * 1000)
    return after
  })
  return back.reverse()
}

/** The last level of each day on which something moved, the oldest first. */
export function byDay(levels: readonly { at: string; level: number }[]): { day: string; level: number }[] {
  return [...new Map(levels.map(({ at, level }) => [at.slice(0, 10), level]))].map(([day, level]) => ({ day, level }))
}
