/** One sale and the steps of its life: paid, taken back, corrected, reviewed, locked. Each asks the server. */
import { call } from '$lib/api/client'
import type { CorrectIn, EntryOut, InvoiceListed, PaymentIn, SaleOut } from '$lib/api/generated'

/** The invoice and the notes of a sale, the newest first. */
export async function documentsOf(saleId: string): Promise<InvoiceListed[]> {
  return (await call<InvoiceListed[]>('GET', '/api/invoices', { query: { sale_id: saleId, limit: 100 } })).data
}

/** Who did what with a sale, the newest first. */
export async function changesOf(saleId: string): Promise<EntryOut[]> {
  const query = { entity: 'sale', entity_id: saleId, limit: 100 }
  return (await call<EntryOut[]>('GET', '/api/audit-logs', { query })).data
}

/** Take money toward a sale (amounts in minor units); paid in full, an incomplete one completes. `sessionId` names the
 * drawer it goes into. */
export async function payToward(
  sale: Pick<SaleOut, 'id'>, payments: PaymentIn[], sessionId: string | null,
): Promise<SaleOut> {
  const body = { payments, ...(sessionId ? { register_session_id: sessionId } : {}) }
  return (await call<SaleOut>('POST', `/api/sales/${sale.id}/payments`, { body })).data
}

/** Call off a sale that has no invoice; what was paid goes back. */
export async function cancelSale(id: string, reason: string): Promise<SaleOut> {
  return step(id, 'cancel', { reason })
}

/** Undo a completed sale by a credit note for all of it. */
export async function reverseSale(id: string, reason: string): Promise<SaleOut> {
  return step(id, 'reverse', { reason })
}

/** Do away with a sale: by credit note where it has an invoice. */
export async function voidSale(id: string, reason: string): Promise<SaleOut> {
  return (await call<SaleOut>('DELETE', `/api/sales/${id}`, { query: { reason } })).data
}

export async function approveSale(id: string): Promise<SaleOut> {
  return step(id, 'approve')
}

/** Reject a sale that waits for review: it is reversed. */
export async function rejectSale(id: string, reason: string): Promise<SaleOut> {
  return step(id, 'reject', { reason })
}

/** Lock a sale for good. */
export async function lockSale(id: string): Promise<SaleOut> {
  return step(id, 'lock')
}

/** Replace an invoiced sale by the one it should have been; gives the new sale. */
export async function correctSale(id: string, body: CorrectIn): Promise<SaleOut> {
  return (await call<SaleOut>('POST', `/api/sales/${id}/correct`, { body })).data
}

/** Put a walk-in's sale to a customer's name. */
export async function attachCustomer(id: string, customerId: string): Promise<void> {
  await call('POST', `/api/sales/${id}/customer`, { body: { customer_id: customerId } })
}

async function step(id: string, word: string, body?: unknown): Promise<SaleOut> {
  return (await call<SaleOut>('POST', `/api/sales/${id}/${word}`, { body })).data
}

export type Step = 'pay' | 'give_back' | 'correct' | 'cancel' | 'reverse' | 'approve' | 'reject' | 'lock'

/** What can be done with a sale that waits to be sent, or without a network. */
const WITHOUT_SERVER: readonly Step[] = ['pay', 'give_back']

/** Say which steps stand open to somebody who `may`, the likeliest first; without the server (`here`) those that this
 * device does itself. */
export function openSteps(sale: SaleOut, may: (permission: string) => boolean, here = false): Step[] {
  const incomplete = sale.state === 'incomplete'
  const completed = sale.state === 'completed'
  const free = completed && !sale.locked_at
  const left = sale.total + sale.debited - sale.credited
  const steps: [Step, boolean][] = [
    ['pay', (incomplete || sale.owed > 0) && may('payments:take')],
    ['approve', sale.review === 'submitted' && may('sales:approve')],
    ['give_back', completed && sale.invoice != null && left > 0 && may('invoices:correct')],
    ['correct', free && sale.invoice != null && may('sales:update')],
    ['lock', free && may('sales:lock')],
    ['reject', sale.review === 'submitted' && may('sales:approve')],
    ['cancel', incomplete && may('sales:update')],
    ['reverse', free && (may('sales:reverse') || may('sales:delete'))],
  ]
  return steps.filter(([name, open]) => open && (!here || WITHOUT_SERVER.includes(name))).map(([name]) => name)
}

/** What is still to be paid on a sale, minor units. */
export function dueMinor(sale: Pick<SaleOut, 'state' | 'total' | 'paid' | 'owed'>): number {
  return sale.state === 'incomplete' ? sale.total - sale.paid : sale.owed
}
