import { afterEach, beforeEach, expect, test } from 'vitest'

import { drainAll } from './background'
import { openLocal, writing } from './db'
import { noteShop } from './device'
import { backOff, credentialRefused, drainNow, startDraining } from './drain'
import { registerCustomer } from './customers'
import { alone } from './locks'
import { aside, giveUp, put, retry, waiting, type NewItem } from './outbox'
import { asTill, freshShop, REGISTER, standIn, type Asked, type Reply, type StandIn } from './testing/stand-in'
import type { Local } from './types'

let server: StandIn
let local: Local

beforeEach(async () => {
  server = await standIn()
  local = await freshShop()
  await asTill(local)
})
afterEach(() => server.stop())

async function queue(...items: (Partial<NewItem> & { id: string })[]): Promise<void> {
  await writing(local, ['outbox'], async (tx) => {
    for (const item of items) {
      await put(tx, {
        kind: 'sale', method: 'POST', path: '/api/sales', body: `{"id":"${item.id}",  "total": 1}`, mode: 'record',
        madeAt: `2026-11-21T08:00:0${item.id.slice(-1)}.000Z`, label: item.id, ...item,
      })
    }
  })
}

const DELIVERED: Reply = { status: 201, headers: { 'Duka-Verdict': 'applied' }, data: { exceptions: [] } }

function idIn(asked: Asked): string {
  return (JSON.parse(asked.body) as { id: string }).id
}

test('documents go in order, byte for byte, with the credential, and leave the outbox', async () => {
  await queue({ id: 's1' }, { id: 's2' })
  server.answer(() => DELIVERED)
  expect(await drainNow(local)).toEqual({ delivered: 2, aside: 0, left: 0, waitMs: null, elsewhere: false })
  expect(server.asked.map(({ body }) => body)).toEqual(['{"id":"s1",  "total": 1}', '{"id":"s2",  "total": 1}'])
  expect(server.asked[0]?.headers).toMatchObject({ authorization: `Bearer ${REGISTER.credential}`, 'duka-mode': 'record' })
})

test('the sale on this device learns its verdict and its exceptions', async () => {
  await queue({ id: 's1' })
  await writing(local, ['sales'], async (tx) => {
    const row = { id: 's1', number: 'T1/1', business_date: '2026-11-21', made_at: '', sale: null, mine: { paper: 1 } }
    await tx.objectStore('sales').put({ ...row, delivery: 'waiting' })
  })
  const exceptions = [{ code: 'OUT_OF_STOCK' }]
  server.answer(() => ({
    status: 201, headers: { 'Duka-Verdict': 'applied-with-exceptions' }, data: { id: 's1', number: 'T1/2627/000001', exceptions },
  }))
  await drainNow(local)
  expect(await local.db.get('sales', 's1')).toMatchObject({
    delivery: 'delivered', verdict: 'applied-with-exceptions', number: 'T1/2627/000001', exceptions, mine: { paper: 1 },
  })
})

test('a refused and a damaged document are set aside with their reasons; the others pass', async () => {
  await queue({ id: 's1' }, { id: 's2' }, { id: 's3' })
  server.answer((asked) => {
    if (idIn(asked) === 's1') return { status: 409, error: { code: 'IDEMPOTENCY_CONFLICT', message: 'Other bytes.' } }
    if (idIn(asked) === 's2') return { status: 202, headers: { 'Duka-Verdict': 'quarantined' }, data: {} }
    return DELIVERED
  })
  expect(await drainNow(local)).toMatchObject({ delivered: 1, aside: 2, left: 0 })
  expect((await aside(local)).map(({ id, refusal }) => [id, refusal?.code])).toEqual([
    ['s1', 'IDEMPOTENCY_CONFLICT'], ['s2', 'QUARANTINED'],
  ])
  expect((await waiting(local)).aside).toBe(2)
  expect(await giveUp(local, 's1')).toBe(false)
  expect(await giveUp(local, 's2')).toBe(true)
  await retry(local, 's1')
  server.answer(() => DELIVERED)
  expect(await drainNow(local)).toMatchObject({ delivered: 1, left: 0 })
})

