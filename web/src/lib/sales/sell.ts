/** To sell: the most important thing the till does. */
import type { InvoiceIssuedIn, IssuedIn, SaleOut } from '$lib/api/generated'
import type { BranchRow, Drawer, Local, LocalSale, MyRegister } from '$lib/local/types'
import { buildCanonical, type SoldLine } from '$lib/money/canonical'
import type { Bill } from '$lib/money/bill'
import { newId } from '$lib/uuid'

import { billOf, placeOfSupply, taxesOf, type Cart, type CartLine, type Pricing } from './cart'
import { issue, type Numbered } from './issue'
import type { Letterhead } from './receipt'
import { shownSale } from './shown'
import { count, inCashAlone, type Counted, type Tender } from './tender'
import { saleBody, type Desk } from './wire'

/** Where a sale is made, and by whom. */
export interface Counter {
  local: Local
  register: MyRegister
  drawer: Drawer | null
  shop: Letterhead
  branch: BranchRow | null
  seller: { staffId: string; name: string }
  pricing: Pricing
  online: boolean
}

/** What was printed beside the sale itself. */
export interface Mine {
  cashier: string
  registerName: string
  customer: { name: string | null; phone: string | null; tax_id: string | null } | null
  sale: SaleOut
}

export interface Sold {
  sale: SaleOut
  mine: Mine
  /** It is kept here and waits to be delivered. */
  waits: boolean
}

/** Selling on account is not possible: `reason` is `customer` (name a registered one), `policy` or `limit`. */
export class NotOnAccount extends Error {
  readonly reason: 'customer' | 'policy' | 'limit'

  constructor(reason: 'customer' | 'policy' | 'limit') {
    super('This sale cannot be put on account.')
    this.name = 'NotOnAccount'
    this.reason = reason
  }
}

/** Say where and when a document is made now. */
export function deskOf(at: Pick<Counter, 'register' | 'drawer' | 'pricing' | 'seller'>, now = new Date()): Desk {
  return {
    registerId: at.register.id,
    sessionId: at.drawer?.sessionId ?? null,
    day: at.pricing.day,
    staffId: at.seller.staffId,
    madeAt: now.toISOString(),
  }
}

/** Say why the rest of a sale cannot be put on account; null when it can. */
export function accountFault(at: Pick<Counter, 'shop'>, cart: Cart, owedMinor: number): NotOnAccount['reason'] | null {
  if (at.shop.payment_policy !== 'on_account') return 'policy'
  if (!cart.customer) return 'customer'
  return cart.customer.owedMinor + owedMinor > cart.customer.creditLimitMinor ? 'limit' : null
}

/**
 * Sell the cart. Paid in full or on account it is complete with its invoice, else it is stored as incomplete.
 *
 * Online the server is asked, for at most two seconds; without an answer the sale stands, on this device and later at the
 * server. Throws Refusal with the server's right figures (nothing was used up), NotOnAccount, Overpaid, BillRefused,
 * DeviceFull.
 */
export async function sell(
  at: Counter,
  cart: Cart,
  tenders: Tender[],
  options: { onAccount?: boolean } = {},
): Promise<Sold> {
  const made = workOut(at, cart, tenders, options.onAccount ?? false)
  let printed: Mine | null = null
  const told = await issue<SaleOut>(at.local, {
    kind: made.completes ? 'invoice' : 'incomplete',
    day: made.desk.day,
    canonical: () => canonicalOf(made),
    credential: at.register.credential,
    // What a supervisor allowed on the spot is more than the seller's role may: the till itself says who it was.
    ask: at.online && cart.lifted === null,
    sellsCart: true,
    paper: (numbered, plainNumber) => {
      const invoice = numbered && invoiceIn(made.invoiceId, numbered, made.desk.madeAt)
      const sale = shownOf(made, invoice, plainNumber)
      printed = mineOf(at, cart, sale)
      const body = { ...made.body, ...(invoice ? { invoice } : { number: plainNumber }) }
      const item = { id: made.id, kind: 'sale', path: '/api/sales', madeAt: made.desk.madeAt, label: sale.number } as const
      return { body, item, row: saleRow(sale, printed) }
    },
    rowTold: (sale, verdict) => toldRow(sale, printed, verdict),
  })
  if (!printed) throw new Error('Impossible: a sale without its paper')
  const mine: Mine = printed
  return { sale: told ?? mine.sale, mine, waits: told === null }
}

