/** Whom the shop buys from: found, added, changed; what they supply, what they are owed, how they deliver. */
import { call } from '$lib/api/client'
import { Unreachable } from '$lib/api/errors'
import type { RatingOut, SheetReport, StatementLine, SupplierEdit, SupplierIn, ItemEdit, ItemOut, SupplierNamed, SupplierOut } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'
import { sendSheet } from '$lib/lists/sheet'
import { keptSuppliers } from '$lib/local/field'
import type { Local } from '$lib/local/types'

/** One page is enough to choose from, and to know what a supplier supplies. */
export const CHOICES_MAX = 200
const SHOWN_MAX = 20

export async function listSuppliers(query: Query): Promise<Listed<SupplierOut>> {
  return listed('/api/suppliers', query)
}

/** One supplier, with what it is owed. Throws Refusal, Unreachable. */
export async function readSupplier(id: string): Promise<SupplierOut> {
  return (await call<SupplierOut>('GET', `/api/suppliers/${id}`)).data
}

/** Add somebody to buy from. The same `id` sent again adds nothing. */
export async function addSupplier(supplier: SupplierIn): Promise<SupplierOut> {
  return (await call<SupplierOut>('POST', '/api/suppliers', { body: supplier })).data
}

/** Change what is known; `version` is the one that was read, else 409. */
export async function changeSupplier(id: string, change: SupplierEdit): Promise<SupplierOut> {
  return (await call<SupplierOut>('PUT', `/api/suppliers/${id}`, { body: change })).data
}

/** Delete a supplier whom no paper names; refused with `SUPPLIER_HAS_DOCUMENTS` otherwise. */
export async function deleteSupplier(id: string): Promise<void> {
  await call('DELETE', `/api/suppliers/${id}`)
}

/** Active suppliers to choose from by a part of their name; without a network those that this device keeps. */
export async function suppliersLike(local: Local | null, text: string): Promise<SupplierNamed[]> {
  try {
    return (await listSuppliers({ q: text, active: true, limit: SHOWN_MAX })).rows
  } catch (failure) {
    if (!(failure instanceof Unreachable)) throw failure
    return keptSuppliers(local, text, SHOWN_MAX)
  }
}

/** What a supplier supplies, with their code, pack and last price; the first 200. */
export async function itemsOf(supplierId: string): Promise<ItemOut[]> {
  return (await listed<ItemOut>(`/api/suppliers/${supplierId}/items`, { limit: CHOICES_MAX })).rows
}

/** Say how a supplier supplies something; `version` is the line's, 1 where there is none yet. */
export async function setItem(supplierId: string, variantId: string, change: ItemEdit): Promise<ItemOut> {
  return (await call<ItemOut>('PUT', `/api/suppliers/${supplierId}/items/${variantId}`, { body: change })).data
}

/** Put what a price list (CSV or Excel) says on a supplier's list; `dryRun` only tries. */
export async function takePriceList(supplierId: string, file: File, dryRun: boolean): Promise<SheetReport> {
  return sendSheet(`/api/suppliers/${supplierId}/items/import`, file, dryRun)
}

export async function dropItem(supplierId: string, variantId: string): Promise<void> {
  await call('DELETE', `/api/suppliers/${supplierId}/items/${variantId}`)
}

/** Bills, payments and debit notes of a supplier, the newest first. */
export async function statementOf(supplierId: string, query: Query): Promise<Listed<StatementLine>> {
  return listed(`/api/suppliers/${supplierId}/statement`, query)
}

/** How one supplier delivered between two days (`YYYY-MM-DD`, both included); null where it is not rated. */
export async function ratingOf(supplier: { id: string; name: string }, from?: string, to?: string): Promise<RatingOut | null> {
  const { rows } = await listed<RatingOut>('/api/supplier-ratings', { q: supplier.name, from, to, limit: CHOICES_MAX })
  return rows.find((row) => row.supplier_id === supplier.id) ?? null
}
