/** Delivering the outbox: in order, by one tab at a time, each document until the server has it. */
import { call, type Answered } from '$lib/api/client'
import { Refusal, TooManyRequests, Unreachable } from '$lib/api/errors'

import { readMeta, writing } from './db'
import { ifFree, onceFree } from './locks'
import { announce, queued, waiting } from './outbox'
import { renewItems } from './outbox-versions'
import { credentialOf } from './register'
import { shopId } from './session'
import { askToBeWoken } from './storage'
import { tell } from './tabs'
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
  const free = await ifFree(lockOf(local), () => round.run())
  // The other tabs count what waits as well.
  if (round.result.delivered || round.result.aside) tell({ kind: 'outbox' })
  return { ...round.result, elsewhere: !free }
}

function lockOf(local: Local): string {
  return `duka-drain-${local.shopId}`
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
    if (item.after && (await this.waits(item.after))) return
    const right = await this.rightFor(item)
    if (!right) return
    const outcome = await this.deliver(item, right)
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

  /** By whose right a document goes; null where nobody here has it now. What was recorded goes by its register's. So do
   * customers, whoever is logged in by then, also when the device was replaced; the person's right does for them too. */
  private async rightFor(item: OutboxItem): Promise<Right | null> {
    const byRegister = item.mode === 'record' || item.kind === 'customer'
    if (byRegister && !this.withoutCredential.has(item.registerId)) {
      const credential = await credentialOf(this.local, item.registerId)
      if (credential !== null) return { credential }
      this.withoutCredential.add(item.registerId)
    }
    return item.mode === 'record' || this.loggedOut ? null : { credential: null }
  }

  private async deliver(item: OutboxItem, right: Right): Promise<Outcome> {
    try {
      const answer = await send(item, right)
      if (answer.status === 202) return await setAside(this.local, item, QUARANTINED, 'quarantined')
      await delivered(this.local, item, answer)
      return 'delivered'
    } catch (failure) {
      if (failure instanceof Unreachable || failure instanceof TooManyRequests) return await this.later(item, failure)
      if (!(failure instanceof Refusal)) throw failure
      if (failure.status === 401) return this.notKnown(item, right)
      if (failure.status >= 500) return await again(this.local, item)
      return await setAside(this.local, item, failure, 'aside')
    }
  }

  /** It says nothing of the document that the server is away, or asks for patience: then the whole round waits as long. */
  private async later(item: OutboxItem, failure: Unreachable | TooManyRequests): Promise<Outcome> {
    await again(this.local, item)
    if (failure.retryAfter) this.result.waitMs = failure.retryAfter * 1000
    return failure instanceof Unreachable ? 'silent' : 'later'
  }

  private async notKnown(item: OutboxItem, right: Right): Promise<Outcome> {
    if (right.credential === null) return 'login'
    await noteCredential(this.local, item.registerId)
    return 'credential'
  }
}

/** A register's right, or with null that of the person who is logged in. */
interface Right {
  credential: string | null
}

const QUARANTINED = new Refusal('QUARANTINED', 'The server keeps this document apart, because it is damaged.', 202)

async function send(item: OutboxItem, { credential }: Right): Promise<Answered<unknown>> {
  const text = item.body || undefined
  if (credential === null) return call(item.method, item.path, { text })
  const headers: Record<string, string> = { Authorization: `Bearer ${credential}` }
  if (item.mode === 'record') headers['Duka-Mode'] = 'record'
  return call(item.method, item.path, { text, headers, as: 'nobody' })
}

async function delivered(local: Local, item: OutboxItem, answer: Answered<unknown>): Promise<void> {
  const verdict = answer.headers.get('Duka-Verdict')
  await writing(local, ['outbox', 'sales', 'customers', 'carts', 'meta'], async (tx) => {
    announce(tx)
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
    announce(tx)
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
  /** Before this moment the server wants to hear nothing, whatever is new here. */
  let patientUntil = 0
  const stopping = new AbortController()

  function comeBack(waitMs: number): void {
    timer = setTimeout(() => void round(), waitMs)
  }

  async function round(): Promise<void> {
    clearTimeout(timer)
    if (running || stopped) return void (nudged = true)
    const patienceMs = patientUntil - performance.now()
    if (patienceMs > 0) return comeBack(patienceMs)
    running = true
    nudged = false
    const done = await drainNow(local).catch(() => null)
    // Another tab is at it, or was closed a moment ago: what it leaves is taken up as soon as it ends.
    const taken = done?.elsewhere === true && (await onceFree(lockOf(local), stopping.signal).then(() => true, () => false))
    running = false
    if (stopped) return
    if (taken && (await waiting(local)).count) nudged = true
    if (done && (done.delivered || done.aside)) onChange(done)
    const stuck = done === null || (done.left > 0 && !done.elsewhere && !done.delivered)
    failures = stuck ? failures + 1 : 0
    if (stuck) void askToBeWoken()
    if (done?.waitMs) patientUntil = performance.now() + done.waitMs
    comeBack(nudged ? 0 : (done?.waitMs ?? (stuck ? backOff(failures) : REGULARLY_MS)))
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

/** How long to wait after so many failures in a row: doubling, with a share of chance so that tills of one shop do not
 * all come back at the same moment. In milliseconds. */
export function backOff(failures: number, chance = Math.random()): number {
  const most = Math.min(LONGEST_WAIT_MS, GENERAL_MS * 2 ** Math.min(failures, 10))
  return Math.round(most / 2 + (most / 2) * chance)
}
