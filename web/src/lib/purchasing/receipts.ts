/** Goods that come in: counted on the device, sent once. Minor units, thousandths. */
import { call } from '$lib/api/client'
import type { OrderOut, ReceiptIn, ReceiptLineIn, ReceiptListed, ReceiptOut } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'
import { askOrKeep, type Desk } from '$lib/local/paper'
import { fromMilli, toMilli } from '$lib/money/amounts'

import { namedOf } from './naming'
import type { Orderable } from './order-form'
import { worthMinor } from './sums'

export const REJECT_REASONS = ['damaged', 'wrong_item', 'expired', 'poor_quality', 'too_many', 'other'] as const
export type RejectReason = (typeof REJECT_REASONS)[number]

/** One kind of goods on the delivery, as far as it is counted. */
export interface CountLine {
  /** The line's own id, made on the device. */
  id: string
  /** The order's line that it belongs to; null where there is no order. */
  orderLineId: string | null
  variantId: string
  name: string
  sku: string
  unit: string
  /** What is still to come by the order; null where there is none. */
  awaitedMilli: number | null
  acceptedMilli: number | null
  rejectedMilli: number | null
  reason: RejectReason | ''
  /** Of one unit; null: the server takes the order's, else the supplier's last one. */
  priceMinor: number | null
  /** Of goods with serial numbers: one for each accepted piece, as `piecesIn` reads them. */
  pieces?: string[]
  /** Of goods with batches: the batch's number, and the last day on which it may be sold (`YYYY-MM-DD`). */
  batchNumber?: string
  lastDay?: string
}

export interface ReceiveForm {
  /** The receipt's id, made on the device: however often it is sent, it is received once. */
  id: string
  orderId: string
  supplierId: string
  supplierName: string
  locationId: string
  deliveryNote: string
  note: string
  freightMinor: number | null
  dutyMinor: number | null
  otherMinor: number | null
  lines: CountLine[]
}

const ONE_MILLI = 1000

export async function listReceipts(query: Query): Promise<Listed<ReceiptListed>> {
  return listed('/api/goods-receipts', query)
}

/** One receipt with its lines, and how much of each was billed or went back since. */
export async function readReceipt(id: string): Promise<ReceiptOut> {
  return (await call<ReceiptOut>('GET', `/api/goods-receipts/${id}`)).data
}

/** Receive goods; gives null for a receipt that waits on this device. The same body sent again receives nothing twice;
 * another body under its id is a conflict. `label` is what it is called while it waits. */
export async function receiveGoods(at: Desk, body: ReceiptIn & { id: string }, label: string): Promise<ReceiptOut | null> {
  return askOrKeep<ReceiptOut>(at, { id: body.id, kind: 'receipt', path: '/api/goods-receipts', body, label })
}

/** A count that nothing was counted for yet. */
export function blankReceive(id: string): ReceiveForm {
  return {
    id, orderId: '', supplierId: '', supplierName: '', locationId: '', deliveryNote: '', note: '', freightMinor: null,
    dutyMinor: null, otherMinor: null, lines: [],
  }  // prettier-ignore
}

/** A count of what an order still awaits. `lineId` makes the id of each line. */
export function receiveOf(order: OrderOut, id: string, lineId: () => string): ReceiveForm {
  const awaited = order.lines.filter((line) => line.outstanding > 0)
  return {
    ...blankReceive(id),
    orderId: order.id,
    supplierId: order.supplier_id,
    supplierName: order.supplier_name,
    locationId: order.location_id,
    lines: awaited.map((line) => ({
      id: lineId(), orderLineId: line.id, variantId: line.variant_id, name: line.variant_name, sku: line.sku,
      unit: line.unit, awaitedMilli: toMilli(line.outstanding), acceptedMilli: 0, rejectedMilli: null, reason: '',
      priceMinor: line.price ?? null,
    })),  // prettier-ignore
  }
}

/** Count one more of something. Gives null for what is not among the lines where only those of an order may come. */
export function withOneMore(form: ReceiveForm, item: Orderable, priceMinor: number | null, id: string): CountLine[] | null {
  const there = form.lines.filter((line) => line.variantId === item.id)
  // The order may have it on two lines: the first that is not full yet takes it.
  const grows = there.find((line) => (line.acceptedMilli ?? 0) < (line.awaitedMilli ?? Infinity)) ?? there.at(-1)
  if (grows) {
    const more = { ...grows, acceptedMilli: (grows.acceptedMilli ?? 0) + ONE_MILLI }
    return form.lines.map((line) => (line === grows ? more : line))
  }
  if (form.orderId) return null
  const line: CountLine = {
    id, orderLineId: null, variantId: item.id, name: item.name, sku: item.sku ?? '', unit: item.unit,
    awaitedMilli: null, acceptedMilli: ONE_MILLI, rejectedMilli: null, reason: '', priceMinor,
  }  // prettier-ignore
  return [line, ...form.lines]
}

