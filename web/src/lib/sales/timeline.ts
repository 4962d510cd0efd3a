/** What became of a sale, told in the order it happened. */
import type { EntryOut, InvoiceListed, SaleOut } from '$lib/api/generated'

export interface Happening {
  /** ISO moment. */
  at: string
  /** Names the words and the icon: `sales.happened.<what>`. */
  what: 'made' | 'arrived' | 'paid' | 'paid_back' | 'invoice' | 'credit_note' | 'debit_note' | 'locked' | 'changed'
  amountMinor?: number
  method?: string
  number?: string
  /** Where the document is read; set for other documents than the sale's own invoice. */
  documentId?: string
  action?: string
  who?: string | null
  reason?: string | null
}

const LATE_MS = 5 * 60_000
// What the documents tell better than the audit trail does.
const TOLD = new Set(['sell', 'settle', 'pay', 'complete', 'credit', 'charge', 'lock'])

/** Gather a sale's history, the oldest first. `entries` is the audit trail, where one may read it. */
export function timelineOf(sale: SaleOut, documents: InvoiceListed[], entries: EntryOut[]): Happening[] {
  const happened: Happening[] = [{ at: sale.made_at, what: 'made', number: sale.number, who: nameIn(entries, 'sell') }]
  if (Date.parse(sale.received_at) - Date.parse(sale.made_at) > LATE_MS) {
    happened.push({ at: sale.received_at, what: 'arrived' })
  }
  for (const payment of sale.payments) {
    const what = payment.direction === 'in' ? 'paid' : 'paid_back'
    happened.push({ at: payment.at, what, amountMinor: payment.amount, method: payment.method })
  }
  for (const paper of documents) {
    const { id, kind, number, total, reason, issued_at: at } = paper
    happened.push({ at, what: kind, number, amountMinor: total, reason, documentId: id })
  }
  if (sale.locked_at) happened.push({ at: sale.locked_at, what: 'locked', who: nameIn(entries, 'lock') })
  for (const entry of entries.filter((each) => !TOLD.has(each.action))) {
    happened.push({ at: entry.at, what: 'changed', action: entry.action, who: entry.staff_name, reason: entry.reason })
  }
  return happened
    .map((each, place) => ({ each, place, moment: Date.parse(each.at) }))
    .sort((one, other) => one.moment - other.moment || one.place - other.place)
    .map(({ each }) => each)
}

function nameIn(entries: EntryOut[], action: string): string | null {
  return entries.find((entry) => entry.action === action)?.staff_name ?? null
}
