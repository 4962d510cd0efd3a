/** To give back: goods of a sale return, a credit note says so, money is paid back or less is owed. */
import { call } from '$lib/api/client'
import type { LineOut, NoteOut, SaleOut } from '$lib/api/generated'
import type { Local, LocalSale } from '$lib/local/types'
import { cashRounding, credited, sumUp, type Bill } from '$lib/money/bill'
import { buildCanonical, documentNumber } from '$lib/money/canonical'
import { newId } from '$lib/uuid'

import { issue } from './issue'
import { deskOf, issuedIn, type Counter, type Mine } from './sell'
import { billedOf, soldLineOf } from './shown'
import { inCashAlone, type Tender } from './tender'
import { creditBody, type BackLine } from './wire'

/** What earlier credit notes took back: by line (thousandths), and their sums. */
export interface Before {
  milli: Record<string, number>
  grossMinor: number
  totalMinor: number
}

/** A credit note of this device, kept with its sale so that the next one goes on from it. */
export interface MyNote {
  id: string
  number: string
  lines: BackLine[]
  grossMinor: number
  totalMinor: number
}

export interface Given {
  number: string
  totalMinor: number
  bill: Bill
  waits: boolean
}

/** The sale has to be delivered first: a credit note names its invoice by the id that the server gave it. */
export class NotDelivered extends Error {
  constructor() {
    super('This sale has not been delivered yet. It can be given back when the server has it.')
    this.name = 'NotDelivered'
  }
}

/** Other tills gave back parts of this sale: only the server knows how much is left. */
export class AskTheServer extends Error {
  constructor() {
    super('Parts of this sale came back at another till. Connect to the network to give back more.')
    this.name = 'AskTheServer'
  }
}

/** Say what this device knows of earlier credit notes of a sale; null when others gave some that it does not know. */
export function before(standing: LocalSale): Before | null {
  const notes = notesOf(standing)
  const totalMinor = notes.reduce((sum, note) => sum + note.totalMinor, 0)
  if (totalMinor !== (standing.sale?.credited ?? 0)) return null
  const milli: Record<string, number> = {}
  for (const line of notes.flatMap((note) => note.lines)) {
    milli[line.saleLineId] = (milli[line.saleLineId] ?? 0) + line.quantityMilli
  }
  return { milli, grossMinor: notes.reduce((sum, note) => sum + note.grossMinor, 0), totalMinor }
}

/**
 * Work out a credit note: each line's part, and the total rounded as what is credited by now is, less what was credited
 * before; the note that credits the last of the lines brings it to the sale's total exactly. Throws BillRefused.
 */
export function creditOf(sale: SaleOut, lines: BackLine[], earlier: Before, coinMinor: number): Bill {
  const taken: Record<string, number> = { ...earlier.milli }
  const parts = lines.map((wanted) => {
    const line = lineOf(sale, wanted.saleLineId)
    const already = taken[wanted.saleLineId] ?? 0
    taken[wanted.saleLineId] = already + wanted.quantityMilli
    return credited(billedOf(line), Math.round(line.quantity * 1000), already, wanted.quantityMilli)
  })
  const bill = sumUp(parts)
  const grossByNow = earlier.grossMinor + bill.netMinor + bill.taxMinor
  const whole = sale.net + sale.tax
  const rounded = grossByNow + cashRounding(grossByNow, coinMinor)
  const totalByNow = grossByNow < whole ? Math.max(earlier.totalMinor, Math.min(rounded, sale.total)) : sale.total
  const totalMinor = totalByNow - earlier.totalMinor
  return { ...bill, totalMinor, roundingMinor: totalMinor - bill.netMinor - bill.taxMinor }
}

/** Say how much of a credit note must be paid out at least, and may be at most; the rest makes less what is owed. */
export function refundLimits(sale: SaleOut, totalMinor: number): { leastMinor: number; mostMinor: number } {
  const owed = sale.total + sale.debited - sale.credited - sale.paid
  return { leastMinor: Math.max(0, totalMinor - owed), mostMinor: Math.min(sale.paid, totalMinor) }
}

/** Share what is paid back over the methods that it was paid by, in their order. */
export function sameMethods(sale: SaleOut, amountMinor: number): Tender[] {
  const net = new Map<Tender['method'], number>()
  for (const { direction, method, amount } of sale.payments) {
    const signed = direction === 'in' ? amount : -amount
    net.set(method as Tender['method'], (net.get(method as Tender['method']) ?? 0) + signed)
  }
  let left = amountMinor
  return [...net].flatMap(([method, paid]) => {
    const share = Math.min(left, paid)
    if (share <= 0) return []
    left -= share
    return [{ id: newId(), method, amountMinor: share }]
  })
}

/**
 * Give back lines of a sale, paid out by `method`, or as it was paid. Numbered by this till and good without a network,
 * where this device knows everything that was credited before; else the server numbers it.
 * Throws NotDelivered, AskTheServer, Refusal (nothing was used up), BillRefused, DeviceFull.
 */
