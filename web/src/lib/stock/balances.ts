/** A running balance of stock. */
import type { MovementOut } from '$lib/api/generated'
import { toMilli } from '$lib/money/amounts'

/** What stood after each movement, in thousandths by its id; `rows` the newest first, without a gap, of all places. */
export function balancesAfter(rows: readonly Pick<MovementOut, 'id' | 'quantity'>[], nowMilli: number): Map<string, number> {
  let level = nowMilli
  return new Map(
    rows.map((row) => {
      const after = level
      level -= toMilli(row.quantity)
      return [row.id, after]
    }),
  )
}
