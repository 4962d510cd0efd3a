/** What this installation of the app knows beside any shop: its own id, who was logged in last, its key. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

import { newId } from '$lib/uuid'

import type { Me, Sealed } from './types'

interface Values {
  installation_id: string
  me: Me
  /** The id of a refresh whose answer has not arrived: it is asked again by the same id. */
  refresh_request: string
  /** Somebody logged out where the server could not be told: it is told before anything else. */
  logout_owed: boolean
  /** The shops whose databases are on this device. */
  shops: string[]
}

interface DeviceSchema extends DBSchema {
  values: { key: string; value: unknown }
  keys: { key: string; value: CryptoKey }
}

let opened: Promise<IDBPDatabase<DeviceSchema>> | null = null

function device(): Promise<IDBPDatabase<DeviceSchema>> {
  opened ??= openDB<DeviceSchema>('duka-device', 1, {
    upgrade(db) {
      db.createObjectStore('values')
      db.createObjectStore('keys')
    },
    terminated: () => (opened = null),
  })
  return opened
}

export async function readValue<K extends keyof Values>(name: K): Promise<Values[K] | undefined> {
  return (await (await device()).get('values', name)) as Values[K] | undefined
}

/** Keep a value; undefined removes it. */
export async function keepValue<K extends keyof Values>(name: K, value: Values[K] | undefined): Promise<void> {
  const db = await device()
  if (value === undefined) await db.delete('values', name)
  else await db.put('values', value, name)
}

/** Note that a shop's database is on this device, so that what waits in it is delivered whoever is logged in. */
export async function noteShop(shopId: string): Promise<void> {
  const shops = (await readValue('shops')) ?? []
  if (!shops.includes(shopId)) await keepValue('shops', [...shops, shopId])
}

/** The id of this installation: made once, the same for all shops and people. */
export async function installationId(): Promise<string> {
  const known = await readValue('installation_id')
  if (known) return known
  const tx = (await device()).transaction('values', 'readwrite', { durability: 'strict' })
  // Another tab may have been quicker.
  const id = ((await tx.store.get('installation_id')) as string | undefined) ?? newId()
  await tx.store.put(id, 'installation_id')
  await tx.done
  return id
}

/** Encrypt a text with a key that never leaves this browser. Where the browser has no such means (an address without
 * TLS) it is kept as it is. */
export async function seal(text: string): Promise<Sealed> {
  const bytes = new TextEncoder().encode(text)
  const key = await deviceKey()
  if (!key) return { iv: null, bytes }
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { iv, bytes: new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes)) }
}

/** Read what `seal` encrypted; null when this browser's key is another one by now. */
export async function unseal(sealed: Sealed): Promise<string | null> {
  if (!sealed.iv) return new TextDecoder().decode(sealed.bytes)
  const key = await deviceKey()
  try {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, key!, sealed.bytes)
    return new TextDecoder().decode(plain)
  } catch {
    return null
  }
}

async function deviceKey(): Promise<CryptoKey | null> {
  if (!globalThis.crypto?.subtle) return null
  const db = await device()
  const known = await db.get('keys', 'device')
  if (known) return known
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const tx = db.transaction('keys', 'readwrite', { durability: 'strict' })
  const meanwhile = await tx.store.get('device')
  if (!meanwhile) await tx.store.put(fresh, 'device')
  await tx.done
  return meanwhile ?? fresh
}
