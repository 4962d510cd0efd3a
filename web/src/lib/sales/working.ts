/** The cart in hand, kept on the device at each change: a reload, a crash or a dead battery loses nothing. */
import { dropWorking, saveWorking } from '$lib/local/carts'
import { keeping } from '$lib/local/db'
import type { Local } from '$lib/local/types'

import type { Cart } from './cart'

/** The cart in hand is kept under this name; a device has one. */
export const IN_HAND = 'in-hand'

/** Keep the cart in hand. */
export async function keepWorking(local: Local, cart: Cart): Promise<void> {
  await saveWorking(local, IN_HAND, cart)
}

/** Give the cart that was in hand; null when there was none. */
export async function readWorking(local: Local): Promise<Cart | null> {
  const kept = await local.db.get('working', IN_HAND)
  return kept ? (kept.content as Cart) : null
}

/** Forget the cart in hand: it was held or given up. */
export async function forgetWorking(local: Local): Promise<void> {
  await keeping(local, ['working'], (tx) => dropWorking(tx, IN_HAND))
}
