/** What follows a sale at once: the receipt is shown, the goods leave the shelf on screen, delivery is nudged. */
import { app } from '$lib/app.svelte'
import type { Sold } from '$lib/sales/sell'

import { till } from './till.svelte'

interface Shelf {
  takeOff?: (variantId: string, quantityMilli: number) => void
}

/** Show what was sold and make room for the next cart. */
export function sold(what: Sold): void {
  const { held } = till.cart
  till.clear()
  shown(what)
  if (held && app.local) void import('$lib/local/carts').then(({ removeCart }) => removeCart(app.local!, held.id))
}

/** Show an incomplete sale after money was taken for it; the cart in hand stays. */
export function settled(what: Sold): void {
  shown(what)
}

function shown(what: Sold): void {
  const shelf = app.catalogue as Shelf | null
  if (what.sale.state === 'completed') {
    for (const { variant_id: id, quantity } of what.sale.lines) if (id) shelf?.takeOff?.(id, Math.round(quantity * 1000))
  }
  till.show({ kind: 'done', sold: what })
  app.changed += 1
  void import('$lib/start').then(({ deliver }) => deliver())
}
