/** To settle: money is paid toward a sale that stands; paid in full, an incomplete one gets its invoice. */
import type { SaleOut } from '$lib/api/generated'
import type { LocalSale } from '$lib/local/types'
import { buildCanonical } from '$lib/money/canonical'
import { newId } from '$lib/uuid'

import { issue } from './issue'
import { deskOf, invoiceIn, saleRow, toldRow, type Counter, type Mine, type Sold } from './sell'
import { billOfSale, shownInvoice, shownPayments, soldLineOf } from './shown'
import { count, type Tender } from './tender'
import { settleBody } from './wire'

/** Say what is to be paid on a sale by these methods, in minor units. */
export function dueOn(sale: SaleOut, methods: readonly string[], coinMinor: number): number {
  const total = sale.invoice ? sale.total : billOfSale(sale, methods, coinMinor).totalMinor
  return total + sale.debited - sale.credited - sale.paid
}

/**
 * Take money toward a sale. Online the server is asked, else it is recorded. What completes the sale gives it its number
 * and hash. Throws Refusal (nothing was used up), Overpaid, DeviceFull.
 */
export async function settle(at: Counter, standing: LocalSale, tenders: Tender[]): Promise<Sold> {
  const { sale } = standing
  if (!sale) throw new Error('Impossible: a sale that was never told of')
  const [desk, invoiceId] = [deskOf(at), newId()]
  const methods = tenders.map((tender) => tender.method)
  const bill = billOfSale(sale, methods, at.shop.cash_rounding_minor)
  const counted = count(tenders, dueOn(sale, methods, at.shop.cash_rounding_minor))
  const completes = sale.state === 'incomplete' && counted.leftMinor === 0
  const mine = mineOf(at, standing)
  let printed: SaleOut | null = null
  const told = await issue<SaleOut>(at.local, {
    kind: completes ? 'invoice' : null,
    day: desk.day,
    canonical: () =>
      buildCanonical({
        kind: 'invoice',
        saleId: sale.id,
        businessDate: desk.day,
        issuedAt: desk.madeAt,
        currency: sale.currency,
        lines: sale.lines.map(soldLineOf),
        bill,
        placeOfSupply: sale.place_of_supply,
      }),
    credential: null,
    ask: at.online,
    paper: (numbered) => {
      const invoice = numbered && invoiceIn(invoiceId, numbered, desk.madeAt)
      const paid = sale.paid + counted.paidMinor
      const incomplete = sale.state === 'incomplete'
      const total = incomplete ? bill.totalMinor : sale.total
      printed = {
        ...sale,
        ...(incomplete ? { rounding: bill.roundingMinor, total } : {}),
        ...(invoice ? completed(shownInvoice(invoice, total), desk.day) : {}),
        paid,
        owed: incomplete ? 0 : counted.leftMinor,
        change: sale.change + counted.changeMinor,
        payment_status: counted.leftMinor === 0 ? 'paid' : 'partly_paid',
        payments: [...sale.payments, ...shownPayments(tenders, counted, desk.madeAt)],
      }
      return {
        body: settleBody(desk, tenders, invoice),
        row: { ...standing, ...saleRow(printed, { ...mine, sale: printed }), delivery: standing.delivery },
        item: {
          id: newId(), kind: 'payment', path: `/api/sales/${sale.id}/payments`, madeAt: desk.madeAt,
          label: printed.number, after: sale.id,
        },
      }  // prettier-ignore
    },
    rowTold: (answer, verdict) => toldRow(answer, { ...mine, sale: answer }, verdict),
  })
  const shown = told ?? printed ?? sale
  return { sale: shown, mine: { ...mine, sale: shown }, waits: told === null }
}

function completed(invoice: NonNullable<SaleOut['invoice']>, day: string): Partial<SaleOut> {
  return { invoice, number: invoice.number, state: 'completed', business_date: day }
}

function mineOf(at: Counter, standing: LocalSale): Mine {
  const known = standing.mine as Partial<Mine> | null
  const buyer = standing.sale?.customer as Mine['customer'] | undefined
  const registerName = `${at.register.name} ${at.register.code}`
  return { cashier: at.seller.name, registerName, customer: buyer ?? null, sale: standing.sale!, ...known }
}
