/** What suppliers are owed: their bills matched to orders and receipts, payments, goods sent back. */
import { call } from '$lib/api/client'
import type {
  BillIn, BillListed, BillOut, OrderOut, ReceiptOut, ReturnIn, ReturnOut, SupplierPaymentIn, SupplierPaymentOut,
} from '$lib/api/generated'  // prettier-ignore
import { listed, type Listed, type Query } from '$lib/lists/listed'
import { fromMilli, toMilli } from '$lib/money/amounts'

import { readOrder } from './orders'
import { listReceipts, readReceipt } from './receipts'
import { worthMinor } from './sums'

export const METHODS = ['cash', 'mtn_momo', 'airtel_money', 'bank_transfer', 'card', 'upi', 'other'] as const
export type PayMethod = (typeof METHODS)[number]

/** Of so many receipts, the newest, it is looked up what is not billed yet. */
const RECEIPTS_MAX = 12

/** A line of a receipt beside what was ordered and what the supplier bills for it. Minor units, thousandths. */
export interface MatchLine {
  /** The bill line's own id, made on the device. */
  id: string
  receiptLineId: string
  receiptId: string
  receiptNumber: string
  name: string
  sku: string
  /** What was ordered, and at which price; null without an order. */
  orderedMilli: number | null
  orderedMinor: number | null
  acceptedMilli: number
  /** What came in, was kept and is not billed yet. */
  leftMilli: number
  /** The price at which it was received; null where it may not be seen. */
  receivedMinor: number | null
  /** What the bill says. */
  quantityMilli: number | null
  priceMinor: number | null
}

export interface BillForm {
  /** The bill's id: sent twice, it is entered once. */
  id: string
  number: string
  billedOn: string
  dueOn: string
  taxMinor: number | null
  chargesMinor: number | null
  note: string
  lines: MatchLine[]
}

export async function listBills(query: Query): Promise<Listed<BillListed>> {
  return listed('/api/supplier-bills', query)
}

export async function readBill(id: string): Promise<BillOut> {
  return (await call<BillOut>('GET', `/api/supplier-bills/${id}`)).data
}

/** Enter a supplier's invoice. Refused: `BILL_NUMBER_TAKEN`, `OVER_BILLED` and others. */
export async function enterBill(body: BillIn): Promise<BillOut> {
  return (await call<BillOut>('POST', '/api/supplier-bills', { body })).data
}

/** Pay toward what a supplier is owed; more only `in_advance`, else refused with `OVER_PAID`. */
export async function paySupplier(body: SupplierPaymentIn): Promise<SupplierPaymentOut> {
  return (await call<SupplierPaymentOut>('POST', '/api/supplier-payments', { body })).data
}

export async function readPayment(id: string): Promise<SupplierPaymentOut> {
  return (await call<SupplierPaymentOut>('GET', `/api/supplier-payments/${id}`)).data
}

/** Send goods back. Refused: `OVER_RETURNED`, `OUT_OF_STOCK` and others. */
export async function sendBack(body: ReturnIn): Promise<ReturnOut> {
  return (await call<ReturnOut>('POST', '/api/supplier-returns', { body })).data
}

export async function readReturn(id: string): Promise<ReturnOut> {
  return (await call<ReturnOut>('GET', `/api/supplier-returns/${id}`)).data
}

/** What of a supplier's newest receipts is not billed yet; with `of` only of that receipt or order. */
export async function unbilledOf(supplierId: string, of: { receiptId?: string; orderId?: string }, newId: () => string): Promise<MatchLine[]> {
  const ids = of.receiptId
    ? [of.receiptId]
    : (await listReceipts({ supplier_id: supplierId, order_id: of.orderId, limit: RECEIPTS_MAX })).rows.map((row) => row.id)
  const receipts = await Promise.all(ids.map(readReceipt))
  const orderIds = [...new Set(receipts.flatMap((receipt) => receipt.order_id ?? []))]
  const orders = await Promise.all(orderIds.map(readOrder))
  return receipts.flatMap((receipt) => matchLines(receipt, orders.find((order) => order.id === receipt.order_id), newId))
}

/** Put a receipt's lines that are not billed yet beside what was ordered. The bill is taken to say the same, until it is
 * typed otherwise. */
