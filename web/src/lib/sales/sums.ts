/** What a sale says in sums: taxes by rate, a correction worked out before it is sent, a return's worth. */
import type { CorrectIn, LineInInput as LineIn, LineOut, PaymentIn, SaleOut } from '$lib/api/generated'
import { bill, type Bill, type Tax } from '$lib/money/bill'
import { newId } from '$lib/uuid'

export interface TaxSum {
  code: string
  rateBp: number
  taxMinor: number
}

interface StoredTax extends Record<string, unknown> {
  code: string
  rate_bp: number
  parts: number
  amount: number
}

/** Sum a sale's taxes by code and rate, in the order in which they first appear. Minor units, basis points. */
export function taxSums(lines: readonly Pick<LineOut, 'taxes'>[]): TaxSum[] {
  const sums = new Map<string, TaxSum>()
  for (const tax of lines.flatMap(taxesOf)) {
    const key = `${tax.code}:${tax.rate_bp}`
    const sum = sums.get(key) ?? { code: tax.code, rateBp: tax.rate_bp, taxMinor: 0 }
    sums.set(key, { ...sum, taxMinor: sum.taxMinor + tax.amount })
  }
  return [...sums.values()]
}

function taxesOf(line: Pick<LineOut, 'taxes'>): StoredTax[] {
  return line.taxes as unknown as StoredTax[]
}

/** A line of a sale as it should have been. `quantityMilli` 0: it should not have been there. */
export interface CorrectedLine {
  line: LineOut
  quantityMilli: number
  priceMinor: number
}

/** Begin a correction from what stands. */
export function asItStands(sale: SaleOut): CorrectedLine[] {
  return sale.lines.map((line) => ({ line, quantityMilli: Math.round(line.quantity * 1000), priceMinor: line.price }))
}

/** Say whether a correction changes anything. */
export function isChanged(lines: readonly CorrectedLine[]): boolean {
  return lines.some(
    ({ line, quantityMilli, priceMinor }) => quantityMilli !== Math.round(line.quantity * 1000) || priceMinor !== line.price,
  )
}

/** Work a corrected sale out; null where no line is left. Throws BillRefused (a discount over its line). */
export function correctedBill(lines: readonly CorrectedLine[]): Bill | null {
  const kept = lines.filter((each) => each.quantityMilli > 0)
  if (kept.length === 0) return null
  const drafts = kept.map(({ line, quantityMilli, priceMinor }) => ({
    quantityMilli,
    unitPriceMinor: priceMinor,
    taxIncluded: line.tax_included,
    taxes: taxesOf(line).map((tax): Tax => ({ code: tax.code, rateBp: tax.rate_bp, parts: tax.parts === 2 ? 2 : 1 })),
    ...(line.line_discount ? { discount: { amountMinor: line.line_discount } } : {}),
  }))
  const cartDiscount = sum(kept.map(({ line }) => line.cart_discount))
  return bill(drafts, cartDiscount ? { discount: { amountMinor: cartDiscount } } : {})
}

/** Write the body of a correction: the new sale, and what is paid toward it by the methods that paid the old one. */
export function correctionBody(
  sale: SaleOut, lines: readonly CorrectedLine[], totalMinor: number, reason: string, sessionId: string | null,
): CorrectIn {
  const kept = lines.filter((each) => each.quantityMilli > 0)
  const cartDiscount = sum(kept.map(({ line }) => line.cart_discount))
  return {
    reason,
    ...(sessionId ? { register_session_id: sessionId } : {}),
    sale: {
      id: newId(),
      ...(sessionId ? { register_session_id: sessionId } : {}),
      ...(sale.customer_id ? { customer_id: sale.customer_id } : {}),
      ...(sale.place_of_supply ? { place_of_supply: sale.place_of_supply } : {}),
      lines: kept.map(lineBody),
      ...(cartDiscount ? { discount: { amount: cartDiscount } } : {}),
      payments: paidAgain(sale, totalMinor),
      ...(sale.owed > 0 ? { on_account: true } : {}),
      ...(sale.note ? { note: sale.note } : {}),
    },
  }
}

function lineBody({ line, quantityMilli, priceMinor }: CorrectedLine): LineIn {
  return {
    id: newId(),
    ...(line.variant_id ? { variant_id: line.variant_id } : {}),
    quantity: quantityMilli / 1000,
    price: priceMinor,
    tax_included: line.tax_included,
    ...(line.line_discount ? { discount: { amount: line.line_discount } } : {}),
  }
}

/** Pay the new total as the old one was paid; what it is dearer by goes to the first method. */
export function paidAgain(sale: Pick<SaleOut, 'payments' | 'paid' | 'owed'>, totalMinor: number): PaymentIn[] {
  const paid = new Map<string, number>()
  for (const { direction, method, amount } of sale.payments) {
    paid.set(method, (paid.get(method) ?? 0) + (direction === 'in' ? amount : -amount))
  }
  const methods = [...paid].filter(([, amount]) => amount > 0)
  // A sale on account stays on account: no more is paid toward it than was.
  let left = sale.owed > 0 ? Math.min(sale.paid, totalMinor) : totalMinor
  const payments = methods.map(([method, amount]) => {
    const share = Math.min(amount, left)
    left -= share
    return { id: newId(), method: method as PaymentIn['method'], amount: share }
  })
  const first = payments[0] ?? { id: newId(), method: 'cash' as const, amount: 0 }
  const rest = payments.slice(1)
  return [{ ...first, amount: first.amount + left }, ...rest].filter((payment) => payment.amount > 0)
}

/** About what a return is worth, minor units: each line's share of its total, halves away from zero. */
export function worthOf(lines: readonly LineOut[], backMilli: Readonly<Record<string, number>>): number {
  return sum(
    lines.map((line) => {
      const bought = Math.round(line.quantity * 1000)
      return bought === 0 ? 0 : Math.round((line.total * (backMilli[line.id] ?? 0)) / bought)
    }),
  )
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
