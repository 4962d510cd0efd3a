/** A sale that was kept while its receipt was not shown yet, because the app ended in between: it is shown at the next start. */
import type { Local } from '$lib/local/types'

import type { Mine, Sold } from './sell'

const KEPT_AS = 'duka.till.selling'

/** Do a sale, noting that its receipt is still to be shown until it is done. */
export async function noted<T>(work: () => Promise<T>): Promise<T> {
  localStorage.setItem(KEPT_AS, new Date().toISOString())
  try {
    return await work()
  } finally {
    localStorage.removeItem(KEPT_AS)
  }
}

/** Give the sale that was kept but not shown when the app ended; null when there is none. */
export async function leftUnshown(local: Local): Promise<Sold | null> {
  const since = localStorage.getItem(KEPT_AS)
  localStorage.removeItem(KEPT_AS)
  if (!since) return null
  const all = await local.db.getAll('sales')
  const found = all.find((row) => row.mine !== null && row.sale !== null && row.made_at >= since)
  return found?.sale ? { sale: found.sale, mine: found.mine as Mine, waits: found.delivery !== 'delivered' } : null
}
