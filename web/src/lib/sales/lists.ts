/** Sales and their documents in lists: what was sold, what was issued, what waits to be paid. */
import type { InvoiceListed, SaleListed } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'

/** Sales as far as the role reaches. `query` has the names of `GET /api/sales`. Throws Refusal, Unreachable. */
export async function listSales(query: Query): Promise<Listed<SaleListed>> {
  return listed<SaleListed>('/api/sales', query)
}

/** Invoices, credit and debit notes. Throws Refusal, Unreachable. */
export async function listInvoices(query: Query): Promise<Listed<InvoiceListed>> {
  return listed<InvoiceListed>('/api/invoices', query)
}

export const STATES = ['incomplete', 'completed', 'cancelled', 'reversed'] as const
export const METHODS = ['cash', 'mtn_momo', 'airtel_money', 'card', 'bank_transfer', 'upi', 'other'] as const
export const REVIEWS = ['submitted', 'approved', 'rejected'] as const

/** How loud a state is drawn. */
export type Tone = 'plain' | 'good' | 'warning' | 'bad' | 'info'

const STATE_TONES: Record<string, Tone> = { incomplete: 'warning', completed: 'good', cancelled: 'plain', reversed: 'bad' }
const PAYMENT_TONES: Record<string, Tone> = { unpaid: 'warning', partly_paid: 'warning', paid: 'good', overdue: 'bad' }

/** Say in one word how a sale stands: its state, or for a completed one what is owed on it. */
export function standing(sale: Pick<SaleListed, 'state' | 'payment_status' | 'owed'>): { key: string; tone: Tone } {
  if (sale.state === 'completed' && sale.owed > 0) {
    return { key: `sales.payment.${sale.payment_status}`, tone: PAYMENT_TONES[sale.payment_status] ?? 'plain' }
  }
  return { key: `sales.state.${sale.state}`, tone: STATE_TONES[sale.state] ?? 'plain' }
}
