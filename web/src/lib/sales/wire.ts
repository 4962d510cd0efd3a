/** A sale, a payment and a credit note as a register sends them: the bodies of the public API, nothing else. */
import type { CreditLineIn, CreditNoteIn, DiscountIn, InvoiceIssuedIn, IssuedIn, LineInInput as LineIn, PaymentIn, SaleIn, SettleIn } from '$lib/api/generated'
import type { Discount, Tax } from '$lib/money/bill'

import type { Cart, CartLine } from './cart'
import type { Tender } from './tender'

/** Where and when a document is made. `staffId` is who sells. */
export interface Desk {
  registerId: string
  sessionId: string | null
  /** The business day, `2026-11-21`. */
  day: string
  staffId: string
  /** The device's clock, UTC with milliseconds. */
  madeAt: string
}

/** Write a sale's body. `taxes` are each line's, in the cart's order. */
export function saleBody(
  id: string,
  cart: Cart,
  desk: Desk,
  said: {
    taxes: Tax[][]
    tenders: Tender[]
    totalMinor: number
    onAccount: boolean
    place: string | null
    cashRoundingMinor: number
    note: string
  },
): SaleIn {
  const { customer } = cart
  return {
    id,
    schema: 1,
    ...atDesk(desk),
    made_at: desk.madeAt,
    ...(customer ? { customer_id: customer.id } : {}),
    ...(said.place ? { place_of_supply: said.place } : {}),
    lines: cart.lines.map((line, place) => lineBody(line, said.taxes[place] ?? [])),
    ...(cart.discount ? { discount: discountBody(cart.discount) } : {}),
    payments: said.tenders.map(paymentBody),
    ...(said.onAccount ? { on_account: true } : {}),
    total: said.totalMinor,
    cash_rounding: said.cashRoundingMinor,
    ...(said.note ? { note: said.note } : {}),
    ...(cart.lifted ? { approved_by: cart.lifted.staffId } : {}),
    // What was kept stays kept when something else is sold in the end.
    ...(cart.lines.some((line) => line.variantId === cart.kept?.variantId) ? { reserved_for: cart.kept!.id } : {}),
  }
}

/** Write the body of money paid toward a sale that stands. */
export function settleBody(desk: Desk, tenders: Tender[], invoice: InvoiceIssuedIn | null): SettleIn {
  return { ...atDesk(desk), payments: tenders.map(paymentBody), ...(invoice ? { invoice } : {}) }
}

export interface BackLine {
  saleLineId: string
  quantityMilli: number
  restock: 'stock' | 'damaged' | 'none'
  /** Of goods with serial numbers: which pieces come back, where not all do. */
  serials?: string[]
}

/** Write the body of a credit note. */
export function creditBody(
  id: string,
  desk: Desk,
  said: { lines: BackLine[]; reason: string; refunds: Tender[]; invoice: IssuedIn },
): Omit<CreditNoteIn, 'issued'> & { invoice: IssuedIn } {
  return {
    id,
    ...atDesk(desk),
    lines: said.lines.map(backLineBody),
    reason: said.reason,
    refunds: said.refunds.map(paymentBody),
    invoice: said.invoice,
  }
}

/** A credit note's line as the API writes it. */
export function backLineBody({ saleLineId, quantityMilli, restock, serials }: BackLine): CreditLineIn {
  return { sale_line_id: saleLineId, quantity: quantityMilli / 1000, restock, ...(serials?.length ? { serials } : {}) }
}

/** A discount as the API writes it. */
export function discountBody(discount: Discount): DiscountIn {
  return discount.bp === undefined ? { amount: discount.amountMinor ?? 0 } : { percent_bp: discount.bp }
}

/** A line as a cart that waits keeps it: without what is printed. */
export function plainLineBody(line: CartLine): LineIn {
  const what = line.variantId
    ? { variant_id: line.variantId }
    : { item: { name: line.name, tax_class_id: line.taxClassId, unit: line.unit, ...(line.hsn ? { hsn: line.hsn } : {}) } }
  return {
    id: line.id,
    ...what,
    quantity: line.quantityMilli / 1000,
    price: line.priceMinor,
    tax_included: line.taxIncluded,
    ...(line.discount ? { discount: discountBody(line.discount) } : {}),
    ...(line.serials?.length ? { serials: line.serials } : {}),
    ...(line.batch ? { batches: [{ number: line.batch }] } : {}),
  }
}

function lineBody(line: CartLine, taxes: Tax[]): LineIn {
  return {
    ...plainLineBody(line),
    printed: {
      name: line.name,
      unit: line.unit,
      ...(line.hsn ? { hsn: line.hsn } : {}),
      taxes: taxes.map((tax) => ({ code: tax.code, rate_bp: tax.rateBp, parts: tax.parts })),
    },
  }
}

function paymentBody(tender: Tender): PaymentIn {
  const { id, method, amountMinor, reference } = tender
  return { id, method, amount: amountMinor, ...(reference ? { reference } : {}) }
}

interface AtDesk {
  register_id: string
  register_session_id?: string
  business_date: string
  staff_id: string
}

function atDesk({ registerId, sessionId, day, staffId }: Desk): AtDesk {
  const drawer = sessionId ? { register_session_id: sessionId } : {}
  return { register_id: registerId, business_date: day, staff_id: staffId, ...drawer }
}
