/**
 * Papers about goods: what came in, what was counted, sent and taken in. The server is asked while there is a network;
 * a paper that gets no answer is kept here and delivered later as something that happened, byte for byte the same.
 */
import { call } from '$lib/api/client'
import { TooManyRequests, Unreachable } from '$lib/api/errors'

import { businessDate } from './days'
import { writing } from './db'
import { put, queued } from './outbox'
import type { Local, OutboxItem } from './types'

/** So long an answer is waited for before the paper is kept, in milliseconds. */
const ASK_MS = 8_000

export interface Paper {
  /** Made on this device once: sent twice, it happened once. */
  id: string
  kind: Extract<OutboxItem['kind'], 'receipt' | 'count' | 'transfer'>
  path: string
  /** As the API takes it; who did it and when is added. */
  body: object
  /** What the screens call it while it waits. */
  label: string
  /** The id of a paper that has to be delivered before it, where that still waits: a count's beginning. */
  after?: string
}

/** Where and by whom a paper is made. `local` is null while nothing can be kept on this device. */
export interface Desk {
  local: Local | null
  online: boolean
  staffId: string
}

/**
 * Ask the server, or keep the paper where it does not answer, and behind one that it follows; gives the answer, or null
 * for a paper that waits.
 *
 * A till's paper is recorded later, by its credential, and stands whatever became of the goods meanwhile. Another device
 * has no credential: its paper goes by the person's right, and may be refused then. Throws Refusal, DeviceFull, and
 * Unreachable where nothing can be kept.
 */
export async function askOrKeep<T>(at: Desk, paper: Paper): Promise<T | null> {
  const { local } = at
  const madeAt = new Date().toISOString()
  const told = { staff_id: at.staffId, made_at: madeAt, ...(local ? { business_date: await businessDate(local) } : {}) }
  const text = JSON.stringify({ ...paper.body, ...told })
  try {
    if (local && (!at.online || (await isHere(local, paper.after)))) throw new Unreachable()
    return (await call<T>('POST', paper.path, { text, timeoutMs: ASK_MS })).data
  } catch (failure) {
    if (!local || !(failure instanceof Unreachable || failure instanceof TooManyRequests)) throw failure
    await keep(local, paper, text, madeAt)
    return null
  }
}

async function isHere(local: Local, id: string | undefined): Promise<boolean> {
  return id !== undefined && (await local.db.getKeyFromIndex('outbox', 'id', id)) !== undefined
}

async function keep(local: Local, { id, kind, path, label, after }: Paper, body: string, madeAt: string): Promise<void> {
  await writing(local, ['outbox', 'credentials'], async (tx) => {
    const till = (await tx.objectStore('credentials').getAll()).some((each) => each.own)
    const waits = await tx.objectStore('outbox').index('id').getKey(id)
    if (waits !== undefined) return
    const mode = till ? 'record' : 'plain'
    await put(tx, { id, kind, method: 'POST', path, body, mode, madeAt, label, ...(after ? { after } : {}) })
  })
}

/** Give the papers of a kind that are here, waiting or set aside, the oldest first. */
export async function papersHere(local: Local | null, kind: Paper['kind']): Promise<OutboxItem[]> {
  return local ? (await local.db.getAll('outbox')).filter((item) => item.kind === kind) : []
}

/** Give the papers of a kind that wait here, the oldest first; only those about one thing, where its id is named. */
export async function waitingPapers(local: Local | null, kind: Paper['kind'], about = ''): Promise<OutboxItem[]> {
  if (!local) return []
  return (await queued(local)).filter((item) => item.kind === kind && (item.path.includes(about) || item.body.includes(about)))
}
