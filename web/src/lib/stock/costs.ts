/** Closing the costs: what goods cost by business time, booked as differences. Amounts in minor units. */
import { call } from '$lib/api/client'
import type { CostClosingOut } from '$lib/api/generated'
import { listed } from '$lib/lists/listed'
import { newId } from '$lib/uuid'

const CLOSING_MS = 60_000
const ASK_AGAIN_MS = 1_000

/** The newest closing; null where costs were never closed. Throws Refusal, Unreachable. */
export async function lastClosing(): Promise<CostClosingOut | null> {
  return (await listed<CostClosingOut>('/api/stock/cost-closings', { limit: 1 })).rows[0] ?? null
}

/** Close the costs up to today, telling how far it is, and give the closing when it is through or `signal` ends the
 * waiting: the server goes on by itself. Throws Refusal (COSTS_BEING_CLOSED while another goes on), Unreachable. */
export async function closeCosts(told: (closing: CostClosingOut) => void, signal: AbortSignal): Promise<CostClosingOut> {
  const body = { id: newId() }
  let now = (await call<CostClosingOut>('POST', '/api/stock/cost-closings', { body, timeoutMs: CLOSING_MS })).data
  while (now.state === 'closing' && !signal.aborted) {
    told(now)
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS))
    now = (await call<CostClosingOut>('GET', `/api/stock/cost-closings/${now.id}`)).data
  }
  return now
}
