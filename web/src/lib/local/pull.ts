/** Keeping this device's copy of the shop current: everything at first, then only what changed. */
import { call } from '$lib/api/client'
import { Refusal, TooManyRequests, Unreachable } from '$lib/api/errors'

import { Shelf } from './catalogue'
import { keeping, PULLED, readMeta } from './db'
import { backOff } from './drain'
import { ifFree, onceFree } from './locks'
import { keepLogo } from './logo'
import { dropOldSales, Kept, ROW_STORES, writeChange, type Change, type Kind, type Page } from './pull-rows'
import type { Local } from './types'

const FIRST_PAGE = 500
const PAGE = 5_000
const SALES_DAYS = 14
const DAY_MS = 86_400_000
const TRIES_OF_A_PAGE = 5
const REGULARLY_MS = 300_000
const TOO_OLD = ['CURSOR_TOO_OLD', 'CURSOR_NOT_VALID']

export interface PullOptions {
  /** This device's register: its branch's sales, carts, stock and colleagues. */
  registerId?: string | null
  /** Hears how far a first load has come, from 0 to 1. */
  onProgress?: (share: number) => void
  /** Hears which kinds changed as each page is in: what there is so far can be sold. */
  onPage?: (kinds: Kind[]) => void
  /** Ends the pull: what is on its way then is not kept. */
  signal?: AbortSignal
}

/** What a pull brought. */
export interface Pulled {
  kinds: Kind[]
  /** Everything was loaded anew. */
  first: boolean
  /** Another tab pulls at this moment; it tells when it is done. */
  elsewhere: boolean
}

/**
 * Take what changed since the last time, or everything where there is no last time or it is too long ago. The shelf is
 * renewed in place. One tab at a time. Throws Unreachable, Refusal, DeviceFull; then what came before stands.
 */
export async function pullNow(local: Local, shelf: Shelf, options: PullOptions = {}): Promise<Pulled> {
  const pulled: Pulled = { kinds: [], first: false, elsewhere: false }
  pulled.elsewhere = !(await ifFree(lockOf(local), async () => {
    const cursor = await cursorFor(local, options)
    const changed = cursor === undefined ? null : await pullChanges(local, shelf, cursor, options)
    pulled.first = changed === null
    pulled.kinds = changed ?? (await pullAll(local, shelf, options))
  }))
  return pulled
}

function lockOf(local: Local): string {
  return `duka-pull-${local.shopId}`
}

/** Give how far this device has come; undefined where it counted as another till, or as none: a till sees other rows, so
 * the server would refuse that cursor. */
async function cursorFor(local: Local, { registerId }: PullOptions): Promise<string | undefined> {
  const counted = await readMeta(local, 'cursor_register')
  return counted === undefined || counted === (registerId ?? '') ? readMeta(local, 'cursor') : undefined
}

/** Take the changes after a cursor; null when the server counts from it no more. */
async function pullChanges(local: Local, shelf: Shelf, from: string, options: PullOptions): Promise<Kind[] | null> {
  const kinds = new Set<Kind>()
  for (let cursor = from; ; ) {
    let page: Page
    try {
      page = await ask(cursor, PAGE, options)
    } catch (failure) {
      if (failure instanceof Refusal && TOO_OLD.includes(failure.code)) return null
      throw failure
    }
    const changed = page.changes.filter((change) => change.rows.length + change.gone.length > 0)
    shelf.toldMs = Date.parse(page.server_time)
    for (const change of changed) stock(shelf, change)
    await keeping(local, [...PULLED, 'meta'], async (tx) => {
      for (const change of changed) await writeChange(tx, change)
      await shelf.save(tx)
      await note(tx, page, options)
    })
    await refreshShelf(local, shelf, changed)
    for (const { kind } of changed) kinds.add(kind)
    options.onPage?.(changed.map(({ kind }) => kind))
    cursor = page.cursor
    if (!page.more) return [...kinds]
  }
}

/** Load everything. The first pages fill an empty shelf as they come; a shelf that has goods keeps them until all new
 * ones are there. */
async function pullAll(local: Local, shelf: Shelf, options: PullOptions): Promise<Kind[]> {
  const target = shelf.size === 0 ? shelf : new Shelf()
  const kept = new Kept()
  const kinds = new Set<Kind>()
  let page: Page | undefined
  let loaded = 0
  let total = 0
  options.onProgress?.(0)
  do {
    // Small until there is something to sell.
    const asked: Page = await askPatiently(page?.cursor, kinds.has('item') ? PAGE : FIRST_PAGE, options)
    target.toldMs = Date.parse(asked.server_time)
    for (const change of asked.changes) {
      stock(target, change)
      kept.add(change)
      kinds.add(change.kind)
      loaded += change.rows.length
    }
    await keeping(local, [...ROW_STORES, 'meta'], async (tx) => {
      for (const change of asked.changes) await writeChange(tx, change)
    })
    if (target === shelf) await refreshShelf(local, shelf, asked.changes)
    total = asked.total ?? total
    options.onProgress?.(total ? Math.min(1, loaded / total) : 0)
    options.onPage?.(asked.changes.map(({ kind }) => kind))
    page = asked
  } while (page.more)
  const last = page
  await keeping(local, [...PULLED, 'meta'], async (tx) => {
    await kept.sweep(tx)
    await target.save(tx, true)
    await note(tx, last, options)
  })
  if (target !== shelf) {
    shelf.takeOver(target)
    await refreshShelf(local, shelf, [], true)
  }
  options.onProgress?.(1)
  return [...kinds]
}

