/** To give back: goods of a sale return, a credit note says so, money is paid back or less is owed. */
import { call } from '$lib/api/client'
import type { LineOut, NoteOut, PaymentOut, SaleOut } from '$lib/api/generated'
import type { Local, LocalSale } from '$lib/local/types'
import { cashRounding, credited, sumUp, type Bill } from '$lib/money/bill'
import { buildCanonical, documentNumber } from '$lib/money/canonical'
import { newId } from '$lib/uuid'

import { notesOf, showSale, type MyNote } from './here'
import { issue } from './issue'
import { deskOf, issuedIn, type Counter, type Mine } from './sell'
import { billedOf, shownSums, soldLineOf } from './shown'
import { inCashAlone, type Tender } from './tender'
import { backLineBody, creditBody, type BackLine } from './wire'

/** What earlier credit notes took back: by line (thousandths), and their sums. */
export interface Before {
  milli: Record<string, number>
  grossMinor: number
  totalMinor: number
}

export interface Given {
  /** What is paid back, by which methods. */
  refunds: Pick<Tender, 'method' | 'amountMinor'>[]
  waits: boolean
  note: NotePaper
}

/** What a credit note says, as its paper shows it; the sale's lines with what of them came back. */
export interface NotePaper extends Pick<NoteOut, 'id' | 'number' | 'issued_at' | 'business_date' | 'reason' | 'rounding' | 'total'> {
  lines: LineOut[]
  hash: string
}

/** What comes back, and how: `method` pays all of it out, without one it goes back as it was paid. */
export interface Back {
  lines: BackLine[]
  reason: string
  method?: Tender['method'] | undefined
}

/** A credit note as it will be. */
export interface Planned {
  bill: Bill
  refunds: Tender[]
  paidBackMinor: number
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

/** Work out what a return comes to and by which methods money is paid back for it. What is paid out in cash alone is
 * rounded to `coinMinor`. Throws BillRefused for more of a line than is left. */
export function planBack(sale: SaleOut, earlier: Before, back: Omit<Back, 'reason'>, coinMinor: number): Planned {
  const exactly = planned(sale, earlier, back, 1)
  const inCash = inCashAlone(exactly.refunds.map((refund) => refund.method))
  return inCash ? planned(sale, earlier, { ...back, method: 'cash' }, coinMinor) : exactly
}

function planned(sale: SaleOut, earlier: Before, back: Omit<Back, 'reason'>, coinMinor: number): Planned {
  const bill = creditOf(sale, back.lines, earlier, coinMinor)
  const { leastMinor } = refundLimits(sale, bill.totalMinor)
  return { bill, refunds: refundsOf(sale, leastMinor, back.method), paidBackMinor: leastMinor }
}

/**
 * Give back lines of a sale, paid out by `method`, or as it was paid. Numbered by this till and good without a network,
 * where this device knows everything that was credited before; else the server numbers it.
 * Throws NotDelivered, AskTheServer, Refusal (nothing was used up), BillRefused, DeviceFull.
 */
export async function giveBack(at: Counter, standing: LocalSale, back: Back): Promise<Given> {
  const { sale } = standing
  if (!sale?.invoice?.id) throw new NotDelivered()
  const earlier = before(standing)
  if (earlier) return numberedHere(at, standing, sale, { ...back, ...planBack(sale, earlier, back, at.shop.cash_rounding_minor) })
  if (!at.online) throw new AskTheServer()
  return giveBackAtServer(sale, back, { staffId: at.seller.staffId, sessionId: at.drawer?.sessionId ?? null })
}

type Worked = Back & Planned

async function numberedHere(at: Counter, standing: LocalSale, sale: SaleOut, work: Worked): Promise<Given> {
  const [id, desk, original] = [newId(), deskOf(at), sale.invoice!.id]
  let note: NotePaper | null = null
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
      const number = documentNumber(invoice.code, invoice.financial_year, invoice.counter)
      note = paperOf(sale, work, { id, number, issued_at: desk.madeAt, business_date: desk.day, hash: invoice.hash })
      return {
        body: creditBody(id, desk, { lines: work.lines, reason: work.reason, refunds: work.refunds, invoice }),
        row: afterwards(standing, sale, work, { id, number, at: desk.madeAt }),
        item: { id, kind: 'return', path: `/api/invoices/${original}/credit-notes`, madeAt: desk.madeAt, label: number, after: sale.id },
      }
    },
    rowTold: () => null,
  })
  return { refunds: work.refunds, waits: told === null, note: note! }
}

