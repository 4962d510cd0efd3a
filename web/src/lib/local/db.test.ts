import 'fake-indexeddb/auto'

import { deleteDB, openDB } from 'idb'
import { expect, test } from 'vitest'

import { DeviceFull, openLocal, readMeta, STEPS, writeMeta, writing } from './db'
import { drop, put, record, recordLeftOver, waiting } from './outbox'
import { renewItems, upcast } from './outbox-versions'
import { freshShop } from './testing/stand-in'
import type { OutboxItem } from './types'

const SALE = {
  id: 'sale-1', kind: 'sale', method: 'POST', path: '/api/sales', body: '{"id":"sale-1", "total":100}', mode: 'record',
  madeAt: '2026-11-21T08:00:00.000Z', label: 'T1/2627/000001',
} as const

test('a write that fails in the middle leaves nothing behind', async () => {
  const local = await freshShop()
  await expect(
    writing(local, ['outbox', 'meta'], async (tx) => {
      await put(tx, SALE)
      throw new Error('the power went')
    }),
  ).rejects.toThrow('the power went')
  expect(await waiting(local)).toEqual({ count: 0, since: null, aside: 0 })
})

test('a device without space says so, and nothing was saved', async () => {
  const local = await freshShop()
  await expect(
    writing(local, ['outbox'], async () => {
      throw new DOMException('', 'QuotaExceededError')
    }),
  ).rejects.toBeInstanceOf(DeviceFull)
  expect((await waiting(local)).count).toBe(0)
})

test('a document is in the outbox once', async () => {
  const local = await freshShop()
  await writing(local, ['outbox'], (tx) => put(tx, SALE))
  await expect(writing(local, ['outbox'], (tx) => put(tx, SALE))).rejects.toThrow()
  expect((await waiting(local)).count).toBe(1)
})

test('what is being asked for becomes a document that happened, or is taken out', async () => {
  const local = await freshShop()
  await writing(local, ['outbox'], async (tx) => {
    await put(tx, { ...SALE, state: 'asking' })
    await put(tx, { ...SALE, id: 'sale-2', state: 'asking' })
    await put(tx, { ...SALE, id: 'sale-3', state: 'asking' })
  })
  await writing(local, ['outbox'], (tx) => drop(tx, 'sale-1'))
  await writing(local, ['outbox'], (tx) => record(tx, 'sale-2'))
  expect(await recordLeftOver(local)).toEqual(['sale-3'])
  const states = (await local.db.getAll('outbox')).map(({ id, state }) => [id, state])
  expect(states).toEqual([['sale-2', 'waiting'], ['sale-3', 'waiting']])
})

test('a newer app keeps the outbox of an older one', async () => {
  const shopId = 'upgraded'
  const old = await openLocal(shopId)
  await writing(old, ['outbox', 'heads'], async (tx) => {
    await put(tx, SALE)
    await tx.objectStore('heads').put({ series: 'T1/2627', counter: 1, hash: 'ab' })
  })
  let outdated = 0
  old.db.close()
  const newer = await openLocal(shopId, () => (outdated += 1), [...STEPS, (db) => void db.createObjectStore('x' as 'meta')])
  expect((await newer.db.getAll('outbox')).map(({ id, body }) => [id, body])).toEqual([['sale-1', SALE.body]])
  expect((await newer.db.get('heads', 'T1/2627'))?.counter).toBe(1)
  newer.db.close()
})

test('an open tab lets go when a newer app comes', async () => {
  let outdated = 0
  await openLocal('two-tabs', () => (outdated += 1))
  const newer = await openLocal('two-tabs', undefined, [...STEPS, () => undefined])
  expect(outdated).toBe(1)
  newer.db.close()
})

test('an item of version 0 is delivered as it was written', async () => {
  const local = await freshShop()
  const name = local.db.name
  const version = local.db.version
  local.db.close()
  const raw = await openDB(name, version)
  const old = { id: 'old-1', path: '/api/sales', body: SALE.body, made_at: '2025-01-02T03:04:05.000Z', state: 'sending' }
  await raw.put('outbox', old)
  raw.close()
  const again = await openLocal(local.shopId)
  expect(await renewItems(again)).toBe(1)
  expect(await again.db.getAll('outbox')).toEqual([
    {
      seq: 1, id: 'old-1', kind: 'sale', method: 'POST', path: '/api/sales', body: SALE.body, schema: 1, mode: 'record',
      madeAt: '2025-01-02T03:04:05.000Z', state: 'waiting', tries: 0, label: '',
    } satisfies OutboxItem,
  ])
  expect(await renewItems(again)).toBe(0)
})

test('older items tell their kind by their path', () => {
  const kinds = ['/api/sales/1/payments', '/api/register-sessions/1/cash-moves', '/api/register-sessions', '/api/invoices/1/credit-notes', '/api/customers']
  expect(kinds.map((path) => upcast({ path, made_at: '' }).kind)).toEqual(['payment', 'cash', 'drawer', 'return', 'customer'])
})

test('single values are kept and removed', async () => {
  const local = await freshShop()
  await writeMeta(local, 'cursor', 'c1')
  expect(await readMeta(local, 'cursor')).toBe('c1')
  await writeMeta(local, 'cursor', undefined)
  expect(await readMeta(local, 'cursor')).toBeUndefined()
  local.db.close()
  await deleteDB(local.db.name)
})
