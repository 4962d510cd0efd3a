/** One shop's database on this device: its tables, how they are renewed, and how they are written to. */
import { openDB, type IDBPDatabase, type IDBPTransaction } from 'idb'

import type { Meta, ShopSchema, StoreName, Write } from './schema'
import type { Local } from './types'

type Upgrade = IDBPTransaction<ShopSchema, StoreName[], 'versionchange'>
export type Step = (db: IDBPDatabase<ShopSchema>, tx: Upgrade) => void | Promise<void>

/** No space was left on the device: nothing was written, so nothing may be printed. */
export class DeviceFull extends Error {
  constructor() {
    super('This device has no space left. Nothing was saved. Free some space, then try again.')
    this.name = 'DeviceFull'
  }
}

/**
 * What each version of the database adds to the one before. A step that stands is never changed, and none may drop
 * `outbox`, `heads` or `credentials`: they hold what exists nowhere else.
 */
export const STEPS: readonly Step[] = [
  (db) => {
    for (const store of ['catalogue', 'stock', 'meta'] as const) db.createObjectStore(store)
    for (const store of ['groups', 'tax_classes', 'staff', 'branches', 'registers', 'settings'] as const) {
      db.createObjectStore(store, { keyPath: 'id' })
    }
    const customers = db.createObjectStore('customers', { keyPath: 'id' })
    customers.createIndex('phone', 'phone')
    customers.createIndex('words', 'words', { multiEntry: true })
    const sales = db.createObjectStore('sales', { keyPath: 'id' })
    sales.createIndex('business_date', 'business_date')
    sales.createIndex('number', 'number')
    const outbox = db.createObjectStore('outbox', { keyPath: 'seq', autoIncrement: true })
    outbox.createIndex('id', 'id', { unique: true })
    outbox.createIndex('state', 'state')
    for (const store of ['carts', 'working', 'credentials'] as const) db.createObjectStore(store, { keyPath: 'id' })
    db.createObjectStore('heads', { keyPath: 'series' })
    db.createObjectStore('drawer')
    db.createObjectStore('seen', { keyPath: 'key' }).createIndex('at', 'at')
  },
]

/** The tables whose rows come from the server; they can be loaded anew. */
export const PULLED = [
  'catalogue', 'stock', 'groups', 'tax_classes', 'customers', 'staff', 'branches', 'registers', 'settings', 'sales',
  'carts',
] as const satisfies StoreName[]

/** Open one shop's database, renewing its tables where an older app made them. `outdated` is called when a newer app in
 * another tab waits for this one to let go: load the page anew then. */
export async function openLocal(shopId: string, outdated?: () => void, steps = STEPS): Promise<Local> {
  const db = await openDB<ShopSchema>(nameOf(shopId), steps.length, {
    async upgrade(opened, from, _to, tx) {
      for (const step of steps.slice(from)) await step(opened, tx)
    },
    blocking(_current, _wanted, event) {
      ;(event.target as IDBDatabase).close()
      outdated?.()
    },
  })
  return { shopId, db }
}

function nameOf(shopId: string): string {
  return `duka-${shopId}`
}

/**
 * Write to some tables as one whole, kept safely on the disk before this returns: all of it or nothing. In `work` await
 * only what the transaction itself answers. Throws DeviceFull when there is no space.
 */
export async function writing<T>(local: Local, stores: StoreName[], work: (tx: Write) => Promise<T>): Promise<T> {
  return written(local, stores, 'strict', work)
}

/** As `writing`, for rows that the server can send again: quicker, and a power cut may lose them. */
export async function keeping<T>(local: Local, stores: StoreName[], work: (tx: Write) => Promise<T>): Promise<T> {
  return written(local, stores, 'relaxed', work)
}

async function written<T>(
  local: Local, stores: StoreName[], durability: 'strict' | 'relaxed', work: (tx: Write) => Promise<T>,
): Promise<T> {
  const tx = local.db.transaction(stores, 'readwrite', { durability }) as Write
  // The transaction's own failure is told below; without a listener it would count as unheard.
  const done = tx.done.catch((failure: unknown) => Promise.reject(known(failure)))
  done.catch(() => undefined)
  let result: T
  try {
    result = await work(tx)
  } catch (failure) {
    try {
      tx.abort()
    } catch {
      // It has ended already.
    }
    throw known(failure)
  }
  await done
  return result
}

function known(failure: unknown): unknown {
  const name = failure instanceof Error || failure instanceof DOMException ? failure.name : ''
  return name === 'QuotaExceededError' ? new DeviceFull() : failure
}

/** Read a single value; undefined when it was never written. */
export async function readMeta<K extends keyof Meta>(local: Local, key: K): Promise<Meta[K] | undefined> {
  return (await local.db.get('meta', key)) as Meta[K] | undefined
}

/** Write a single value; undefined removes it. */
export async function writeMeta<K extends keyof Meta>(local: Local, key: K, value: Meta[K] | undefined): Promise<void> {
  await keeping(local, ['meta'], async (tx) => {
    if (value === undefined) await tx.objectStore('meta').delete(key)
    else await tx.objectStore('meta').put(value, key)
  })
}