function paperOf(
  sale: SaleOut, { bill, lines, reason }: Worked, is: Pick<NotePaper, 'id' | 'number' | 'issued_at' | 'business_date' | 'hash'>,
): NotePaper {
  const back = bill.lines.map((line, place) => {
    return { ...cameBack(lineOf(sale, lines[place]!.saleLineId), lines[place]!), ...shownSums(line) }
  })
  return { ...is, reason, lines: back, rounding: bill.roundingMinor, total: bill.totalMinor }
}

/** A sold line as a note's paper shows it: of numbered pieces those that came back. */
function cameBack(sold: LineOut, { quantityMilli, serials }: Pick<BackLine, 'quantityMilli' | 'serials'>): LineOut {
  const { serials: all, ...line } = sold
  const named = serials ?? (quantityMilli === Math.round(sold.quantity * 1000) ? all : undefined)
  return { ...line, quantity: quantityMilli / 1000, ...(named ? { serials: named } : {}) }
}

/** The sale's row with the note on it. */
function afterwards(
  standing: LocalSale, sale: SaleOut, work: Worked, note: { id: string; number: string; at: string },
): LocalSale {
  const { bill, lines, paidBackMinor } = work
  const { id, number } = note
  const mine: MyNote = { id, number, lines, grossMinor: bill.netMinor + bill.taxMinor, totalMinor: bill.totalMinor }
  const credited = sale.credited + bill.totalMinor
  const paid = sale.paid - paidBackMinor
  const payments = [...sale.payments, ...work.refunds.map((refund) => paidOut(refund, note.at))]
  const now = { ...sale, credited, paid, payments, owed: sale.total + sale.debited - credited - paid }
  return { ...standing, sale: now, mine: { ...(standing.mine as Mine | null), notes: [...notesOf(standing), mine] } }
}

function paidOut({ id, method, amountMinor: amount }: Tender, at: string): PaymentOut {
  return { id, direction: 'out', method, amount, tendered: amount, change: 0, reference: null, at }
}

/**
 * Have the server work a return out and number it: where other tills gave parts back it alone knows what is left, and a
 * device that is no till has no numbers. `refunds` says what is paid out; left out, as it was paid. Throws Refusal,
 * Unreachable.
 */
export async function giveBackAtServer(
  sale: SaleOut, back: Back, by: { staffId: string; sessionId: string | null }, refunds?: Tender[],
): Promise<Given> {
  const body = {
    id: newId(),
    staff_id: by.staffId,
    ...(by.sessionId ? { register_session_id: by.sessionId } : {}),
    lines: back.lines.map(backLineBody),
    reason: back.reason,
    ...(refunds ? { refunds: refunds.map(({ id, method, amountMinor: amount }) => ({ id, method, amount })) } : {}),
  }
  const { data } = await call<NoteOut>('POST', `/api/invoices/${sale.invoice!.id}/credit-notes`, { body })
  const asked = (id: string, quantity: number): Pick<BackLine, 'quantityMilli' | 'serials'> => {
    const serials = back.lines.find((line) => line.saleLineId === id)?.serials
    return { quantityMilli: Math.round(quantity * 1000), ...(serials ? { serials } : {}) }
  }
  const paid = data.refunds.map(({ method, amount }) => ({ method: method as Tender['method'], amountMinor: amount }))
  const lines = data.lines.flatMap(({ sale_line_id, quantity, net, taxes, tax, total }) =>
    sale_line_id ? [{ ...cameBack(lineOf(sale, sale_line_id), asked(sale_line_id, quantity)), net, taxes, tax, total }] : [],
  )
  return { refunds: paid, waits: false, note: { ...data, lines } }
}

/** Find a sale by its number: on this device, else at the server. Throws Unreachable. */
export async function saleByNumber(local: Local, number: string): Promise<LocalSale | null> {
  const wanted = number.trim().toUpperCase()
  const here = await local.db.getFromIndex('sales', 'number', wanted)
  if (here) return here
  const { data } = await call<{ id: string }[]>('GET', '/api/sales', { query: { number: wanted, limit: 1 } })
  return data[0] ? (await showSale(local, data[0].id)).row : null
}

function refundsOf(sale: SaleOut, amountMinor: number, method: Tender['method'] | undefined): Tender[] {
  if (amountMinor === 0) return []
  return method ? [{ id: newId(), method, amountMinor }] : sameMethods(sale, amountMinor)
}

function lineOf(sale: SaleOut, id: string): LineOut {
  const line = sale.lines.find((each) => each.id === id)
  if (!line) throw new Error('Impossible: a line of another sale')
  return line
}
