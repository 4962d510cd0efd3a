/** What the till reads from the device before it sells: the shop, the branch, who sells, which day it is. */
import { businessDate } from '$lib/local/days'
import type { BranchRow, Drawer, Local, StaffRow } from '$lib/local/types'

import type { Letterhead } from './receipt'

export interface TillFacts {
  shop: Letterhead | null
  branch: BranchRow | null
  /** Who was switched in by PIN; null for the person who is logged in. */
  seller: StaffRow | null
  /** The business day: the open drawer's, else today's. */
  day: string
}

/** Read all of it at once. */
export async function readTill(
  local: Local,
  branchId: string | null,
  sellerId: string | null,
  open: Drawer | null,
): Promise<TillFacts> {
  const [shop, branch, seller, day] = await Promise.all([
    local.db.get('settings', 'shop'),
    branchId ? local.db.get('branches', branchId) : undefined,
    sellerId ? local.db.get('staff', sellerId) : undefined,
    open ? open.businessDate : businessDate(local),
  ])
  return { shop: shop ?? null, branch: branch ?? null, seller: seller ?? null, day }
}