test('a document that breaks the server or its connection holds up nobody', async () => {
  await queue({ id: 's1' }, { id: 's2' }, { id: 's3' })
  server.answer((asked) => {
    if (idIn(asked) === 's1') return { status: 500, error: { code: 'SERVER_ERROR' } }
    return idIn(asked) === 's2' ? { cut: true } : DELIVERED
  })
  expect(await drainNow(local)).toMatchObject({ delivered: 1, aside: 0, left: 2 })
  expect((await local.db.getAll('outbox')).map(({ id, tries, state }) => [id, tries, state])).toEqual([
    ['s1', 1, 'waiting'], ['s2', 1, 'waiting'],
  ])
})

test('without a network it gives up after two tries and keeps all', async () => {
  await queue({ id: 's1' }, { id: 's2' }, { id: 's3' }, { id: 's4' })
  server.answer(() => ({ cut: true }))
  expect(await drainNow(local)).toMatchObject({ delivered: 0, left: 4 })
  expect(server.asked).toHaveLength(2)
})

test('a server that asks for patience gets it', async () => {
  await queue({ id: 's1' }, { id: 's2' })
  server.answer(() => ({ status: 429, headers: { 'Retry-After': '7' }, error: { code: 'RATE_LIMITED' } }))
  expect(await drainNow(local)).toMatchObject({ delivered: 0, left: 2, waitMs: 7000 })
  expect(server.asked).toHaveLength(1)
})

test('a credential that is not valid any more keeps everything and is told', async () => {
  await queue({ id: 's1' }, { id: 's2' })
  server.answer(() => ({ status: 401, error: { code: 'UNAUTHENTICATED' } }))
  expect(await drainNow(local)).toMatchObject({ delivered: 0, aside: 0, left: 2 })
  expect(server.asked).toHaveLength(1)
  expect(await credentialRefused(local)).toBe(true)
  server.answer(() => DELIVERED)
  await drainNow(local)
  expect(await credentialRefused(local)).toBe(false)
})

test('what a person did waits until somebody is logged in; sales do not', async () => {
  await queue({ id: 'c1', kind: 'cart', path: '/api/carts', mode: 'plain' }, { id: 's1' })
  server.answer(() => DELIVERED)
  expect(await drainNow(local)).toMatchObject({ delivered: 1, left: 1 })
  expect((await local.db.getAll('outbox')).map(({ kind }) => kind)).toEqual(['cart'])
})

test('a customer goes by the till’s right, whoever is logged in, and by the person’s where that is gone', async () => {
  const mary = await registerCustomer(local, { name: 'Mary Akinyi', phone: '0772 123456' })
  server.answer(() => ({ status: 401, error: { code: 'UNAUTHENTICATED' } }))
  expect(await drainNow(local)).toMatchObject({ delivered: 0, aside: 0, left: 1 })
  server.answer(() => DELIVERED)
  expect(await drainNow(local)).toMatchObject({ delivered: 1, left: 0 })
  const [, last] = server.asked
  expect(last).toMatchObject({ path: '/api/customers', headers: { authorization: `Bearer ${REGISTER.credential}` } })
  expect([last?.headers['duka-mode'], JSON.parse(last?.body ?? '')]).toEqual([undefined, expect.objectContaining({ id: mary.id })])
})

test('the other tabs are told when something was delivered', async () => {
  const other = new BroadcastChannel('duka')
  const heard = new Promise((resolve) => other.addEventListener('message', ({ data }) => resolve(data)))
  await queue({ id: 's1' })
  server.answer(() => DELIVERED)
  await drainNow(local)
  expect(await heard).toEqual({ kind: 'outbox' })
  other.close()
})