/** Write an invoice's id, number and link as it is sent. The id is made here: a credit note may name it at once. */
export function invoiceIn(id: string, numbered: Numbered, issuedAt: string): InvoiceIssuedIn {
  return { id, ...issuedIn(numbered, issuedAt) }
}

/** Write a document's number and link as it is sent. */
export function issuedIn({ number, hash }: Numbered, issuedAt: string): IssuedIn {
  const { code, financialYear: financial_year, counter, previousHash: previous_hash } = number
  return { code, financial_year, counter, previous_hash, hash, issued_at: issuedAt }
}

/** The row of a sale that is made here and waits to be delivered. */
export function saleRow(sale: SaleOut, mine: Mine | null): LocalSale {
  const { id, number, business_date, made_at } = sale
  return { id, number, business_date, made_at, sale, mine, delivery: 'waiting' }
}

/** The row of a sale as the server answered it, beside what was printed here. */
export function toldRow(sale: SaleOut, mine: Mine | null, verdict: string | null): LocalSale {
  return { ...saleRow(sale, mine), delivery: 'delivered', verdict }
}

interface WorkedOut {
  id: string
  invoiceId: string
  cart: Cart
  desk: Desk
  bill: Bill
  counted: Counted
  completes: boolean
  tenders: Tender[]
  at: Counter
  dueOn: string | null
  note: string
  place: string | null
  body: ReturnType<typeof saleBody>
}

function workOut(at: Counter, given: Cart, tenders: Tender[], onAccount: boolean): WorkedOut {
  // Two tills without a network may have taken up the same waiting cart: what each sells has ids of its own.
  const cart = { ...given, lines: given.lines.map((line) => ({ ...line, id: newId() })) }
  const bill = billOf(cart, at.pricing, inCashAlone(tenders.map((tender) => tender.method)))
  const counted = count(tenders, bill.totalMinor)
  const owes = counted.leftMinor > 0 && onAccount
  const fault = owes ? accountFault(at, cart, counted.leftMinor) : null
  if (fault) throw new NotOnAccount(fault)
  const [id, invoiceId, desk, place] = [newId(), newId(), deskOf(at), placeOfSupply(cart, at.pricing.settings)]
  const body = saleBody(id, cart, desk, {
    taxes: cart.lines.map((line) => taxesOf(line, cart, at.pricing)),
    tenders,
    totalMinor: bill.totalMinor,
    onAccount: owes,
    place,
    cashRoundingMinor: at.shop.cash_rounding_minor,
    note: cart.note,
  })
  const completes = counted.leftMinor === 0 || owes
  const dueOn = owes ? dayAfter(desk.day, at.shop.credit_days) : null
  return { id, invoiceId, cart, desk, bill, counted, completes, tenders, at, dueOn, note: cart.note, place, body }
}

function canonicalOf(made: WorkedOut): Uint8Array {
  return buildCanonical({
    kind: 'invoice',
    saleId: made.id,
    businessDate: made.desk.day,
    issuedAt: made.desk.madeAt,
    currency: made.at.shop.currency,
    lines: made.cart.lines.map(soldLine),
    bill: made.bill,
    placeOfSupply: made.place,
  })
}

function soldLine(line: CartLine): SoldLine {
  const { name: description, variantId, hsn, quantityMilli, priceMinor: unitPriceMinor, taxIncluded } = line
  return { description, variantId, hsn, quantityMilli, unitPriceMinor, taxIncluded }
}

function shownOf(made: WorkedOut, invoice: InvoiceIssuedIn | null, number: string): SaleOut {
  const { at, ...rest } = made
  const shown = shownSale({ ...rest, branchId: at.register.branchId, currency: at.shop.currency, invoice, number })
  return shown.invoice ? { ...shown, number: shown.invoice.number } : shown
}

function mineOf(at: Counter, cart: Cart, sale: SaleOut): Mine {
  const buyer = cart.customer
  const customer = buyer ? { name: buyer.name, phone: buyer.phone, tax_id: buyer.taxId } : null
  return { cashier: at.seller.name, registerName: `${at.register.name} ${at.register.code}`, customer, sale }
}

function dayAfter(day: string, days: number): string {
  const moment = new Date(`${day}T00:00:00Z`)
  moment.setUTCDate(moment.getUTCDate() + days)
  return moment.toISOString().slice(0, 10)
}