export async function giveBack(
  at: Counter,
  standing: LocalSale,
  back: { lines: BackLine[]; reason: string; method?: Tender['method'] },
): Promise<Given> {
  const { sale } = standing
  if (!sale?.invoice?.id) throw new NotDelivered()
  const earlier = before(standing)
  if (!earlier) return atServer(at, sale, back)
  const coin = (method: boolean) => (method ? at.shop.cash_rounding_minor : 1)
  const methods = back.method ? [back.method] : sale.payments.map((payment) => payment.method)
  const bill = creditOf(sale, back.lines, earlier, coin(inCashAlone(methods)))
  const { leastMinor } = refundLimits(sale, bill.totalMinor)
  const refunds = refundsOf(sale, leastMinor, back.method)
  return numberedHere(at, standing, sale, { ...back, bill, refunds, paidBackMinor: leastMinor })
}

interface Worked {
  lines: BackLine[]
  reason: string
  bill: Bill
  refunds: Tender[]
  paidBackMinor: number
}

async function numberedHere(at: Counter, standing: LocalSale, sale: SaleOut, work: Worked): Promise<Given> {
  const [id, desk, original] = [newId(), deskOf(at), sale.invoice!.id]
  let number = ''
  const told = await issue<NoteOut>(at.local, {
    kind: 'credit_note',
    day: desk.day,
    canonical: () =>
      buildCanonical({
        kind: 'credit_note',
        saleId: sale.id,
        businessDate: desk.day,
        issuedAt: desk.madeAt,
        currency: sale.currency,
        lines: work.lines.map((line) => ({
          ...soldLineOf(lineOf(sale, line.saleLineId)),
          quantityMilli: line.quantityMilli,
        })),
        bill: work.bill,
        placeOfSupply: sale.place_of_supply,
        originalId: original,
      }),
    credential: null,
    ask: at.online,
    paper: (numbered) => {
      const invoice = issuedIn(numbered!, desk.madeAt)
      number = documentNumber(invoice.code, invoice.financial_year, invoice.counter)
      return {
        body: creditBody(id, desk, { lines: work.lines, reason: work.reason, refunds: work.refunds, invoice }),
        row: afterwards(standing, sale, work, { id, number }),
        item: { id, kind: 'return', path: `/api/invoices/${original}/credit-notes`, madeAt: desk.madeAt, label: number, after: sale.id },
      }
    },
    rowTold: () => null,
  })
  return { number, totalMinor: work.bill.totalMinor, bill: work.bill, waits: told === null }
}

/** The sale's row with the note on it. */
function afterwards(standing: LocalSale, sale: SaleOut, work: Worked, note: { id: string; number: string }): LocalSale {
  const { bill, lines, paidBackMinor } = work
  const mine: MyNote = { ...note, lines, grossMinor: bill.netMinor + bill.taxMinor, totalMinor: bill.totalMinor }
  const credited = sale.credited + bill.totalMinor
  const paid = sale.paid - paidBackMinor
  const now = { ...sale, credited, paid, owed: sale.total + sale.debited - credited - paid }
  return { ...standing, sale: now, mine: { ...(standing.mine as Mine | null), notes: [...notesOf(standing), mine] } }
}

/** Where other tills gave parts back, the server alone can say what is left: it works the note out and numbers it. */
async function atServer(at: Counter, sale: SaleOut, back: { lines: BackLine[]; reason: string }): Promise<Given> {
  if (!at.online) throw new AskTheServer()
  const body = {
    id: newId(),
    staff_id: at.seller.staffId,
    ...(at.drawer ? { register_session_id: at.drawer.sessionId } : {}),
    lines: back.lines.map((line) => ({ sale_line_id: line.saleLineId, quantity: line.quantityMilli / 1000, restock: line.restock })),
    reason: back.reason,
  }
  const { data } = await call<NoteOut>('POST', `/api/invoices/${sale.invoice!.id}/credit-notes`, { body })
  const bill = { ...sumUp([]), totalMinor: data.total, netMinor: data.net, taxMinor: data.tax, roundingMinor: data.rounding }
  return { number: data.number, totalMinor: data.total, bill, waits: false }
}

/** Find a sale by its number: on this device, else at the server. */
export async function saleByNumber(local: Local, number: string): Promise<LocalSale | null> {
  const wanted = number.trim().toUpperCase()
  const here = await local.db.getFromIndex('sales', 'number', wanted)
  if (here) return here
  const { data } = await call<{ id: string }[]>('GET', '/api/sales', { query: { number: wanted, limit: 1 } })
  return data[0] ? fetchSale(data[0].id) : null
}

/** Fetch a sale as this device would keep it. Throws Refusal and Unreachable. */
export async function fetchSale(id: string): Promise<LocalSale> {
  const { data: sale } = await call<SaleOut>('GET', `/api/sales/${id}`)
  const { number, business_date, made_at } = sale
  return { id, number, business_date, made_at, sale, mine: null, delivery: 'delivered' }
}

function refundsOf(sale: SaleOut, amountMinor: number, method: Tender['method'] | undefined): Tender[] {
  if (amountMinor === 0) return []
  return method ? [{ id: newId(), method, amountMinor }] : sameMethods(sale, amountMinor)
}

function notesOf(standing: LocalSale): MyNote[] {
  return (standing.mine as { notes?: MyNote[] } | null)?.notes ?? []
}

function lineOf(sale: SaleOut, id: string): LineOut {
  const line = sale.lines.find((each) => each.id === id)
  if (!line) throw new Error('Impossible: a line of another sale')
  return line
}