test('while the server asks for patience nothing makes the loop ask; then it goes on', async () => {
  await queue({ id: 's1' })
  const times: number[] = []
  const busy: Reply = { status: 429, headers: { 'Retry-After': '1' }, error: { code: 'RATE_LIMITED' } }
  server.answer(() => (times.push(performance.now()), times.length === 1 ? busy : DELIVERED))
  const done = Promise.withResolvers<number>()
  const loop = startDraining(local, (round) => done.resolve(round.delivered))
  await expect.poll(() => times.length).toBe(1)
  await queue({ id: 's2' })
  for (let nudges = 0; nudges < 5; nudges += 1) {
    loop.nudge()
    await new Promise((wake) => setTimeout(wake, 20))
  }
  expect(await done.promise).toBe(2)
  loop.stop()
  expect(times[1]! - times[0]!).toBeGreaterThan(900)
})

test('what another tab leaves when it is closed is taken up at once', async () => {
  await queue({ id: 's1' })
  server.answer(() => DELIVERED)
  const closing = Promise.withResolvers<null>()
  const other = alone(`duka-drain-${local.shopId}`, () => closing.promise)
  const done = Promise.withResolvers<number>()
  const loop = startDraining(local, (round) => done.resolve(round.delivered))
  closing.resolve(null)
  await other
  expect(await done.promise).toBe(1)
  loop.stop()
})

test('a document waits for the one it stands on, and goes when that was set aside', async () => {
  await queue({ id: 's1' }, { id: 'p2', after: 's1', kind: 'payment', path: '/api/sales/s1/payments' })
  server.answer(() => ({ status: 500, error: { code: 'SERVER_ERROR' } }))
  await drainNow(local)
  expect(server.asked.map(idIn)).toEqual(['s1'])
  server.answer((asked) => (idIn(asked) === 's1' ? { status: 400, error: { code: 'VALIDATION_ERROR' } } : DELIVERED))
  expect(await drainNow(local)).toMatchObject({ aside: 1, delivered: 1 })
})

test('documents made while others are delivered go in the same round', async () => {
  await queue({ id: 's1' })
  server.answer(async (asked) => {
    if (idIn(asked) === 's1') await queue({ id: 's2' })
    return DELIVERED
  })
  expect(await drainNow(local)).toMatchObject({ delivered: 2, left: 0 })
})

test('two tabs never deliver at once', async () => {
  await queue({ id: 's1' }, { id: 's2' })
  server.answer(() => DELIVERED)
  const rounds = await Promise.all([drainNow(local), drainNow(local)])
  expect(rounds.map(({ elsewhere }) => elsewhere).toSorted()).toEqual([false, true])
  expect(server.asked.map(idIn)).toEqual(['s1', 's2'])
})

test('the loop delivers when nudged and says so', async () => {
  server.answer(() => DELIVERED)
  let heard: (delivered: number) => void = () => undefined
  const done = new Promise<number>((resolve) => (heard = resolve))
  const loop = startDraining(local, (round) => heard(round.delivered))
  await queue({ id: 's1' })
  loop.nudge()
  expect(await done).toBe(1)
  loop.stop()
})

test('what waits in any shop of the device is delivered with nobody at the screen', async () => {
  await queue({ id: 's1' })
  await noteShop(local.shopId)
  await noteShop((await freshShop()).shopId)
  local.db.close()
  server.answer(() => ({ cut: true }))
  expect(await drainAll()).toBe(1)
  server.answer(() => DELIVERED)
  expect(await drainAll()).toBe(0)
  expect(server.asked.at(-1)?.headers['authorization']).toBe(`Bearer ${REGISTER.credential}`)
  local = await openLocal(local.shopId)
  expect(await waiting(local)).toEqual({ count: 0, since: null, aside: 0 })
})

test('waiting grows with failures and is spread by chance', () => {
  expect([1, 2, 3].map((failures) => backOff(failures, 1))).toEqual([2000, 4000, 8000])
  expect(backOff(3, 0)).toBe(4000)
  expect(backOff(99, 1)).toBe(120_000)
})
