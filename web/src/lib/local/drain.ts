/** Delivering the outbox: in order, by one tab at a time, each document until the server has it. */
import { call, type Answered } from '$lib/api/client'
import { Refusal, Unreachable } from '$lib/api/errors'

import { readMeta, writing } from './db'
import { ifFree } from './locks'
import { queued } from './outbox'
import { renewItems } from './outbox-versions'
import { credentialOf } from './register'
import { shopId } from './session'
import { askToBeWoken } from './storage'
import type { Local, LocalSale, OutboxItem } from './types'

const GENERAL_MS = 1_000
const LONGEST_WAIT_MS = 120_000
const REGULARLY_MS = 60_000
const SILENT_IN_A_ROW = 2

/** What one round of delivering came to. */
export interface Drained {
  delivered: number
  aside: number
  /** Documents that still wait. */
  left: number
  /** How long to wait before the next round, in milliseconds, where the server said so. */
  waitMs: number | null
  /** Another tab delivers at this moment. */
  elsewhere: boolean
}

type Outcome = 'delivered' | 'aside' | 'later' | 'silent' | 'login' | 'credential'

/** Deliver what waits, once. One document that cannot be delivered never holds up the others. */
export async function drainNow(local: Local): Promise<Drained> {
  const round = new Round(local)
  const free = await ifFree(`duka-drain-${local.shopId}`, () => round.run())
  return { ...round.result, elsewhere: !free }
}

class Round {
  result: Omit<Drained, 'elsewhere'> = { delivered: 0, aside: 0, left: 0, waitMs: null }
  private readonly withoutCredential = new Set<string | undefined>()
  private silent = 0

  /** What a person did is delivered only while somebody is in the same shop. */
  private loggedOut: boolean

  constructor(private readonly local: Local) {
    this.loggedOut = shopId() !== local.shopId
  }

  async run(): Promise<void> {
    await renewItems(this.local)
    // New documents may come while the others are delivered.
    for (let last = 0; ; ) {
      const items = (await queued(this.local)).filter((item) => item.state === 'waiting' && (item.seq ?? 0) > last)
      if (!items.length || this.isOver()) break
      for (const item of items) {
        last = item.seq ?? last
        if (this.isOver()) break
        await this.take(item)
      }
    }
    this.result.left = await this.local.db.countFromIndex('outbox', 'state', 'waiting')
  }

  private isOver(): boolean {
    return this.silent >= SILENT_IN_A_ROW || this.result.waitMs !== null
  }

  private async take(item: OutboxItem): Promise<void> {
    if (item.mode === 'plain' ? this.loggedOut : this.withoutCredential.has(item.registerId)) return
    if (item.after && (await this.waits(item.after))) return
    const outcome = await this.deliver(item)
    this.silent = outcome === 'silent' ? this.silent + 1 : 0
    if (outcome === 'delivered') this.result.delivered += 1
    if (outcome === 'aside') this.result.aside += 1
    if (outcome === 'login') this.loggedOut = true
    if (outcome === 'credential') this.withoutCredential.add(item.registerId)
  }

  private async waits(id: string): Promise<boolean> {
    const before = await this.local.db.getFromIndex('outbox', 'id', id)
    return before !== undefined && before.state !== 'aside'
  }

  private async deliver(item: OutboxItem): Promise<Outcome> {
    const credential = item.mode === 'record' ? await credentialOf(this.local, item.registerId) : null
    if (item.mode === 'record' && credential === null) return this.refused(item, null)
    try {
      const answer = await send(item, credential)
      if (answer.status === 202) return await setAside(this.local, item, QUARANTINED, 'quarantined')
      await delivered(this.local, item, answer)
      return 'delivered'
    } catch (failure) {
      if (failure instanceof Unreachable) return await this.unanswered(item, failure)
      if (!(failure instanceof Refusal)) throw failure
      if (failure.status === 401) return this.refused(item, failure)
      if (failure.status >= 500) return await again(this.local, item)
      return await setAside(this.local, item, failure, 'aside')
    }
  }

  private async unanswered(item: OutboxItem, failure: Unreachable): Promise<Outcome> {
    await again(this.local, item)
    if (failure.retryAfter) this.result.waitMs = failure.retryAfter * 1000
    return 'silent'
  }

  private async refused(item: OutboxItem, failure: Refusal | null): Promise<Outcome> {
    if (item.mode === 'plain') return 'login'
    if (failure) await noteCredential(this.local, item.registerId)
    return 'credential'
  }
}

const QUARANTINED = new Refusal('QUARANTINED', 'The server keeps this document apart, because it is damaged.', 202)

