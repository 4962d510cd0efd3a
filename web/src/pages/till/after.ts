/** What follows a sale at once: the receipt is shown, the goods leave the shelf on screen, delivery is nudged. */
import { app } from '$lib/app.svelte'
import type { Sold } from '$lib/sales/sell'

import { till } from './till.svelte'

interface Shelf {
  takeOff?: (variantId: string, quantityMilli: number) => void
}

/** Show what was sold and make room for the next cart. */
export function sold(what: Sold): void {
  const shelf = app.catalogue as Shelf | null
  if (what.sale.state === 'completed') {
    for (const line of till.cart.lines) if (line.variantId) shelf?.takeOff?.(line.variantId, line.quantityMilli)
  }
  const { held } = till.cart
  till.clear()
  till.show({ kind: 'done', sold: what })
  app.changed += 1
  if (held && app.local) void import('$lib/local/carts').then(({ removeCart }) => removeCart(app.local!, held.id))
  void import('$lib/start').then(({ deliver }) => deliver())
}
