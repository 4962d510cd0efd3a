/** The cash drawer of this device's register: opened, counted, put into and taken out of, with or without a network. */
import { newId } from '$lib/uuid'

import { businessDate } from './days'
import { writing } from './db'
import { put } from './outbox'
import { myRegister, NoRegister, withRegister } from './register'
import type { Drawer, Local } from './types'

const KEY = 'mine'

/** The drawer is open already. */
export class DrawerOpen extends Error {
  constructor() {
    super('The drawer is open already. Count and close it first.')
    this.name = 'DrawerOpen'
  }
}

/** There is no open drawer. */
export class DrawerClosed extends Error {
  constructor() {
    super('The drawer is not open. Open it first.')
    this.name = 'DrawerClosed'
  }
}

/** Give the open drawer; null when it is closed. */
export async function drawer(local: Local): Promise<Drawer | null> {
  return (await local.db.get('drawer', KEY)) ?? null
}

/** Open the drawer with the cash that lies in it; this fixes the business day of all that is sold from now on. Throws
 * DrawerOpen, NoRegister, DeviceFull. */
export async function openDrawer(local: Local, opening: { floatMinor: number; staffId: string }): Promise<Drawer> {
  return withRegister(local, async () => {
    const register = await myRegister(local)
    if (!register) throw new NoRegister()
    const opened: Drawer = {
      sessionId: newId(), openedAt: new Date().toISOString(), businessDate: await businessDate(local),
      floatMinor: opening.floatMinor,
    }
    const body = {
      id: opened.sessionId, schema: 1, register_id: register.id, float: opened.floatMinor, opened_at: opened.openedAt,
      business_date: opened.businessDate, staff_id: opening.staffId,
    }
    await writing(local, ['drawer', 'outbox'], async (tx) => {
      if (await tx.objectStore('drawer').get(KEY)) throw new DrawerOpen()
      await tx.objectStore('drawer').put(opened, KEY)
      await put(tx, {
        id: opened.sessionId, kind: 'drawer', method: 'POST', path: '/api/register-sessions',
        body: JSON.stringify(body), mode: 'record', madeAt: opened.openedAt, label: opened.businessDate,
      })
    })
    return opened
  })
}

/** Count and close the drawer; what was expected is told by the server. Throws DrawerClosed, DeviceFull. */
export async function closeDrawer(
  local: Local, closing: { countedMinor: number; note?: string; staffId: string },
): Promise<Drawer> {
  const closedAt = new Date().toISOString()
  const body = {
    schema: 1, counted: closing.countedMinor, ...(closing.note ? { note: closing.note } : {}), closed_at: closedAt,
    staff_id: closing.staffId,
  }
  return writing(local, ['drawer', 'outbox'], async (tx) => {
    const open = await tx.objectStore('drawer').get(KEY)
    if (!open) throw new DrawerClosed()
    await tx.objectStore('drawer').delete(KEY)
    await put(tx, {
      id: newId(), kind: 'drawer', method: 'POST', path: `/api/register-sessions/${open.sessionId}/close`,
      body: JSON.stringify(body), mode: 'record', madeAt: closedAt, label: open.businessDate, after: open.sessionId,
    })
    return open
  })
}

/** Put cash into the drawer or take it out, for another reason than a sale. Throws DrawerClosed, DeviceFull. */
export async function moveCash(
  local: Local, move: { direction: 'in' | 'out'; amountMinor: number; reason: string; staffId: string },
): Promise<void> {
  const madeAt = new Date().toISOString()
  const id = newId()
  const body = {
    id, schema: 1, direction: move.direction, amount: move.amountMinor, reason: move.reason, made_at: madeAt,
    staff_id: move.staffId,
  }
  await writing(local, ['drawer', 'outbox'], async (tx) => {
    const open = await tx.objectStore('drawer').get(KEY)
    if (!open) throw new DrawerClosed()
    await put(tx, {
      id, kind: 'cash', method: 'POST', path: `/api/register-sessions/${open.sessionId}/cash-moves`,
      body: JSON.stringify(body), mode: 'record', madeAt, label: move.reason, after: open.sessionId,
    })
  })
}
