/** What is sold often at this till, so that it is one tap away. */
import type { Local } from './types'

const SALES_LOOKED_AT = 300

/** Count how often items were sold lately, by their ids. */
export async function soldOften(local: Local): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  const index = local.db.transaction('sales').store.index('business_date')
  let cursor = await index.openCursor(null, 'prev')
  for (let seen = 0; cursor && seen < SALES_LOOKED_AT; seen += 1) {
    for (const line of cursor.value.sale?.lines ?? []) {
      if (line.variant_id) times.set(line.variant_id, (times.get(line.variant_id) ?? 0) + 1)
    }
    cursor = await cursor.continue()
  }
  return times
}
