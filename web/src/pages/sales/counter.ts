/** Where this device sells, for what is done with a sale outside the till. */
import { app } from '$lib/app.svelte'
import { readTill } from '$lib/sales/desk'
import type { Counter } from '$lib/sales/sell'

/** Give the counter of this device; null where it is no till. */
export async function counterHere(): Promise<Counter | null> {
  const { local, register, drawer, seller, me, online } = app
  if (!local || !register || !me) return null
  const { shop, branch, day } = await readTill(local, register.branchId, seller?.staff_id ?? null, drawer)
  if (!shop) return null
  const by = { staffId: seller?.staff_id ?? me.staff_id, name: seller?.name ?? me.name }
  const pricing = { settings: shop, day, taxClass: (id: string) => app.catalogue?.taxClass(id) }
  return { local, register, drawer, shop, branch, seller: by, pricing, online }
}
