/** Documents that wait to be delivered: kept with their bytes until the server has them. */
import { writing } from './db'
import type { Write } from './schema'
import type { Local, OutboxItem } from './types'
import { without } from './without'

/** The shape of an outbox item as this app writes it; `upcast` in `outbox-versions.ts` reads the older ones. */
export type NewItem = Omit<OutboxItem, 'seq' | 'schema' | 'state' | 'tries' | 'refusal' | 'exportedAt'> &
  Partial<Pick<OutboxItem, 'state'>>

export const ITEM_SCHEMA = 1

const watchers = new Set<() => void>()

/** Hear of each change of the outbox that this tab made, once it is safely kept; gives what ends it. */
export function watchOutbox(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** Tell those who show the outbox that something about it is written, once it is. */
export function announce(tx: Write): void {
  tx.done.then(
    () => watchers.forEach((watcher) => watcher()),
    () => undefined,
  )
}

export interface Waiting {
  count: number
  /** When the oldest was made. */
  since: string | null
  aside: number
}

/** Add a document to the outbox inside the caller's transaction (one of `writing`, over `outbox`). Its `id` may be
 * there once only: a second time the transaction fails with ConstraintError. */
export async function put(tx: Write, item: NewItem): Promise<void> {
  await tx.objectStore('outbox').add({ state: 'waiting', ...item, schema: ITEM_SCHEMA, tries: 0 })
  announce(tx)
}

/** Take a document out of the outbox: the server has it, or it was refused before anything was printed. */
export async function drop(tx: Write, id: string): Promise<void> {
  const seq = await tx.objectStore('outbox').index('id').getKey(id)
  if (seq === undefined) return
  await tx.objectStore('outbox').delete(seq)
  announce(tx)
}

/** Let a document that was asked for without an answer be delivered as something that happened. */
export async function record(tx: Write, id: string): Promise<void> {
  const item = await tx.objectStore('outbox').index('id').get(id)
  if (item?.state !== 'asking') return
  await tx.objectStore('outbox').put({ ...item, state: 'waiting' })
  announce(tx)
}

/** Record what was still being asked for when the app ended; gives the documents' ids. Call it while the register's
 * lock is held (`withRegister`), when no till can be asking. */
export async function recordLeftOver(local: Local): Promise<string[]> {
  return writing(local, ['outbox'], async (tx) => {
    const left = await tx.objectStore('outbox').index('state').getAll('asking')
    for (const item of left) await tx.objectStore('outbox').put({ ...item, state: 'waiting' })
    return left.map((item) => item.id)
  })
}

/** Say how many documents wait and since when, and how many were set aside. */
export async function waiting(local: Local): Promise<Waiting> {
  const items = await local.db.getAll('outbox')
  const queued = items.filter((item) => item.state !== 'aside')
  const since = queued.reduce<string | null>((oldest, { madeAt }) => (oldest && oldest < madeAt ? oldest : madeAt), null)
  return { count: queued.length, since, aside: items.length - queued.length }
}

/** Give the documents that wait, the oldest first. */
export async function queued(local: Local): Promise<OutboxItem[]> {
  return (await local.db.getAll('outbox')).filter((item) => item.state !== 'aside')
}

/** Give the documents that the server refused, each with its reason. */
export async function aside(local: Local): Promise<OutboxItem[]> {
  return local.db.getAllFromIndex('outbox', 'state', 'aside')
}

/** Try a document that was set aside once more. */
export async function retry(local: Local, id: string): Promise<void> {
  await writing(local, ['outbox'], async (tx) => {
    const item = await tx.objectStore('outbox').index('id').get(id)
    if (item?.state !== 'aside') return
    await tx.objectStore('outbox').put({ ...without(item, 'refusal'), state: 'waiting', tries: 0 })
    announce(tx)
  })
}

/** Give up a document that was set aside. A recorded one happened and is never given up, unless the server keeps it apart
 * already. Says whether it is gone. */
export async function giveUp(local: Local, id: string): Promise<boolean> {
  return writing(local, ['outbox'], async (tx) => {
    const item = await tx.objectStore('outbox').index('id').get(id)
    if (item?.seq === undefined || item.state !== 'aside') return false
    if (item.mode === 'record' && item.refusal?.code !== 'QUARANTINED') return false
    await tx.objectStore('outbox').delete(item.seq)
    announce(tx)
    return true
  })
}
