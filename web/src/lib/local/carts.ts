/** Carts: those being filled here, which survive a reload, and those that wait at the branch for any till. */
import { call } from '$lib/api/client'
import { TooManyRequests, Unreachable } from '$lib/api/errors'
import type { CartContentInput, CartOut } from '$lib/api/generated'
import { newId } from '$lib/uuid'

import { keeping, writing } from './db'
import { drop, put } from './outbox'
import type { Write } from './schema'
import type { CartRow, Local, WorkingCart } from './types'

const ASK_MS = 2_000

/** Keep a cart that is being filled. */
export async function saveWorking(local: Local, id: string, content: unknown): Promise<void> {
  await keeping(local, ['working'], async (tx) => {
    await tx.objectStore('working').put({ id, updatedAt: new Date().toISOString(), content })
  })
}

/** Give the carts that are being filled here, the last touched first. */
export async function workingCarts(local: Local): Promise<WorkingCart[]> {
  return (await local.db.getAll('working')).sort((one, other) => (one.updatedAt > other.updatedAt ? -1 : 1))
}

/** Drop a cart that was sold or emptied, in the caller's transaction over `working`. */
export async function dropWorking(tx: Write, id: string): Promise<void> {
  await tx.objectStore('working').delete(id)
}

/** Give the carts that wait, the newest first. */
export async function heldCarts(local: Local): Promise<CartRow[]> {
  const rows = await local.db.getAll('carts')
  return rows.filter((row) => row.state === 'held').sort((one, other) => ((one.held_at ?? '') > (other.held_at ?? '') ? -1 : 1))
}

export interface HeldCart {
  id: string
  name: string
  branchId: string
  staffId: string
  /** As the API takes it. */
  content: CartContentInput
}

/** Put a cart aside under a name; other tills see it when the server knows it. Throws DeviceFull. */
export async function holdCart(local: Local, cart: HeldCart): Promise<CartRow> {
  const at = new Date().toISOString()
  const row: CartRow = {
    id: cart.id, state: 'held', name: cart.name, branch_id: cart.branchId, content: cart.content as CartOut['content'],
    held_by: cart.staffId, held_at: at, taken_by: null, taken_at: null, version: 1, created_at: at, updated_at: at,
    local: true,
  }
  const body = { id: cart.id, name: cart.name, branch_id: cart.branchId, content: cart.content }
  const common = { kind: 'cart', method: 'POST', mode: 'plain', madeAt: at, label: cart.name } as const
  await writing(local, ['carts', 'working', 'outbox'], async (tx) => {
    await tx.objectStore('carts').put(row)
    await tx.objectStore('working').delete(cart.id)
    await put(tx, { ...common, id: cart.id, path: '/api/carts', body: JSON.stringify(body) })
    await put(tx, { ...common, id: newId(), path: `/api/carts/${cart.id}/hold`, body: '', after: cart.id })
  })
  return row
}

/**
 * Take a waiting cart up here. Online the server decides between two tills: Refusal `CART_TAKEN` when another was
 * quicker. Without a network it is taken, and the server is told later. Throws DeviceFull.
 */
export async function resumeCart(local: Local, id: string): Promise<CartRow | undefined> {
  const row = await local.db.get('carts', id)
  if (!row) return undefined
  if (await takenBack(local, id)) return row
  try {
    await call('POST', `/api/carts/${id}/resume`, { timeoutMs: ASK_MS })
    await keeping(local, ['carts'], async (tx) => tx.objectStore('carts').delete(id))
  } catch (failure) {
    if (!(failure instanceof Unreachable || failure instanceof TooManyRequests)) throw failure
    await writing(local, ['carts', 'outbox'], async (tx) => {
      await tx.objectStore('carts').delete(id)
      await put(tx, step(row, 'POST', `/api/carts/${id}/resume`))
    })
  }
  return row
}

/** Give up a waiting cart, or one that was taken up and sold. Throws DeviceFull. */
export async function removeCart(local: Local, id: string): Promise<void> {
  const row = await local.db.get('carts', id)
  if (await takenBack(local, id)) return
  await writing(local, ['carts', 'outbox'], async (tx) => {
    await tx.objectStore('carts').delete(id)
    await put(tx, step({ id, name: row?.name ?? '' }, 'DELETE', `/api/carts/${id}`))
  })
}

/** Take a cart back of which the server has not heard yet; says whether it was one. */
async function takenBack(local: Local, id: string): Promise<boolean> {
  return writing(local, ['carts', 'outbox'], async (tx) => {
    const items = await tx.objectStore('outbox').getAll()
    const laid = items.find((item) => item.id === id)
    if (laid?.state !== 'waiting' || laid.tries > 0) return false
    for (const item of items.filter((each) => each.id === id || each.after === id)) await drop(tx, item.id)
    await tx.objectStore('carts').delete(id)
    return true
  })
}

function step(row: { id: string; name: string }, method: 'POST' | 'DELETE', path: string): Parameters<typeof put>[1] {
  const madeAt = new Date().toISOString()
  return { id: newId(), kind: 'cart', method, path, body: '', mode: 'plain', madeAt, label: row.name }
}
