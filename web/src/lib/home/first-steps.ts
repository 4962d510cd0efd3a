/** What a new shop has to do before it earns money: the first steps, each ticked by what is there. */
import { listed } from '$lib/lists/listed'
import { readMeta, writeMeta } from '$lib/local/db'
import type { Local, Me } from '$lib/local/types'
import type { StaffOut } from '$lib/api/generated'

import type { DashboardOut } from './dashboard'

export const STEPS = ['products', 'tax', 'till', 'sale', 'staff'] as const
export type Step = (typeof STEPS)[number]

/** What is known of the shop that the steps are about. */
export interface Known {
  hasProducts: boolean
  hasTaxNumber: boolean
  hasTill: boolean
  hasOpenDrawer: boolean
  hasSold: boolean
  hasStaff: boolean
}

/** The right without which a step is not somebody's to take. */
const RIGHTS: Record<Step, string> = {
  products: 'products:create', tax: 'settings:update', till: 'registers:create', sale: 'sales:create', staff: 'staff:create',
}

/** Where a step is taken. */
export const PLACES: Record<Step, string> = {
  products: '/products/new', tax: '/settings?group=tax', till: '/sales/new', sale: '/sales/new', staff: '/staff?invite=1',
}

/** Say whether the steps are for somebody: for who may take them all, until all are done. */
export function concernsSteps(me: Pick<Me, 'permissions'>): boolean {
  return STEPS.every((step) => RIGHTS[step] in me.permissions)
}

/** Say which steps are done. A drawer that was opened and closed again needs no more than a sale to show for it. */
export function doneOf(known: Known): Record<Step, boolean> {
  return {
    products: known.hasProducts,
    tax: known.hasTaxNumber,
    till: known.hasTill && (known.hasOpenDrawer || known.hasSold),
    sale: known.hasSold,
    staff: known.hasStaff,
  }
}

/** Say whether the shop has sold anything, as far as the start page tells. */
export function hasSold(board: DashboardOut): boolean {
  return Boolean(board.month?.count) || Boolean(board.sales?.days.some((day) => day.count > 0))
}

/** What this device holds of the shop. */
export interface Held {
  hasProducts: boolean
  hasTaxNumber: boolean
  hasTill: boolean
  hasSold: boolean
  hasStaff: boolean
  /** The person wants to see the steps no more. */
  dismissed: boolean
}

/** Look at what the device holds of the shop, for an account; nothing is asked of the server. */
export async function readHeld(local: Local, accountId: string): Promise<Held> {
  const [chunks, settings, registers, sales, colleagues, dismissed] = await Promise.all([
    local.db.count('catalogue'), local.db.get('settings', 'shop'), local.db.getAll('registers'), local.db.count('sales'),
    local.db.count('staff'), isDismissed(local, accountId),
  ])
  return {
    hasProducts: chunks > 0,
    hasTaxNumber: Boolean(settings?.tax_id),
    // A shop begins with a register that no device has taken up yet.
    hasTill: registers.some((each) => each.kind === 'installation' && !each.closed_at),
    hasSold: sales > 0,
    hasStaff: colleagues > 1,
    dismissed,
  }
}

/** Put together what the device holds and what the start page shows. */
export function knownBy(held: Held, board: DashboardOut, drawerIsOpen: boolean): Known {
  return { ...held, hasOpenDrawer: drawerIsOpen || Boolean(board.drawers?.length), hasSold: held.hasSold || hasSold(board) }
}

/** Ask whether there is anybody else: who was only invited is not on the device. Without a network nobody counts as that. */
export async function someoneIsInvited(): Promise<boolean> {
  try {
    return (await listed<StaffOut>('/api/staff', { limit: 2 })).rows.length > 1
  } catch {
    return false
  }
}

/** Say whether an account wants to see the steps no more. */
async function isDismissed(local: Local, accountId: string): Promise<boolean> {
  return (await readMeta(local, 'steps_dismissed'))?.includes(accountId) ?? false
}

/** Show an account the steps no more on this device; `false` takes it back. */
export async function dismiss(local: Local, accountId: string, yes = true): Promise<void> {
  const others = ((await readMeta(local, 'steps_dismissed')) ?? []).filter((each) => each !== accountId)
  await writeMeta(local, 'steps_dismissed', yes ? [...others, accountId] : others)
}