/** Say that everything came as it was ordered. What was rejected already stays so. */
export function withAll(lines: readonly CountLine[]): CountLine[] {
  return lines.map((line) =>
    line.awaitedMilli === null ? line : { ...line, acceptedMilli: Math.max(0, line.awaitedMilli - (line.rejectedMilli ?? 0)) },
  )
}

/** How a line stands against the order, by what came of it, accepted or not. */
export function standingOf(line: CountLine): 'none' | 'short' | 'whole' | 'over' | 'free' {
  const came = (line.acceptedMilli ?? 0) + (line.rejectedMilli ?? 0)
  if (line.awaitedMilli === null) return 'free'
  if (came === 0) return 'none'
  if ((line.acceptedMilli ?? 0) > line.awaitedMilli) return 'over'
  return came < line.awaitedMilli ? 'short' : 'whole'
}

/** Leave with the supplier what is more than was ordered. */
export function withoutTooMany(line: CountLine): CountLine {
  const over = (line.acceptedMilli ?? 0) - (line.awaitedMilli ?? Infinity)
  if (over <= 0) return line
  const rejected = (line.rejectedMilli ?? 0) + over
  return { ...line, acceptedMilli: line.awaitedMilli, rejectedMilli: rejected, reason: line.reason || 'too_many' }
}

export interface ReceiveSums {
  acceptedMilli: number
  rejectedMilli: number
  /** Lines of which something came. */
  kinds: number
  /** What the accepted goods are worth; null where a price is not known. */
  goodsMinor: number | null
  /** What bringing them cost. */
  landedMinor: number
  totalMinor: number | null
}

/** What a count comes to. */
export function sumsOf(form: ReceiveForm): ReceiveSums {
  const came = form.lines.filter(isCounted)
  const add = (of: (line: CountLine) => number): number => came.reduce((sum, line) => sum + of(line), 0)
  const known = came.every((line) => line.priceMinor !== null || !line.acceptedMilli)
  const goodsMinor = known ? add((line) => worthMinor(line.acceptedMilli ?? 0, line.priceMinor ?? 0)) : null
  const landedMinor = (form.freightMinor ?? 0) + (form.dutyMinor ?? 0) + (form.otherMinor ?? 0)
  return {
    acceptedMilli: add((line) => line.acceptedMilli ?? 0),
    rejectedMilli: add((line) => line.rejectedMilli ?? 0),
    kinds: came.length,
    goodsMinor,
    landedMinor,
    totalMinor: goodsMinor === null ? null : goodsMinor + landedMinor,
  }
}

/** What keeps a count from being sent: no supplier, nothing counted, or costs that no accepted goods could bear. */
export function receiveProblem(form: ReceiveForm): 'supplier' | 'nothing' | 'nothing_to_land' | null {
  if (!form.orderId && !form.supplierId) return 'supplier'
  const { kinds, acceptedMilli, landedMinor } = sumsOf(form)
  if (kinds === 0) return 'nothing'
  return landedMinor > 0 && acceptedMilli === 0 ? 'nothing_to_land' : null
}

/** The body that receives what was counted. `priced`: whether the person may name prices and costs. */
export function newReceipt(form: ReceiveForm, priced: boolean): ReceiptIn & { id: string } {
  // The order may be gone by the time that a receipt is delivered: it says by itself from whom the goods came.
  const from = { ...(form.orderId ? { order_id: form.orderId } : {}), supplier_id: form.supplierId }
  const costs = { freight: form.freightMinor ?? 0, duty: form.dutyMinor ?? 0, other: form.otherMinor ?? 0 }
  return {
    id: form.id,
    ...from,
    ...(form.locationId ? { location_id: form.locationId } : {}),
    delivery_note: form.deliveryNote.trim(),
    note: form.note.trim(),
    ...(priced ? costs : {}),
    lines: form.lines.filter(isCounted).map((line) => lineBody(line, priced)),
  }
}

/** The place among a form's lines of one that was refused: refusals count the lines that were sent, or name the order's.
 * -1 where none is meant. */
export function placeOfRefused(form: ReceiveForm, named: unknown): number {
  if (typeof named === 'number') return form.lines.flatMap((line, place) => (isCounted(line) ? [place] : []))[named] ?? -1
  const { line, order_line_id: id } = (named ?? {}) as { line?: number; order_line_id?: string }
  if (line !== undefined) return placeOfRefused(form, line)
  return form.lines.findIndex((line) => line.orderLineId !== null && line.orderLineId === id)
}

function isCounted(line: CountLine): boolean {
  return (line.acceptedMilli ?? 0) + (line.rejectedMilli ?? 0) > 0
}

function lineBody(line: CountLine, priced: boolean): ReceiptLineIn {
  const rejected = line.rejectedMilli ?? 0
  return {
    id: line.id,
    ...(line.orderLineId ? { order_line_id: line.orderLineId } : {}),
    variant_id: line.variantId,
    accepted: fromMilli(line.acceptedMilli ?? 0),
    ...(rejected > 0 ? { rejected: fromMilli(rejected), reject_reason: line.reason || 'other' } : {}),
    ...(priced && line.priceMinor !== null ? { price: line.priceMinor } : {}),
    ...namedOf(line),
  }
}
