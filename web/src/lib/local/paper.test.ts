import { afterEach, beforeEach, expect, test } from 'vitest'

import { keepFieldWork, keptSuppliers, ORDERS_KEY, orderKey } from './field'
import { drainNow } from './drain'
import { queued } from './outbox'
import { exportOutbox, importOutbox } from './outbox-file'
import { askOrKeep, waitingPapers, type Paper } from './paper'
import { freshOrSeen } from './seen'
import { asTill, freshShop, REGISTER, standIn, type Reply, type StandIn } from './testing/stand-in'
import type { Local } from './types'

let server: StandIn
let local: Local

const PAPER: Paper = {
  id: 'receipt-1', kind: 'receipt', path: '/api/goods-receipts', body: { id: 'receipt-1', order_id: 'order-7' }, label: 'Wholesalers',
}  // prettier-ignore
const TAKEN: Reply = { status: 201, headers: { 'Duka-Verdict': 'applied' }, data: { id: 'receipt-1' } }

beforeEach(async () => {
  server = await standIn()
  local = await freshShop()
})
afterEach(() => server.stop())

function desk(online = true): Parameters<typeof askOrKeep>[0] {
  return { local, online, staffId: 'staff-1' }
}

test('what is answered is not kept, and says who made it and when', async () => {
  server.answer(() => TAKEN)
  expect(await askOrKeep(desk(), PAPER)).toEqual({ id: 'receipt-1' })
  expect(JSON.parse(server.asked[0]!.body)).toMatchObject({ id: 'receipt-1', staff_id: 'staff-1' })
  expect(await queued(local)).toEqual([])
})

test('what is refused is told, and not kept', async () => {
  server.answer(() => ({ status: 400, error: { code: 'OVER_RECEIVED' } }))
  await expect(askOrKeep(desk(), PAPER)).rejects.toMatchObject({ code: 'OVER_RECEIVED' })
  expect(await queued(local)).toEqual([])
})

test('a till records later what got no answer, byte for byte', async () => {
  await asTill(local)
  server.answer(() => ({ cut: true }))
  expect(await askOrKeep(desk(), PAPER)).toBeNull()
  expect(await waitingPapers(local, 'receipt', 'order-7')).toMatchObject([{ mode: 'record', label: 'Wholesalers' }])
  expect(await waitingPapers(local, 'receipt', 'order-8')).toEqual([])
  server.answer(() => TAKEN)
  expect(await drainNow(local)).toMatchObject({ delivered: 1, left: 0 })
  const [asked, recorded] = server.asked
  expect(recorded?.body).toBe(asked?.body)
  expect(recorded?.headers).toMatchObject({ authorization: `Bearer ${REGISTER.credential}`, 'duka-mode': 'record' })
})

test('pressed twice without a network it waits once, and nobody is asked', async () => {
  await asTill(local)
  expect([await askOrKeep(desk(false), PAPER), await askOrKeep(desk(false), PAPER)]).toEqual([null, null])
  expect(await queued(local)).toHaveLength(1)
  expect(server.asked).toEqual([])
})

test('a device that is no till keeps it to be asked for later, as the person', async () => {
  await askOrKeep(desk(false), PAPER)
  expect(await queued(local)).toMatchObject([{ mode: 'plain' }])
})

test('a paper waits behind the one it follows, also when there is a network again', async () => {
  await asTill(local)
  const count: Paper = { id: 'count-1', kind: 'count', path: '/api/stock-counts', body: { id: 'count-1' }, label: 'Showroom' }
  const entries: Paper = { ...count, id: 'entry-1', path: '/api/stock-counts/count-1/entries', body: { id: 'entry-1' }, after: 'count-1' }
  expect(await askOrKeep(desk(false), count)).toBeNull()
  expect(await askOrKeep(desk(), entries)).toBeNull()
  expect(server.asked).toEqual([])
  server.answer((asked) => (asked.path.endsWith('/stock-counts') ? { cut: true } : TAKEN))
  await drainNow(local)
  expect((await queued(local)).map((item) => item.id)).toEqual(['count-1', 'entry-1'])
  server.answer(() => TAKEN)
  expect(await drainNow(local)).toMatchObject({ delivered: 2, left: 0 })
  expect(server.asked.slice(-2).map((asked) => asked.path)).toEqual([count.path, entries.path])
  expect(await askOrKeep(desk(), { ...entries, id: 'entry-2' })).toEqual({ id: 'receipt-1' })
})

test('a file carries a till’s goods papers, and leaves those that are a person’s own', async () => {
  const entries: Paper = { ...PAPER, id: 'entry-1', kind: 'count', path: '/api/stock-counts/count-1/entries', after: 'receipt-1' }
  await askOrKeep(desk(false), { ...PAPER, id: 'receipt-0' })
  await asTill(local)
  await askOrKeep(desk(false), PAPER)
  await askOrKeep(desk(false), entries)
  const file = await exportOutbox(local, 'correct horse')
  const other = { ...(await freshShop()), shopId: local.shopId }
  expect(await importOutbox(other, file, 'correct horse')).toBe(2)
  expect(await queued(other)).toMatchObject([{ id: 'receipt-1', mode: 'record' }, { id: 'entry-1', after: 'receipt-1' }])
  expect((await queued(local)).map((item) => item.exportedAt !== undefined)).toEqual([false, true, true])
}, 20_000)

test('what goods work needs is kept where the pages look for it', async () => {
  const order = { id: 'order-7', number: 'PO/1', lines: [] }
  const suppliers = [{ id: 's1', name: 'Kampala Wholesalers', contact: '' }, { id: 's2', name: 'Jinja Mills', contact: '' }]
  const places = [{ id: 'town', name: 'Showroom', kind: 'showroom', branch_id: 'b1', branch_name: 'Main' }]
  server.answer(() => ({ data: { places, suppliers, orders: [order], transfers: [], counts: [] } }))
  await keepFieldWork(local)
  await keepFieldWork(local)
  expect(server.asked).toHaveLength(1)
  server.answer(() => ({ cut: true }))
  const { call } = await import('$lib/api/client')
  const ask = async (): Promise<unknown> => (await call('GET', '/api/purchase-orders/order-7')).data
  expect((await freshOrSeen(local, orderKey('order-7'), ask)).data).toEqual(order)
  expect((await freshOrSeen(local, ORDERS_KEY, ask)).data).toEqual([order])
  expect(await keptSuppliers(local, 'mills', 5)).toEqual([suppliers[1]])
})
