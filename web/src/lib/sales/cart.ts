/** The cart in hand: what lies in it, what is taken off, and what it comes to. Every step gives a new cart. */
import type { TillSettings } from '$lib/api/generated'
import type { Item, TaxClassRow } from '$lib/local/types'
import { bill, type Bill, type BilledLine, type Discount, type DraftLine } from '$lib/money/bill'
import { taxesOfClass, type Tax } from '$lib/money/taxes'
import { newId } from '$lib/uuid'

export interface CartLine {
  id: string
  /** null: an open item, sold by its name. */
  variantId: string | null
  name: string
  unit: string
  hsn: string | null
  taxClassId: string
  quantityMilli: number
  priceMinor: number
  /** The price in force when it was added; null for an open item. */
  listPriceMinor: number | null
  taxIncluded: boolean
  discount?: Discount
  /** Of goods with serial numbers: which pieces are handed over. */
  serials?: string[]
  /** Of goods with batches: the one that is handed over; left out, what expires first. */
  batch?: string
}

/** Who buys, as far as the till needs to know. */
export interface CartCustomer {
  id: string
  name: string
  phone: string | null
  taxId: string | null
  stateCode: string | null
  creditLimitMinor: number
  owedMinor: number
}

/** A supervisor who allowed more discount than the seller may give, by their PIN. */
export interface Lifted {
  staffId: string
  name: string
  ceilingBp: number
}

export interface Cart {
  lines: CartLine[]
  discount?: Discount
  customer: CartCustomer | null
  note: string
  /** The waiting cart that this one was taken up from. */
  held: { id: string; name: string } | null
  lifted: Lifted | null
  /** The goods that were put aside for whoever buys, and under which id. */
  kept?: { id: string; variantId: string }
}

/** What prices and taxes are worked out with. `day` is the business day, `2026-11-21`. */
export interface Pricing {
  settings: Pick<TillSettings, 'country' | 'state_code' | 'cash_rounding_minor'>
  taxClass: (id: string) => TaxClassRow | undefined
  day: string
}

export const EMPTY_CART: Cart = { lines: [], customer: null, note: '', held: null, lifted: null }

/** Nothing is sold of an item that has no price yet. */
export class NoPrice extends Error {
  readonly item: Item

  constructor(item: Item) {
    super(`${item.name} has no price yet.`)
    this.name = 'NoPrice'
    this.item = item
  }
}

/** The item's tax class is not on this device. */
export class TaxClassMissing extends Error {
  readonly lineName: string

  constructor(lineName: string) {
    super(`The taxes of ${lineName} are not on this device yet.`)
    this.name = 'TaxClassMissing'
    this.lineName = lineName
  }
}

/**
 * Put an item in: one more of a line of the same batch that stands at its list price without discount, else a line of its
 * own. Throws NoPrice.
 */
export function addItem(cart: Cart, item: Item, quantityMilli = 1000, batch?: string): { cart: Cart; lineId: string } {
  const priceMinor = item.priceMinor
  if (priceMinor === null) throw new NoPrice(item)
  const same = cart.lines.find((line) => line.variantId === item.id && line.priceMinor === priceMinor && !line.discount && line.batch === batch)
  if (same) {
    return { cart: setQuantity(cart, same.id, same.quantityMilli + quantityMilli), lineId: same.id }
  }
  const line: CartLine = {
    id: newId(),
    variantId: item.id,
    name: item.name,
    unit: item.unit,
    hsn: item.hsn,
    taxClassId: item.taxClassId,
    quantityMilli,
    priceMinor,
    listPriceMinor: priceMinor,
    taxIncluded: item.taxIncluded,
    ...(batch ? { batch } : {}),
  }
  return { cart: { ...cart, lines: [...cart.lines, line] }, lineId: line.id }
}

/** Sell something that is not in the catalogue: its name on the receipt, its price, how it is taxed. */
export function addOpenItem(
  cart: Cart,
  open: { name: string; priceMinor: number; taxClassId: string; taxIncluded: boolean; quantityMilli?: number },
): { cart: Cart; lineId: string } {
  const { quantityMilli = 1000, ...said } = open
  const line: CartLine = { id: newId(), variantId: null, unit: 'piece', hsn: null, listPriceMinor: null, quantityMilli, ...said }
  return { cart: { ...cart, lines: [...cart.lines, line] }, lineId: line.id }
}

/** Set how much of a line is sold (thousandths); nothing or less takes the line out. */
export function setQuantity(cart: Cart, lineId: string, quantityMilli: number): Cart {
  if (quantityMilli <= 0) return removeLine(cart, lineId)
  return change(cart, lineId, { quantityMilli })
}

