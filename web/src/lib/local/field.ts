/** What goods work needs where there is no network: places, suppliers, awaited orders, transfers, counts, kept here. */
import { call } from '$lib/api/client'
import type { FieldWork, SupplierNamed, TransferPlaceOut } from '$lib/api/generated'

import { keeping } from './db'
import type { Write } from './schema'
import type { Local } from './types'

/** The keys under which the pages find what is kept. */
export const ORDERS_KEY = 'orders-to-receive'
export const PLACES_KEY = 'transfer-places'
export const orderKey = (id: string): string => `order:${id}`
export const transferKey = (id: string): string => `transfer:${id}`
export const countKey = (id: string): string => `count:${id}`

const KEY = 'field-work'
const AGAIN_AFTER_MS = 300_000

/** Ask what is awaited and keep it, if it was not asked for a short while ago. Throws Refusal, Unreachable. */
export async function keepFieldWork(local: Local, signal?: AbortSignal): Promise<void> {
  const last = await local.db.get('seen', KEY)
  if (last && Date.now() - Date.parse(last.at) < AGAIN_AFTER_MS) return
  const { data } = await call<FieldWork>('GET', '/api/sync/field-work', signal ? { signal } : {})
  await keeping(local, ['seen'], async (tx) => {
    await put(tx, KEY, data.suppliers)
    if (data.places.length) await put(tx, PLACES_KEY, data.places)
    await put(tx, ORDERS_KEY, data.orders)
    for (const order of data.orders) await put(tx, orderKey(order.id), order)
    for (const transfer of data.transfers) await put(tx, transferKey(transfer.id), transfer)
    for (const count of data.counts) await put(tx, countKey(count.id), count)
    await putList(tx, '/api/transfers?sort=-at', data.transfers)
    await putList(tx, '/api/stock-counts?sort=-at', data.counts)
  })
}

async function put(tx: Write, key: string, data: unknown): Promise<void> {
  await tx.objectStore('seen').put({ key, at: new Date().toISOString(), data })
}

/** A list that was never opened here shows at least what is under way. */
async function putList(tx: Write, key: string, rows: readonly unknown[]): Promise<void> {
  if (await tx.objectStore('seen').get(key)) return
  await put(tx, key, { rows, page: { next_cursor: null, limit: rows.length, total: rows.length } })
}

/** Give the places that are kept here. */
export async function keptPlaces(local: Local | null): Promise<TransferPlaceOut[]> {
  return ((await local?.db.get('seen', PLACES_KEY))?.data as TransferPlaceOut[] | undefined) ?? []
}

/** Give the suppliers that are kept here whose name has a part, the first so many. */
export async function keptSuppliers(local: Local | null, text: string, limit: number): Promise<SupplierNamed[]> {
  const kept = (await local?.db.get('seen', KEY))?.data as SupplierNamed[] | undefined
  const wanted = text.trim().toLowerCase()
  return (kept ?? []).filter((each) => each.name.toLowerCase().includes(wanted)).slice(0, limit)
}
