/** A sale as the server would show it, written here at the moment it is made. */
import type { InvoiceIssuedIn, LineOut, PaymentOut, SaleOut } from '$lib/api/generated'
import { cashRounding, sumUp, type Bill, type BilledLine } from '$lib/money/bill'
import { documentNumber, type SoldLine } from '$lib/money/canonical'
import { divideHalfUp, exact, plain } from '$lib/money/whole'

import type { Cart } from './cart'
import type { Counted, Tender } from './tender'
import { inCashAlone } from './tender'
import type { Desk } from './wire'

/** What is known of a sale when it is made here. `invoice` is its own or null; `number` is that of an incomplete one. */
export interface Made {
  id: string
  cart: Cart
  bill: Bill
  desk: Desk
  branchId: string
  currency: string
  place: string | null
  tenders: Tender[]
  counted: Counted
  invoice: InvoiceIssuedIn | null
  number: string
  dueOn: string | null
  note: string
}

/** Write a fresh sale as `GET /api/sales/{id}` will show it; what only the server knows is empty. */
export function shownSale(made: Made): SaleOut {
  const { cart, bill, desk, counted, invoice } = made
  return {
    id: made.id,
    number: made.number,
    state: invoice ? 'completed' : 'incomplete',
    payment_status: counted.leftMinor === 0 ? 'paid' : counted.paidMinor ? 'partly_paid' : 'unpaid',
    currency: made.currency,
    register_id: desk.registerId,
    register_session_id: desk.sessionId,
    branch_id: made.branchId,
    staff_id: desk.staffId,
    customer_id: cart.customer?.id ?? null,
    customer: cart.customer ? { name: cart.customer.name, phone: cart.customer.phone, tax_id: cart.customer.taxId } : null,
    place_of_supply: made.place,
    business_date: desk.day,
    made_at: desk.madeAt,
    received_at: desk.madeAt,
    lines: bill.lines.map((line, place) => shownLine(line, cart.lines[place]!, place)),
    subtotal: bill.subtotalMinor,
    discount: bill.discountMinor,
    net: bill.netMinor,
    tax: bill.taxMinor,
    rounding: bill.roundingMinor,
    total: bill.totalMinor,
    paid: counted.paidMinor,
    owed: invoice ? counted.leftMinor : 0,
    change: counted.changeMinor,
    due_on: made.dueOn,
    payments: shownPayments(made.tenders, counted, desk.madeAt),
    invoice: invoice ? shownInvoice(invoice, bill.totalMinor) : null,
    credited: 0,
    debited: 0,
    review: null,
    locked_at: null,
    note: made.note || null,
    external_ref: null,
    exceptions: [],
    version: 1,
  }
}

/** Write payments as the server shows them. `counted` is what of each counts. */
export function shownPayments(tenders: Tender[], counted: Counted, at: string): PaymentOut[] {
  return tenders.map((tender, place) => {
    const amount = counted.amounts[place]!
    const { id, method, amountMinor } = tender
    const change = amountMinor - amount
    return { id, direction: 'in', method, amount, tendered: amountMinor, change, reference: tender.reference ?? null, at }
  })
}

/** Write an invoice's link. */
export function shownInvoice(invoice: InvoiceIssuedIn, totalMinor: number): NonNullable<SaleOut['invoice']> {
  return {
    id: invoice.id ?? '',
    kind: 'invoice',
    number: documentNumber(invoice.code, invoice.financial_year, invoice.counter),
    total: totalMinor,
    issued_at: invoice.issued_at,
    previous_hash: invoice.previous_hash,
    hash: invoice.hash,
  }
}

/** Read a shown line back into the sums it came from. */
export function billedOf(line: LineOut): BilledLine {
  const gross = divideHalfUp(exact(line.price) * exact(Math.round(line.quantity * 1000)), 1000n)
  return {
    grossBeforeMinor: plain(gross),
    lineDiscountMinor: line.line_discount,
    cartDiscountMinor: line.cart_discount,
    netMinor: line.net,
    taxes: (line.taxes as unknown as ShownTax[]).map((tax) => ({
      code: tax.code,
      rateBp: tax.rate_bp,
      parts: tax.parts,
      amountMinor: tax.amount,
    })),
    taxMinor: line.tax,
    totalMinor: line.total,
  }
}

/** Read what of a shown line is hashed beside its sums. */
export function soldLineOf(line: LineOut): SoldLine {
  const { description, variant_id: variantId, hsn, price: unitPriceMinor, tax_included: taxIncluded } = line
  return { description, variantId, hsn, quantityMilli: Math.round(line.quantity * 1000), unitPriceMinor, taxIncluded }
}

/** What an incomplete sale comes to when it is paid by these methods beside those it was paid by before: cash alone is
 * rounded to `coinMinor`. */
export function billOfSale(sale: SaleOut, methods: readonly string[], coinMinor: number): Bill {
  const exactly = sumUp(sale.lines.map(billedOf))
  const all = [...sale.payments.map((payment) => payment.method), ...methods]
  const due = exactly.netMinor + exactly.taxMinor
  const roundingMinor = cashRounding(due, inCashAlone(all) ? coinMinor : 1)
  return { ...exactly, roundingMinor, totalMinor: due + roundingMinor }
}

interface ShownTax {
  code: string
  rate_bp: number
  parts: 1 | 2
  amount: number
}

function shownLine(line: BilledLine, sold: Cart['lines'][number], place: number): LineOut {
  return {
    id: sold.id,
    position: place + 1,
    variant_id: sold.variantId,
    description: sold.name,
    unit: sold.unit,
    hsn: sold.hsn,
    quantity: sold.quantityMilli / 1000,
    price: sold.priceMinor,
    tax_included: sold.taxIncluded,
    ...shownSums(line),
    ...(sold.serials?.length ? { serials: sold.serials } : {}),
    ...(sold.batch ? { batches: [{ number: sold.batch, quantity: null }] } : {}),
  }
}

/** Write what a line comes to as the server shows it. */
export function shownSums(line: BilledLine): Pick<LineOut, 'line_discount' | 'cart_discount' | 'net' | 'taxes' | 'tax' | 'total'> {
  return {
    line_discount: line.lineDiscountMinor,
    cart_discount: line.cartDiscountMinor,
    net: line.netMinor,
    taxes: line.taxes.map((tax) => ({ code: tax.code, rate_bp: tax.rateBp, parts: tax.parts, amount: tax.amountMinor })),
    tax: line.taxMinor,
    total: line.totalMinor,
  }
}
