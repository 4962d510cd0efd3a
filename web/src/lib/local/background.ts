/** Delivering without anybody at the screen: after a logout, and by the service worker when the app is closed. */
import { openLocal } from './db'
import { readValue } from './device'
import { drainNow } from './drain'
import { queued } from './outbox'
import type { Local } from './types'

/** Open the shops of this device where documents wait. Those of them that were recorded need nobody to be logged in. */
export async function shopsThatWait(): Promise<Local[]> {
  const waiting: Local[] = []
  for (const shopId of (await readValue('shops')) ?? []) {
    const local = await openLocal(shopId)
    if ((await queued(local)).length) waiting.push(local)
    else local.db.close()
  }
  return waiting
}

/** Deliver everything that waits, once; say how much is left. */
export async function drainAll(): Promise<number> {
  let left = 0
  for (const local of await shopsThatWait()) {
    left += (await drainNow(local)).left
    local.db.close()
  }
  return left
}
