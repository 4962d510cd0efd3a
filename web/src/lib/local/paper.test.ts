import { afterEach, beforeEach, expect, test } from 'vitest'

import { keepFieldWork, keptSuppliers, ORDERS_KEY, orderKey } from './field'
import { drainNow } from './drain'
import { queued } from './outbox'
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

test('what goods work needs is kept where the pages look for it', async () => {
  const order = { id: 'order-7', number: 'PO/1', lines: [] }
  const suppliers = [{ id: 's1', name: 'Kampala Wholesalers', contact: '' }, { id: 's2', name: 'Jinja Mills', contact: '' }]
  server.answer(() => ({ data: { suppliers, orders: [order], transfers: [], counts: [] } }))
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
