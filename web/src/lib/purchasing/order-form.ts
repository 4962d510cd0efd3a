/** An order's form: what is wanted of whom, what it comes to, and what of it is sent. Minor units, thousandths. */
import type { ItemOut, OrderEdit, OrderIn, OrderLineIn, OrderOut } from '$lib/api/generated'
import { fromMilli, toMilli } from '$lib/money/amounts'

import { worthMinor } from './sums'

export interface WantedLine {
  /** The line's own id, made on the device. */
  id: string
  variantId: string
  name: string
  sku: string
  unit: string
  quantityMilli: number | null
  /** Null: the server takes the supplier's last price. */
  priceMinor: number | null
  /** What was last paid to this supplier, and when; null while not known. */
  lastPriceMinor: number | null
  lastPriceOn: string | null
  /** How many come in a pack; 1000 is one by one. */
  packMilli: number
  supplierCode: string
}

export interface OrderForm {
  /** The order's id: sent twice, it is asked for once. */
  id: string
  supplierId: string
  supplierName: string
  locationId: string
  expectedOn: string
  note: string
  lines: WantedLine[]
}

/** Something that can be ordered, as the catalogue or the supplier's list knows it. */
export interface Orderable {
  id: string
  name: string
  sku: string | null
  unit: string
}

const ONE_MILLI = 1000

/** An empty form. */
export function blankOrder(id: string): OrderForm {
  return { id, supplierId: '', supplierName: '', locationId: '', expectedOn: '', note: '', lines: [] }
}

/** The form of an order as it stands. */
export function orderForm(order: OrderOut): OrderForm {
  return {
    id: order.id,
    supplierId: order.supplier_id,
    supplierName: order.supplier_name,
    locationId: order.location_id,
    expectedOn: order.expected_on ?? '',
    note: order.note,
    lines: order.lines.map((line) => ({
      id: line.id,
      variantId: line.variant_id,
      name: line.variant_name,
      sku: line.sku,
      unit: line.unit,
      quantityMilli: toMilli(line.quantity),
      priceMinor: line.price ?? null,
      lastPriceMinor: line.last_price ?? null,
      lastPriceOn: line.last_price_on,
      packMilli: ONE_MILLI,
      supplierCode: line.supplier_code ?? '',
    })),
  }
}

/** Put one more of something on the order: a pack of it, as the supplier packs it. What is there already grows. */
export function withItem(lines: readonly WantedLine[], item: Orderable, known: ItemOut | undefined, id: string): WantedLine[] {
  const there = lines.find((line) => line.variantId === item.id)
  if (there) {
    const more = (there.quantityMilli ?? 0) + there.packMilli
    return lines.map((line) => (line === there ? { ...line, quantityMilli: more } : line))
  }
  const line: WantedLine = {
    id, variantId: item.id, name: item.name, sku: item.sku ?? '', unit: item.unit, quantityMilli: ONE_MILLI,
    priceMinor: null, lastPriceMinor: null, lastPriceOn: null, packMilli: ONE_MILLI, supplierCode: '',
  }  // prettier-ignore
  const [priced] = withPrices([line], known ? [known] : [])
  return [...lines, { ...priced!, quantityMilli: priced!.packMilli }]
}

/** Fill in what a supplier asked last for each line, its code and its pack. A price that was typed stays. */
export function withPrices(lines: readonly WantedLine[], items: readonly ItemOut[]): WantedLine[] {
  const byVariant = new Map(items.map((item) => [item.variant_id, item]))
  return lines.map((line) => {
    const item = byVariant.get(line.variantId)
    const lastMinor = item?.price ?? null
    const typed = line.priceMinor !== null && line.priceMinor !== line.lastPriceMinor
    return {
      ...line,
      priceMinor: typed ? line.priceMinor : lastMinor,
      lastPriceMinor: lastMinor,
      lastPriceOn: item?.priced_on ?? null,
      packMilli: item ? toMilli(item.pack_size) : ONE_MILLI,
      supplierCode: item?.supplier_code ?? '',
    }
  })
}

/** How a line's price differs from the last one paid, in basis points; null where one of them is not known. */
export function risenBp(line: Pick<WantedLine, 'priceMinor' | 'lastPriceMinor'>): number | null {
  if (line.priceMinor === null || !line.lastPriceMinor) return null
  return Math.round(((line.priceMinor - line.lastPriceMinor) * 10_000) / line.lastPriceMinor)
}

/** What an order comes to without tax; null where a price is not known yet. */
export function totalOf(lines: readonly Pick<WantedLine, 'quantityMilli' | 'priceMinor'>[]): number | null {
  if (lines.some((line) => line.priceMinor === null)) return null
  return lines.reduce((sum, line) => sum + worthMinor(line.quantityMilli ?? 0, line.priceMinor ?? 0), 0)
}

/** What keeps a form from being sent: nobody to order from, nothing to order, a line without a quantity. */
export function orderProblem(form: OrderForm): 'supplier' | 'lines' | 'quantity' | null {
  if (!form.supplierId) return 'supplier'
  if (form.lines.length === 0) return 'lines'
  return form.lines.some((line) => !line.quantityMilli) ? 'quantity' : null
}

/** The body that asks for goods. `priced`: whether the person may name prices. */
export function newOrder(form: OrderForm, priced: boolean): OrderIn {
  const place = form.locationId ? { location_id: form.locationId } : {}
  const day = form.expectedOn ? { expected_on: form.expectedOn } : {}
  return { id: form.id, supplier_id: form.supplierId, ...place, ...day, note: form.note.trim(), lines: linesOf(form, priced) }
}

/** The body that changes an order: its day, place, note and all of its lines. */
export function orderChange(form: OrderForm, version: number, priced: boolean): OrderEdit {
  return {
    version,
    location_id: form.locationId,
    expected_on: form.expectedOn || null,
    note: form.note.trim(),
    lines: linesOf(form, priced),
  }
}

function linesOf(form: OrderForm, priced: boolean): OrderLineIn[] {
  return form.lines.map((line) => ({
    id: line.id,
    variant_id: line.variantId,
    quantity: fromMilli(line.quantityMilli ?? 0),
    ...(priced && line.priceMinor !== null ? { price: line.priceMinor } : {}),
  }))
}
