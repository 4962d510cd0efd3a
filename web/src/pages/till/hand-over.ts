/** Handing over what was put aside: it is laid in the till's cart, and the sale takes what was kept for it. */
import type { ReservationOut } from '$lib/api/generated'
import { wordsOf } from '$lib/api/errors'
import { app } from '$lib/app.svelte'
import { t } from '$lib/i18n'
import { customer } from '$lib/local/customers'
import type { Item, Local } from '$lib/local/types'
import { toMilli } from '$lib/money/amounts'
import { addItem, EMPTY_CART } from '$lib/sales/cart'
import { keepWorking, readWorking } from '$lib/sales/working'
import { go } from '$ui/router.svelte'
import { toast } from '$ui/toast.svelte'

import { buyerOf } from './buyer'
import { till } from './till.svelte'

/** Lay what is kept in the cart and open the till; says why where that cannot be. A cart in hand is never replaced. */
export async function handOver(kept: ReservationOut): Promise<void> {
  const { local, catalogue } = app
  const item = catalogue?.item(kept.variant_id)
  if (!local || !item || item.priceMinor === null) {
    toast(t('aside.not_for_sale', { name: kept.variant_name }), { kind: 'warning' })
    return
  }
  try {
    if ((await readWorking(local))?.lines.length) toast(t('aside.cart_in_hand'), { kind: 'warning' })
    else {
      await layOut(local, kept, item)
      go('/sales/new')
    }
  } catch (failure) {
    toast(wordsOf(failure), { kind: 'error' })
  }
}

async function layOut(local: Local, kept: ReservationOut, item: Item): Promise<void> {
  const buyer = kept.customer_id ? await customer(local, kept.customer_id) : undefined
  const empty = { ...EMPTY_CART, customer: buyer ? buyerOf(buyer) : null, note: kept.note }
  const { cart } = addItem(empty, item, toMilli(kept.quantity))
  const laid = { ...cart, kept: { id: kept.id, variantId: item.id } }
  // A till that was not open yet reads the cart from the device; one that was has it in hand.
  await keepWorking(local, laid)
  till.cart = laid
}
