/** Carts put aside: from the cart in hand to what waits at the branch, and back. */
import type { CartContentInput, DiscountIn } from '$lib/api/generated'
import type { CartRow, Item } from '$lib/local/types'
import type { Discount } from '$lib/money/bill'
import { newId } from '$lib/uuid'

import { EMPTY_CART, type Cart, type CartCustomer, type CartLine } from './cart'
import { discountBody, plainLineBody } from './wire'

/** Write a cart as it waits. A registered customer goes by id; names and phones are not kept in carts. */
export function contentOf(cart: Cart): CartContentInput {
  return {
    lines: cart.lines.map(plainLineBody),
    ...(cart.customer ? { customer_id: cart.customer.id } : {}),
    ...(cart.discount ? { discount: discountBody(cart.discount) } : {}),
    ...(cart.note ? { note: cart.note } : {}),
  }
}

/** Name a cart that nobody named: its customer, else its first item and the time. */
export function nameFor(cart: Cart, time: string): string {
  return cart.customer?.name ?? [cart.lines[0]?.name.slice(0, 40), time].filter(Boolean).join(' · ')
}

/**
 * Read a cart that waited. Prices are those of now, unless whoever takes it up may set their own; what is no longer sold
 * is left out.
 */
export function cartOf(
  held: Pick<CartRow, 'id' | 'name' | 'content'>,
  facts: { item: (id: string) => Item | undefined; customer: CartCustomer | null; ownPrices: boolean },
): Cart {
  const { lines = [], discount, note } = held.content
  return {
    ...EMPTY_CART,
    lines: lines.flatMap((line) => lineOf(line, facts)),
    ...(discount ? { discount: discountOf(discount) } : {}),
    customer: facts.customer,
    note: note ?? '',
    held: { id: held.id, name: held.name },
  }
}

type HeldLine = NonNullable<CartRow['content']['lines']>[number]

function lineOf(line: HeldLine, facts: { item: (id: string) => Item | undefined; ownPrices: boolean }): CartLine[] {
  const common = {
    id: line.id ?? newId(),
    quantityMilli: Math.round((line.quantity ?? 1) * 1000),
    ...(line.discount ? { discount: discountOf(line.discount) } : {}),
    ...(line.serials?.length ? { serials: line.serials } : {}),
    ...(line.batches?.[0] ? { batch: line.batches[0].number } : {}),
  }
  if (line.item) {
    const { name, unit = 'piece', hsn = null, tax_class_id: taxClassId } = line.item
    const priceMinor = line.price ?? 0
    const open = { variantId: null, name, unit, hsn, taxClassId, priceMinor, listPriceMinor: null }
    return [{ ...common, ...open, taxIncluded: line.tax_included ?? true }]
  }
  const found = line.variant_id ? facts.item(line.variant_id) : undefined
  if (!found || found.priceMinor === null) return []
  const { id: variantId, name, unit, hsn, taxClassId, taxIncluded, priceMinor: listPriceMinor } = found
  const priceMinor = facts.ownPrices ? (line.price ?? listPriceMinor) : listPriceMinor
  return [{ ...common, variantId, name, unit, hsn, taxClassId, taxIncluded, priceMinor, listPriceMinor }]
}

function discountOf(discount: DiscountIn): Discount {
  return discount.percent_bp == null ? { amountMinor: discount.amount ?? 0 } : { bp: discount.percent_bp }
}