function stock(shelf: Shelf, change: Change): void {
  if (change.kind === 'item') shelf.apply(change.rows, change.gone)
  if (change.kind === 'stock') shelf.applyStock(change.rows)
}

async function refreshShelf(local: Local, shelf: Shelf, changes: Change[], all = false): Promise<void> {
  const changed = new Set(changes.map(({ kind }) => kind))
  if (all || changed.has('group')) shelf.setGroups(await local.db.getAll('groups'))
  if (all || changed.has('tax_class')) shelf.setTaxClasses(await local.db.getAll('tax_classes'))
}

async function note(tx: Parameters<typeof writeChange>[0], page: Page, { registerId }: PullOptions): Promise<void> {
  const meta = tx.objectStore('meta')
  await meta.put(page.cursor, 'cursor')
  await meta.put(registerId ?? '', 'cursor_register')
  await meta.put(page.business_date, 'server_date')
  await meta.put(Date.now() - Date.parse(page.server_time), 'skew_ms')
  await meta.put(page.server_time, 'synced_at')
  const since = new Date(Date.parse(page.business_date) - SALES_DAYS * DAY_MS).toISOString().slice(0, 10)
  await dropOldSales(tx, since)
}

async function ask(cursor: string | undefined, limit: number, options: PullOptions): Promise<Page> {
  const query = { cursor, limit, register_id: options.registerId }
  const { data } = await call<Page>('GET', '/api/sync/changes', { query, timeoutMs: 60_000, signal: options.signal })
  options.signal?.throwIfAborted()
  return data
}

/** Ask for a page of the first load; a network that comes and goes does not begin it anew. */
async function askPatiently(cursor: string | undefined, limit: number, options: PullOptions): Promise<Page> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask(cursor, limit, options)
    } catch (failure) {
      const passes = failure instanceof Unreachable || failure instanceof TooManyRequests
      if (!passes || cursor === undefined || tries === TRIES_OF_A_PAGE) throw failure
      const waitMs = failure.retryAfter ? failure.retryAfter * 1000 : backOff(tries)
      await new Promise((done) => setTimeout(done, waitMs))
    }
  }
}

/** The loop that pulls while the app is open. */
export interface Pulling {
  /** There is news, or a network again: pull at once. */
  nudge(): void
  stop(): void
}

export interface PullingReports extends Omit<PullOptions, 'registerId' | 'signal'> {
  registerId: () => string | null
  /** After each pull that ended well. */
  onDone: (pulled: Pulled) => void
  /** Nothing could be pulled, and why. */
  onFailure?: (failure: unknown) => void
}

/** Pull from now on: at once, when nudged, each five minutes, and after failures later and later, or as the server asks. */
export function startPulling(local: Local, shelf: Shelf, reports: PullingReports): Pulling {
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  let nudged = false
  let stopped = false
  const stopping = new AbortController()

  async function round(): Promise<void> {
    clearTimeout(timer)
    if (running || stopped) return void (nudged = true)
    running = true
    nudged = false
    let waitMs = REGULARLY_MS
    try {
      const cursor = await readMeta(local, 'cursor')
      const done = await pullNow(local, shelf, { ...reports, registerId: reports.registerId(), signal: stopping.signal })
      failures = 0
      if (!stopped) reports.onDone(done)
      // A receipt does without; the next round tries again.
      await keepLogo(local, stopping.signal).catch(() => undefined)
      await import('./field').then((field) => field.keepFieldWork(local, stopping.signal)).catch(() => undefined)
      if (done.elsewhere) await onceFree(lockOf(local), stopping.signal)
      // The tab that pulled was closed before it came to an end: this one goes on at once.
      if (done.elsewhere && cursor === (await readMeta(local, 'cursor'))) waitMs = 0
    } catch (failure) {
      failures += 1
      waitMs = failure instanceof TooManyRequests ? failure.waitSeconds * 1000 : backOff(failures)
      if (!stopped) reports.onFailure?.(failure)
    }
    running = false
    if (!stopped) timer = setTimeout(() => void round(), nudged ? 0 : waitMs)
  }

  void round()
  return {
    nudge: () => void round(),
    stop: () => {
      stopped = true
      clearTimeout(timer)
      stopping.abort()
    },
  }
}