async function send(item: OutboxItem, credential: string | null): Promise<Answered<unknown>> {
  const text = item.body || undefined
  if (credential === null) return call(item.method, item.path, { text })
  const headers = { Authorization: `Bearer ${credential}`, 'Duka-Mode': 'record' }
  return call(item.method, item.path, { text, headers, as: 'nobody' })
}

async function delivered(local: Local, item: OutboxItem, answer: Answered<unknown>): Promise<void> {
  const verdict = answer.headers.get('Duka-Verdict')
  await writing(local, ['outbox', 'sales', 'customers', 'carts', 'meta'], async (tx) => {
    if (item.seq !== undefined) await tx.objectStore('outbox').delete(item.seq)
    if (item.mode === 'record') await tx.objectStore('meta').delete('credential_refused')
    const store = tx.objectStore(item.kind === 'customer' ? 'customers' : 'carts')
    const row = item.kind === 'customer' || item.kind === 'cart' ? await store.get(item.id) : undefined
    if (row?.local) await (store as { put(row: unknown): Promise<unknown> }).put({ ...row, local: false })
    const sale = item.kind === 'sale' ? await tx.objectStore('sales').get(item.id) : undefined
    if (sale) await tx.objectStore('sales').put(told(sale, answer.data as LocalSale['sale'], verdict))
  })
}

/** A local sale as it stands once the server has it. */
export function told(sale: LocalSale, shown: LocalSale['sale'], verdict: string | null): LocalSale {
  const exceptions = (shown as { exceptions?: LocalSale['exceptions'] } | null)?.exceptions ?? []
  return { ...sale, sale: shown, number: shown?.number ?? sale.number, delivery: 'delivered', verdict, exceptions }
}

async function again(local: Local, item: OutboxItem): Promise<Outcome> {
  await change(local, item, (standing) => ({ ...standing, tries: standing.tries + 1 }))
  return 'later'
}

async function setAside(
  local: Local, item: OutboxItem, why: Refusal, delivery: LocalSale['delivery'],
): Promise<Outcome> {
  const refusal = { code: why.code, message: why.message, at: new Date().toISOString() }
  await change(local, item, (standing) => ({ ...standing, state: 'aside', tries: standing.tries + 1, refusal }))
  if (item.kind === 'sale') {
    await writing(local, ['sales'], async (tx) => {
      const sale = await tx.objectStore('sales').get(item.id)
      if (sale) await tx.objectStore('sales').put({ ...sale, delivery })
    })
  }
  return 'aside'
}

async function change(local: Local, item: OutboxItem, how: (standing: OutboxItem) => OutboxItem): Promise<void> {
  await writing(local, ['outbox'], async (tx) => {
    const standing = await tx.objectStore('outbox').get(item.seq!)
    if (standing) await tx.objectStore('outbox').put(how(standing))
  })
}

async function noteCredential(local: Local, registerId: string | undefined): Promise<void> {
  await writing(local, ['meta'], async (tx) => {
    const refused = { registerId: registerId ?? '', at: new Date().toISOString() }
    await tx.objectStore('meta').put(refused, 'credential_refused')
  })
}

/** Whether the server refused the register's credential when it was last used; then a person renews it. */
export async function credentialRefused(local: Local): Promise<boolean> {
  return (await readMeta(local, 'credential_refused')) !== undefined
}

/** The loop that delivers while the app is open. */
export interface Draining {
  /** There is something new, or a network again: deliver at once. */
  nudge(): void
  stop(): void
}

/** Deliver what waits from now on: at once, when nudged, and each minute; after failures later and later, as the server
 * asks. `onChange` hears each round that changed something. */
export function startDraining(local: Local, onChange: (round: Drained) => void): Draining {
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  let nudged = false
  let stopped = false

  async function round(): Promise<void> {
    clearTimeout(timer)
    if (running || stopped) return void (nudged = true)
    running = true
    nudged = false
    const done = await drainNow(local).catch(() => null)
    running = false
    if (stopped) return
    if (done && (done.delivered || done.aside)) onChange(done)
    const stuck = done === null || (done.left > 0 && !done.elsewhere && !done.delivered)
    failures = stuck ? failures + 1 : 0
    if (stuck) void askToBeWoken()
    timer = setTimeout(() => void round(), nudged ? 0 : (done?.waitMs ?? (stuck ? backOff(failures) : REGULARLY_MS)))
  }

  void round()
  return {
    nudge: () => void round(),
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** How long to wait after so many failures in a row: doubling, with a share of chance so that tills of one shop do not
 * all come back at the same moment. In milliseconds. */
export function backOff(failures: number, chance = Math.random()): number {
  const most = Math.min(LONGEST_WAIT_MS, GENERAL_MS * 2 ** Math.min(failures, 10))
  return Math.round(most / 2 + (most / 2) * chance)
}