export function matchLines(receipt: ReceiptOut, order: OrderOut | undefined, newId: () => string): MatchLine[] {
  return receipt.lines.flatMap((line) => {
    const leftMilli = leftToBill(line)
    if (leftMilli === 0) return []
    const ordered = order?.lines.find((each) => each.id === line.order_line_id)
    return [{
      id: newId(), receiptLineId: line.id, receiptId: receipt.id, receiptNumber: receipt.number, name: line.variant_name,
      sku: line.sku, orderedMilli: ordered ? toMilli(ordered.quantity) : null, orderedMinor: ordered?.price ?? null,
      acceptedMilli: toMilli(line.accepted), leftMilli, receivedMinor: line.price ?? null, quantityMilli: leftMilli,
      priceMinor: line.price ?? null,
    }]  // prettier-ignore
  })
}

/** What of a receipt's line can still be billed. What goes back is taken from the unbilled first, so nothing is left where
 * more went back than that. */
export function leftToBill(line: { accepted: number; billed: number; returned: number }): number {
  return Math.max(0, toMilli(line.accepted) - toMilli(line.billed) - toMilli(line.returned))
}

/** What of a receipt's line can still go back. */
export function leftToReturn(line: { accepted: number; returned: number }): number {
  return Math.max(0, toMilli(line.accepted) - toMilli(line.returned))
}

export interface BillSums {
  netMinor: number
  totalMinor: number
  /** How much more (or less) the bill asks for the goods than they were received at; null where that may not be seen. */
  varianceMinor: number | null
  /** Lines whose price or quantity is not what came. */
  differing: number
}

/** What a bill comes to, and how it differs from what came. */
export function billSums(form: Pick<BillForm, 'lines' | 'taxMinor' | 'chargesMinor'>): BillSums {
  const named = form.lines.filter((line) => (line.quantityMilli ?? 0) > 0)
  const netMinor = named.reduce((sum, line) => sum + worthMinor(line.quantityMilli ?? 0, line.priceMinor ?? 0), 0)
  const known = named.every((line) => line.receivedMinor !== null)
  return {
    netMinor,
    totalMinor: netMinor + (form.taxMinor ?? 0) + (form.chargesMinor ?? 0),
    varianceMinor: known ? named.reduce((sum, line) => sum + lineVariance(line), 0) : null,
    differing: form.lines.filter((line) => lineVariance(line) !== 0 || line.quantityMilli !== line.leftMilli).length,
  }
}

/** How much more a line is billed than as much of it was received at. */
export function lineVariance(line: Pick<MatchLine, 'quantityMilli' | 'priceMinor' | 'receivedMinor'>): number {
  if (line.receivedMinor === null || line.priceMinor === null) return 0
  const quantity = line.quantityMilli ?? 0
  return worthMinor(quantity, line.priceMinor) - worthMinor(quantity, line.receivedMinor)
}

/** What keeps a bill from being sent. */
export function billProblem(form: BillForm): 'number' | 'nothing' | 'price' | 'too_much' | null {
  const named = form.lines.filter((line) => (line.quantityMilli ?? 0) > 0)
  if (named.length === 0 && !form.chargesMinor) return 'nothing'
  if (named.some((line) => line.priceMinor === null)) return 'price'
  if (named.some((line) => (line.quantityMilli ?? 0) > line.leftMilli)) return 'too_much'
  return form.number.trim() ? null : 'number'
}

/** The body that enters a bill. */
export function newBill(form: BillForm, supplierId: string): BillIn {
  const named = form.lines.filter((line) => (line.quantityMilli ?? 0) > 0)
  return {
    id: form.id,
    supplier_id: supplierId,
    supplier_number: form.number.trim(),
    ...(form.billedOn ? { billed_on: form.billedOn } : {}),
    ...(form.dueOn ? { due_on: form.dueOn } : {}),
    tax: form.taxMinor ?? 0,
    charges: form.chargesMinor ?? 0,
    note: form.note.trim(),
    lines: named.map((line) => ({
      id: line.id, receipt_line_id: line.receiptLineId, quantity: fromMilli(line.quantityMilli ?? 0), price: line.priceMinor ?? 0,
    })),  // prettier-ignore
  }
}