/** Name the pieces of a line by their serial numbers, written apart by blanks or commas; they say how many there are. */
export function setSerials(cart: Cart, lineId: string, typed: string): Cart {
  const serials = [...new Set(typed.toUpperCase().split(/[\s,;]+/).filter(Boolean))]
  return change(cart, lineId, { serials, ...(serials.length > 0 ? { quantityMilli: serials.length * 1000 } : {}) })
}

/** Say of which batch a line is, by its number; nothing: what expires first. */
export function setBatch(cart: Cart, lineId: string, batch: string | undefined): Cart {
  return change(cart, lineId, { batch })
}

/** Sell a line at another price (minor units). Only for those who may: the caller asks. */
export function setPrice(cart: Cart, lineId: string, priceMinor: number): Cart {
  return change(cart, lineId, { priceMinor })
}

/** Take money off one line; none takes the discount away. */
export function setLineDiscount(cart: Cart, lineId: string, discount: Discount | undefined): Cart {
  return change(cart, lineId, { discount })
}

/** Take money off the whole cart; none takes the discount away. */
export function setCartDiscount(cart: Cart, discount: Discount | undefined): Cart {
  return { ...cart, discount }
}

export function removeLine(cart: Cart, lineId: string): Cart {
  return { ...cart, lines: cart.lines.filter((line) => line.id !== lineId) }
}

export function setCustomer(cart: Cart, customer: CartCustomer | null): Cart {
  return { ...cart, customer }
}

/** Put the catalogue's price of today on every line that still has its list price. */
export function reprice(cart: Cart, item: (id: string) => Item | undefined): Cart {
  const lines = cart.lines.map((line) => {
    const now = line.variantId ? item(line.variantId) : undefined
    if (!now || now.priceMinor === null || line.priceMinor !== line.listPriceMinor) return line
    const { name, unit, hsn, taxClassId, taxIncluded, priceMinor } = now
    return { ...line, name, unit, hsn, taxClassId, taxIncluded, priceMinor, listPriceMinor: priceMinor }
  })
  return { ...cart, lines }
}

/** In which state the sale is taxed, where that matters (India): the buyer's, else the shop's; null elsewhere. */
export function placeOfSupply(cart: Cart, settings: Pricing['settings']): string | null {
  if (settings.country !== 'IN') return null
  return cart.customer?.stateCode ?? settings.state_code ?? null
}

/** Which taxes a line bears today. Throws TaxClassMissing, and what `taxesOfClass` throws. */
export function taxesOf(line: CartLine, cart: Cart, pricing: Pricing): Tax[] {
  const taxed = pricing.taxClass(line.taxClassId)
  if (!taxed) throw new TaxClassMissing(line.name)
  const { settings, day } = pricing
  return taxesOfClass(taxed, day, settings.state_code, placeOfSupply(cart, settings))
}

/**
 * What the cart comes to. Only what is paid in cash alone is rounded to the shop's smallest coin.
 * Throws BillRefused and what `taxesOf` throws.
 */
export function billOf(cart: Cart, pricing: Pricing, paidInCash = false): Bill {
  const lines: DraftLine[] = cart.lines.map((line) => ({
    quantityMilli: line.quantityMilli,
    unitPriceMinor: line.priceMinor,
    taxIncluded: line.taxIncluded,
    taxes: taxesOf(line, cart, pricing),
    discount: line.discount,
  }))
  const cashRoundingMinor = paidInCash ? pricing.settings.cash_rounding_minor : 1
  return bill(lines, { discount: cart.discount, cashRoundingMinor })
}

/** The largest share (basis points, rounded down) that discounts take off a line: what a role's ceiling is held against. */
export function largestDiscountBp(of: Bill): number {
  return Math.max(0, ...of.lines.map(shareBp))
}

function shareBp(line: BilledLine): number {
  const off = line.lineDiscountMinor + line.cartDiscountMinor
  return line.grossBeforeMinor === 0 ? 0 : Number((BigInt(off) * 10_000n) / BigInt(line.grossBeforeMinor))
}

/** How many things are in the cart: pieces counted, what is weighed or measured as one. */
export function countOf(cart: Cart): number {
  return cart.lines.reduce((sum, line) => sum + (line.quantityMilli % 1000 === 0 ? line.quantityMilli / 1000 : 1), 0)
}

function change(cart: Cart, lineId: string, now: Partial<CartLine>): Cart {
  return { ...cart, lines: cart.lines.map((line) => (line.id === lineId ? { ...line, ...now } : line)) }
}
