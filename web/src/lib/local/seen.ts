/** Lists and reports without a network: their last answer, with its age. */
import { Unreachable } from '$lib/api/errors'

import { keeping } from './db'
import type { Local } from './types'

const KEPT_MAX = 400

export interface Fresh<T> {
  data: T
  /** When it was answered, where it is not of now. */
  at: string | null
}

/** Ask, and keep the answer under a key; when the server does not answer, give the last one with its age. Throws what
 * `ask` throws otherwise, Unreachable when there is no last one. */
export async function freshOrSeen<T>(local: Local | null, key: string, ask: () => Promise<T>): Promise<Fresh<T>> {
  try {
    const data = await ask()
    if (local) void keep(local, key, data)
    return { data, at: null }
  } catch (failure) {
    const last = failure instanceof Unreachable && local ? await local.db.get('seen', key) : undefined
    if (!last) throw failure
    return { data: last.data as T, at: last.at }
  }
}

async function keep(local: Local, key: string, data: unknown): Promise<void> {
  try {
    await keeping(local, ['seen'], async (tx) => {
      const store = tx.objectStore('seen')
      await store.put({ key, at: new Date().toISOString(), data })
      const tooMany = (await store.count()) - KEPT_MAX
      if (tooMany <= 0) return
      for (const old of await store.index('at').getAllKeys(null, tooMany)) await store.delete(old)
    })
  } catch {
    // A list that is not kept is asked for again; the page has it already.
  }
}
