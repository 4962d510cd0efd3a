/** The outbox as an encrypted file: what waits on one device can be delivered by any till of the shop. */
import { writing } from './db'
import { seal } from './device'
import { credentialOf } from './register'
import { put } from './outbox'
import { upcast } from './outbox-versions'
import type { Local, OutboxItem, StoredRegister } from './types'
import { without } from './without'

const FORMAT = 'duka-outbox'
/** OWASP Password Storage Cheat Sheet (2023) for PBKDF2 with SHA-256. */
const ITERATIONS = 600_000
const ITERATIONS_MAX = 5_000_000
const PASSWORD_MIN = 8

/** What a till delivers: its register's documents, and what a person does at it. A file says where its items go, and
 * they go there by the rights of whoever takes it in; so nothing else is taken, whoever wrote the file. */
const DELIVERED: Record<OutboxItem['mode'], RegExp> = {
  record: /^POST \/api\/(sales|invoices|register-sessions|goods-receipts|transfers|stock-counts)(\/[\w-]+)*$/,
  plain: /^(POST \/api\/customers|(POST|PUT|DELETE) \/api\/carts(\/[\w-]+)*)$/,
}

/** What only the person who did it may deliver, where it was not done at a till: it stays, as nobody could take it in. */
const OWN_WORK: readonly OutboxItem['kind'][] = ['receipt', 'count', 'transfer']

interface Envelope {
  format: typeof FORMAT
  version: 1
  iterations: number
  salt: string
  iv: string
  data: string
}

type CarriedRegister = Omit<StoredRegister, 'credential' | 'own'> & { credential: string }

interface Content {
  shopId: string
  items: OutboxItem[]
  registers: CarriedRegister[]
}

/** The file cannot be taken in: `why` says what is wrong. */
export class FileNotRead extends Error {
  constructor(readonly why: 'not_ours' | 'password' | 'other_shop' | 'no_means') {
    super({
      not_ours: 'This is no file of waiting documents.',
      password: 'The password does not fit this file, or the file is damaged.',
      other_shop: 'This file belongs to another shop.',
      no_means: 'This address has no TLS, so the browser cannot encrypt. Open Duka by https.',
    }[why])
    this.name = 'FileNotRead'
  }
}

/** The password is too short for a file that may get into other hands. */
export class PasswordTooShort extends Error {
  constructor() {
    super(`Use a password of at least ${PASSWORD_MIN} signs.`)
    this.name = 'PasswordTooShort'
  }
}

/**
 * Write the documents of the outbox that any till can deliver into a text to be saved as a file. It holds the credentials that deliver them as
 * well, and is encrypted with the password. The documents stay here and are delivered from here too, whichever comes
 * first; logging out is possible from then on.
 */
export async function exportOutbox(local: Local, password: string): Promise<string> {
  if (password.length < PASSWORD_MIN) throw new PasswordTooShort()
  const means = cipher()
  const items = (await withRegisters(local)).filter((item) => item.mode === 'record' || !OWN_WORK.includes(item.kind))
  const registers: CarriedRegister[] = []
  for (const stored of await local.db.getAll('credentials')) {
    const credential = await credentialOf(local, stored.id)
    if (credential !== null && items.some((item) => item.registerId === stored.id)) registers.push({ ...without(stored, 'own'), credential })
  }
  const content: Content = { shopId: local.shopId, items, registers }
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const key = await keyOf(means, password, salt, ITERATIONS)
  const plain = new TextEncoder().encode(JSON.stringify(content))
  const data = new Uint8Array(await means.encrypt({ name: 'AES-GCM', iv }, key, plain))
  const envelope: Envelope = {
    format: FORMAT, version: 1, iterations: ITERATIONS, salt: toText(salt), iv: toText(iv), data: toText(data),
  }
  await markExported(local, items.map((item) => item.id))
  return JSON.stringify(envelope)
}

async function withRegisters(local: Local): Promise<OutboxItem[]> {
  const own = (await local.db.getAll('credentials')).find((each) => each.own)
  const items = (await local.db.getAll('outbox')).map(upcast)
  return items.map((item) => ({ ...item, registerId: item.registerId ?? own?.id }))
}

async function markExported(local: Local, ids: string[]): Promise<void> {
  const written = new Set(ids)
  const exportedAt = new Date().toISOString()
  await writing(local, ['outbox'], async (tx) => {
    for (const item of await tx.objectStore('outbox').getAll()) {
      if (written.has(item.id)) await tx.objectStore('outbox').put({ ...item, exportedAt })
    }
  })
}

/** Take the documents of a file into this device's outbox, to be delivered with the credentials that came with them.
 * Those that are here already are left out, and those of this device's own register: it has its own itself. Says how
 * many are new. Throws FileNotRead, DeviceFull. */
export async function importOutbox(local: Local, text: string, password: string): Promise<number> {
  const content = await opened(text, password)
  if (content.shopId !== local.shopId) throw new FileNotRead('other_shop')
  const items = content.items.map(upcast)
  if (!items.every(isDelivered)) throw new FileNotRead('not_ours')
  const registers: StoredRegister[] = []
  for (const carried of content.registers) {
    registers.push({ ...carried, credential: await seal(carried.credential), own: false })
  }
  return writing(local, ['outbox', 'credentials'], async (tx) => {
    for (const register of registers) {
      if (!(await tx.objectStore('credentials').get(register.id))) await tx.objectStore('credentials').put(register)
    }
    const own = (await tx.objectStore('credentials').getAll()).find((each) => each.own)?.id
    let taken = 0
    for (const item of items) {
      if (item.mode === 'record' && item.registerId === own) continue
      if (await tx.objectStore('outbox').index('id').getKey(item.id)) continue
      await put(tx, { ...without(item, 'seq', 'refusal', 'exportedAt'), state: 'waiting' })
      taken += 1
    }
    return taken
  })
}

function isDelivered(item: OutboxItem): boolean {
  const known = Object.hasOwn(DELIVERED, item.mode) && DELIVERED[item.mode].test(`${item.method} ${item.path}`)
  return known && (item.mode === 'plain' || typeof item.registerId === 'string')
}

async function opened(text: string, password: string): Promise<Content> {
  const envelope = readEnvelope(text)
  const means = cipher()
  try {
    const key = await keyOf(means, password, toBytes(envelope.salt), envelope.iterations)
    const plain = await means.decrypt({ name: 'AES-GCM', iv: toBytes(envelope.iv) }, key, toBytes(envelope.data))
    return JSON.parse(new TextDecoder().decode(plain)) as Content
  } catch {
    throw new FileNotRead('password')
  }
}

function readEnvelope(text: string): Envelope {
  try {
    const read = JSON.parse(text) as Envelope
    if (read.format === FORMAT && read.version === 1 && read.iterations <= ITERATIONS_MAX) return read
  } catch {
    // Said below.
  }
  throw new FileNotRead('not_ours')
}

function cipher(): SubtleCrypto {
  const means = globalThis.crypto?.subtle
  if (!means) throw new FileNotRead('no_means')
  return means
}

async function keyOf(
  means: SubtleCrypto, password: string, salt: Uint8Array<ArrayBuffer>, iterations: number,
): Promise<CryptoKey> {
  const secret = new TextEncoder().encode(password.normalize('NFKC'))
  const base = await means.importKey('raw', secret, 'PBKDF2', false, ['deriveKey'])
  const way = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return means.deriveKey(way, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

function toText(bytes: Uint8Array): string {
  let signs = ''
  for (const byte of bytes) signs += String.fromCharCode(byte)
  return btoa(signs)
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
}
