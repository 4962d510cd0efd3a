import { afterEach, beforeEach, expect, test } from 'vitest'

import { Refusal, Unreachable } from '$lib/api/errors'

import { loadCatalogue, Shelf } from './catalogue'
import { customerByPhone, registerCustomer, searchCustomers } from './customers'
import { readMeta, writing } from './db'
import { alone } from './locks'
import { pullNow, startPulling } from './pull'
import type { Change, Page } from './pull-rows'
import { freshShop, standIn, type StandIn } from './testing/stand-in'
import type { CustomerRow, ItemRow, Local } from './types'

let server: StandIn
let local: Local

beforeEach(async () => {
  server = await standIn()
  local = await freshShop()
})
afterEach(() => server.stop())

function id(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

function item(number: number, name: string): ItemRow {
  return {
    id: id(number), product_id: id(number + 100), name, sku: '', barcodes: [], group_id: null, unit: 'piece', hsn: null,
    kind: 'goods', tracking: 'quantity', active: true, tax_class_id: 'std', prices: [], min_stock_milli: 0,
  }
}

function customer(key: string, name: string, phone: string | null): CustomerRow {
  return { id: key, name, phone, type: 'retail', tax_id: null, state_code: null, credit_limit_minor: 0, owed_minor: 0 }
}

function items(rows: ItemRow[], gone: string[] = []): Change {
  return { kind: 'item', rows, gone }
}

/** Serve pages by their cursor: the key is the cursor asked with. */
function serve(pages: Record<string, Partial<Page> | { error: string; status: number } | 'cut'>): void {
  server.answer(({ query }) => {
    const page = pages[query.get('cursor') ?? '']
    if (page === 'cut') return { cut: true }
    if (!page) return { status: 400, error: { code: 'CURSOR_NOT_VALID' } }
    if ('error' in page) return { status: page.status, error: { code: page.error } }
    const rest = { more: false, total: null, server_time: '2026-11-21T10:00:00.000Z', business_date: '2026-11-21' }
    return { data: { changes: [], cursor: 'end', ...rest, ...page } }
  })
}

test('a first load takes all pages, tells how far it is, and can be sold from meanwhile', async () => {
  const shelf = new Shelf()
  serve({
    '': { changes: [{ kind: 'tax_class', rows: [{ id: 'std', name: 'VAT', treatment: 'taxed', rates: [] }], gone: [] }, items([item(1, 'Tea')])], cursor: 'p1', more: true, total: 4 },
    p1: { changes: [items([item(2, 'Coffee')]), { kind: 'stock', rows: [{ variant_id: id(1), location_id: 'l1', quantity_milli: 3000 }], gone: [] }], cursor: 'p2' },
  })
  const shares: number[] = []
  const sizes: number[] = []
  const pulled = await pullNow(local, shelf, {
    registerId: 'r1', onProgress: (share) => shares.push(share), onPage: () => sizes.push(shelf.size),
  })
  expect(pulled).toMatchObject({ first: true, elsewhere: false })
  expect(shares).toEqual([0, 0.5, 1, 1])
  expect(sizes).toEqual([1, 2])
  expect(server.asked.map(({ query }) => [query.get('register_id'), query.get('limit')])).toEqual([['r1', '500'], ['r1', '5000']])
  const read = await loadCatalogue(local)
  read.locationId = 'l1'
  expect(read.search('').map(({ name, stockMilli }) => [name, stockMilli])).toEqual([['Coffee', null], ['Tea', 3000]])
  expect(read.taxClass('std')?.name).toBe('VAT')
  expect(await readMeta(local, 'cursor')).toBe('p2')
  expect(await readMeta(local, 'server_date')).toBe('2026-11-21')
})

test('later only what changed comes, and what is gone goes', async () => {
  const shelf = new Shelf()
  serve({
    '': { changes: [items([item(1, 'Tea'), item(2, 'Coffee')]), { kind: 'customer', rows: [customer('c1', 'Mary', '+256772123456')], gone: [] }], cursor: 'a' },
    a: { changes: [items([item(1, 'Green tea')], [id(2)]), { kind: 'customer', rows: [], gone: ['c1'] }, { kind: 'exception_count', rows: [{ id: 'n', count: 3 }], gone: [] }], cursor: 'b', more: true },
    b: { cursor: 'c' },
  })
  await pullNow(local, shelf)
  expect((await customerByPhone(local, '0772 123456'))?.name).toBe('Mary')
  const pulled = await pullNow(local, shelf)
  expect(pulled).toEqual({ kinds: ['item', 'customer', 'exception_count'], first: false, elsewhere: false })
  expect(shelf.search('').map(({ name }) => name)).toEqual(['Green tea'])
  expect((await loadCatalogue(local)).search('').map(({ name }) => name)).toEqual(['Green tea'])
  expect(await customerByPhone(local, '0772 123456')).toBeUndefined()
  expect(await readMeta(local, 'exceptions')).toBe(3)
  expect(await readMeta(local, 'cursor')).toBe('c')
})

test('a device that is too far behind loads anew; what was made here stays', async () => {
  const shelf = new Shelf()
  serve({ '': { changes: [items([item(1, 'Tea')]), { kind: 'customer', rows: [customer('c1', 'Mary', null)], gone: [] }], cursor: 'a' } })
  await pullNow(local, shelf)
  const mine = await registerCustomer(local, { name: 'Noor', phone: '0700 111222' })
  await writing(local, ['sales'], async (tx) => {
    const sale = { number: '1', business_date: '2026-11-20', made_at: '', sale: null, mine: null }
    await tx.objectStore('sales').put({ ...sale, id: 's1', delivery: 'waiting' })
    await tx.objectStore('sales').put({ ...sale, id: 's2', delivery: 'delivered' })
  })
  serve({ a: { error: 'CURSOR_TOO_OLD', status: 410 }, '': { changes: [items([item(2, 'Coffee')])], cursor: 'z' } })
  expect(await pullNow(local, shelf)).toMatchObject({ first: true })
  expect(shelf.search('').map(({ name }) => name)).toEqual(['Coffee'])
  expect((await local.db.getAll('customers')).map(({ id: key }) => key)).toEqual([mine.id])
  expect(await local.db.getAllKeys('sales')).toEqual(['s1'])
})

test('while everything is loaded anew the old goods are sold on, also when that fails', async () => {
  const shelf = new Shelf()
  serve({ '': { changes: [items([item(1, 'Tea')])], cursor: 'a' } })
  await pullNow(local, shelf)
  serve({ '': { changes: [items([item(2, 'Coffee')])], cursor: 'p1', more: true }, p1: { error: 'FORBIDDEN', status: 403 } })
  await expect(pullNow(local, shelf)).rejects.toBeInstanceOf(Refusal)
  expect(shelf.search('').map(({ name }) => name)).toEqual(['Tea'])
  expect(await readMeta(local, 'cursor')).toBe('a')
})

test('without a network nothing changes', async () => {
  serve({ '': 'cut' })
  await expect(pullNow(local, new Shelf())).rejects.toBeInstanceOf(Unreachable)
  expect(await readMeta(local, 'cursor')).toBeUndefined()
})

test('sales of the server stand beside what was printed here; those older than two weeks go', async () => {
  await writing(local, ['sales'], async (tx) => {
    const sale = { made_at: '', sale: null }
    await tx.objectStore('sales').put({ ...sale, id: 's1', number: '1', business_date: '2026-11-20', mine: 'paper', delivery: 'delivered', verdict: 'applied' })
    await tx.objectStore('sales').put({ ...sale, id: 'old', number: '2', business_date: '2026-11-06', mine: null, delivery: 'delivered' })
    await tx.objectStore('sales').put({ ...sale, id: 'kept', number: '3', business_date: '2026-11-06', mine: null, delivery: 'waiting' })
  })
  await writing(local, ['meta'], async (tx) => void (await tx.objectStore('meta').put('a', 'cursor')))
  const told = { id: 's1', number: 'T1/2627/000001', business_date: '2026-11-20', made_at: '', exceptions: [{ code: 'PRICE_CHANGED' }] }
  const elsewhere = { ...told, id: 's9', number: 'T2/2627/000001', exceptions: [] }
  serve({ a: { changes: [{ kind: 'sale', rows: [told, elsewhere] as never, gone: [] }] } })
  await pullNow(local, new Shelf())
  expect(await local.db.get('sales', 's1')).toMatchObject({ mine: 'paper', verdict: 'applied', number: 'T1/2627/000001', exceptions: [{ code: 'PRICE_CHANGED' }] })
  expect((await local.db.getAllKeys('sales')).toSorted()).toEqual(['kept', 's1', 's9'])
})

test('the loop pulls when nudged', async () => {
  serve({ '': { changes: [items([item(1, 'Tea')])], cursor: 'a' }, a: { cursor: 'b' } })
  const firsts: boolean[] = []
  let heard: () => void = () => undefined
  const both = new Promise<void>((resolve) => (heard = resolve))
  const loop = startPulling(local, new Shelf(), {
    registerId: () => null,
    onDone: ({ first }) => {
      firsts.push(first)
      if (firsts.length === 2) heard()
    },
  })
  loop.nudge()
  await both
  loop.stop()
  expect(firsts).toEqual([true, false])
})

test('a cursor counts only for the till that it was given to', async () => {
  serve({ '': { changes: [items([item(1, 'Tea')])], cursor: 'a' }, a: { cursor: 'b' } })
  await pullNow(local, new Shelf())
  expect(await pullNow(local, new Shelf(), { registerId: 'r1' })).toMatchObject({ first: true })
  expect(await pullNow(local, new Shelf(), { registerId: 'r1' })).toMatchObject({ first: false })
  const asked = server.asked.map(({ query }) => [query.get('cursor'), query.get('register_id')])
  expect(asked).toEqual([[null, null], [null, 'r1'], ['a', 'r1']])
})

test('what a tab did not finish before it was closed another one takes up at once', async () => {
  serve({ '': { changes: [items([item(1, 'Tea')])], cursor: 'a' } })
  const closing = Promise.withResolvers<null>()
  const other = alone(`duka-pull-${local.shopId}`, () => closing.promise)
  const done = Promise.withResolvers<null>()
  const heard: boolean[] = []
  const loop = startPulling(local, new Shelf(), {
    registerId: () => null,
    onDone: ({ elsewhere }) => {
      heard.push(elsewhere)
      if (elsewhere) closing.resolve(null)
      else done.resolve(null)
    },
  })
  await done.promise
  await other
  loop.stop()
  expect(heard).toEqual([true, false])
})

test('a page that is on its way when the loop stops is not kept', async () => {
  let asked: () => void = () => undefined
  const [waits, answers] = [new Promise<void>((resolve) => (asked = resolve)), Promise.withResolvers<null>()]
  const page = { cursor: 'c1', more: false, total: 1, server_time: '2026-11-21T08:00:00.000Z', business_date: '2026-11-21' }
  const rows = [customer('c1', 'Mary Akinyi', '+254722000111')]
  server.answer(async () => {
    asked()
    await answers.promise
    return { data: { ...page, changes: [{ kind: 'customer', rows, gone: [] }] } }
  })
  const loop = startPulling(local, new Shelf(), { registerId: () => null, onDone: () => undefined })
  await waits
  loop.stop()
  answers.resolve(null)
  await alone(`duka-pull-${local.shopId}`, async () => undefined)
  expect(await local.db.count('customers')).toBe(0)
  expect(await readMeta(local, 'cursor')).toBeUndefined()
})

test('customers are found by the beginnings of names and by any form of the phone', async () => {
  serve({
    '': { changes: [{ kind: 'customer', rows: [customer('c1', 'Mary Akinyi', '+254722000111'), customer('c2', 'Akello Mary-Anne', '+256772123456'), customer('c3', 'Étienne', null)], gone: [] }] },
  })
  await pullNow(local, new Shelf())
  const found = async (text: string) => (await searchCustomers(local, text)).map((row) => row.name)
  expect(await found('mar')).toEqual(['Akello Mary-Anne', 'Mary Akinyi'])
  expect(await found('mary aki')).toEqual(['Mary Akinyi'])
  expect(await found('ETI')).toEqual(['Étienne'])
  expect(await found('0772')).toEqual(['Akello Mary-Anne'])
  expect(await found('+254 722')).toEqual(['Mary Akinyi'])
  expect(await found('')).toEqual([])
  for (const phone of ['0772123456', '+256 772 123456', '256772123456', '772-123-456']) {
    expect((await customerByPhone(local, phone))?.id).toBe('c2')
  }
})
