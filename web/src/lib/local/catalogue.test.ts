import 'fake-indexeddb/auto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { loadCatalogue, Shelf } from './catalogue'
import { CHUNK_ROWS } from './chunks'
import { keeping } from './db'
import { fold } from './fold'
import { freshShop } from './testing/stand-in'
import type { ItemRow } from './types'

const NOW = Date.parse('2026-11-21T10:00:00Z')

function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

function row(number: number, name: string, more: Partial<ItemRow> = {}): ItemRow {
  return {
    id: idOf(number), product_id: idOf(number + 500_000), name, sku: `SKU${number}`, barcodes: [], group_id: null,
    unit: 'piece', hsn: null, kind: 'goods', tracking: 'quantity', active: true, tax_class_id: 'std',
    prices: [{ price_minor: number * 100, tax_included: true, valid_from: '2026-01-01T00:00:00.000Z' }],
    min_stock_milli: 0, ...more,
  }
}

function shelfOf(...rows: ItemRow[]): Shelf {
  const shelf = new Shelf()
  shelf.apply(rows, [], NOW)
  return shelf
}

function names(shelf: Shelf, text: string, options?: Parameters<Shelf['search']>[1]): string[] {
  return shelf.search(text, options).map((item) => item.name)
}

test('names that begin with the text come first, then words, then codes, then anything', () => {
  const shelf = shelfOf(
    row(1, 'Unlocked cable'), row(2, 'USB Cable 2 m'), row(3, 'Cable tie'), row(4, 'Car holder', { sku: 'CABLE-9' }),
    row(5, 'Decabled hub'), row(6, 'Lamp'),
  )
  expect(names(shelf, 'cable')).toEqual(['Cable tie', 'Unlocked cable', 'USB Cable 2 m', 'Car holder', 'Decabled hub'])
})

test('all words count, in any order, without case and accents', () => {
  const shelf = shelfOf(row(1, 'Étui iPhone 15 Noir'), row(2, 'Étui Samsung'), row(3, 'iPhone 15'))
  expect(names(shelf, 'IPHONE etui')).toEqual(['Étui iPhone 15 Noir'])
  expect(names(shelf, 'étui sam')).toEqual(['Étui Samsung'])
  expect(names(shelf, 'nokia')).toEqual([])
})

test('without text everything comes by name, page by page', () => {
  const shelf = shelfOf(row(1, 'c'), row(2, 'A'), row(3, 'b'), row(4, 'd', { active: false }))
  expect(names(shelf, '')).toEqual(['A', 'b', 'c'])
  expect(names(shelf, '', { offset: 1, limit: 1 })).toEqual(['b'])
})

test('a group holds what lies in the groups below it', () => {
  const shelf = shelfOf(row(1, 'Phone', { group_id: 'phones' }), row(2, 'Case', { group_id: 'cases' }), row(3, 'Tea'))
  shelf.setGroups([
    { id: 'goods', name: 'Goods', parent_id: null, position: 1 },
    { id: 'phones', name: 'Phones', parent_id: 'goods', position: 1 },
    { id: 'cases', name: 'Cases', parent_id: 'phones', position: 1 },
  ])
  expect(names(shelf, '', { groupId: 'goods' })).toEqual(['Case', 'Phone'])
  expect(names(shelf, '', { groupId: 'cases' })).toEqual(['Case'])
})

test('the price in force is the last that has begun', () => {
  const at = (from: string, price_minor: number) => ({ price_minor, tax_included: price_minor > 150, valid_from: from })
  const shelf = shelfOf(
    row(1, 'Soon dearer', { prices: [at('2020-01-01T00:00:00Z', 100), at('2020-06-01T00:00:00Z', 200), at('2999-01-01T00:00:00Z', 300)] }),
    row(2, 'Not yet', { prices: [at('2999-01-01T00:00:00Z', 100)] }),
    row(3, 'Priceless', { prices: [] }),
  )
  expect(shelf.item(idOf(1))).toMatchObject({ priceMinor: 200, taxIncluded: true })
  expect(shelf.item(idOf(2))?.priceMinor).toBeNull()
  expect(shelf.item(idOf(3))?.priceMinor).toBeNull()
})

test('a change of one item renews its price, name and barcode; a gone one is found no more', () => {
  const shelf = shelfOf(row(1, 'Tea', { barcodes: ['111', '112'] }), row(2, 'Coffee', { barcodes: ['222'] }))
  expect(shelf.byBarcode('112')?.name).toBe('Tea')
  shelf.apply([row(1, 'Green tea', { barcodes: ['119'], prices: [] })], [idOf(2)], NOW)
  expect(shelf.byBarcode('119')).toMatchObject({ name: 'Green tea', priceMinor: null, barcodes: ['119'] })
  expect(shelf.byBarcode('111')).toBeUndefined()
  expect(shelf.byBarcode('222')).toBeUndefined()
  expect(shelf.item(idOf(2))).toBeUndefined()
  expect(names(shelf, '')).toEqual(['Green tea'])
  expect(shelf.size).toBe(1)
})

test('stock is shown of the location that sells; a service has none', () => {
  const shelf = shelfOf(row(1, 'Tea'), row(2, 'Repair', { kind: 'service', tracking: 'none' }), row(3, 'Uncounted'))
  shelf.applyStock([
    { variant_id: idOf(1), location_id: 'here', quantity_milli: 5000 },
    { variant_id: idOf(1), location_id: 'there', quantity_milli: 9000, reserved_milli: 2000 },
    { variant_id: idOf(2), location_id: 'here', quantity_milli: 1000 },
    { variant_id: 'nobody knows it', location_id: 'here', quantity_milli: 1000 },
  ])
  shelf.locationId = 'here'
  expect(shelf.item(idOf(1))?.stockMilli).toBe(5000)
  shelf.takeOff(idOf(1), 1500)
  expect(shelf.item(idOf(1))?.stockMilli).toBe(3500)
  expect(shelf.item(idOf(2))).toMatchObject({ stocked: false, stockMilli: null })
  expect(shelf.item(idOf(3))?.stockMilli).toBeNull()
})

test('of a set there are as many as its components are enough for, and a sale takes them', async () => {
  const madeOf = [{ variant_id: idOf(1), quantity_milli: 1000 }, { variant_id: idOf(2), quantity_milli: 1500 }]
  const gift = row(3, 'Gift', { tracking: 'none', components: madeOf })
  const shelf = shelfOf(row(1, 'Cup'), row(2, 'Tea'), gift)
  shelf.locationId = 'here'
  expect(shelf.item(idOf(3))).toMatchObject({ stocked: false, stockMilli: null, madeOf })
  shelf.applyStock([
    { variant_id: idOf(1), location_id: 'here', quantity_milli: 9000 },
    { variant_id: idOf(2), location_id: 'here', quantity_milli: 5900 },
  ])
  expect(shelf.item(idOf(3))?.stockMilli).toBe(3000)
  shelf.takeOff(idOf(3), 2000)
  expect([1, 2, 3].map((number) => shelf.item(idOf(number))?.stockMilli)).toEqual([7000, 2900, 1000])
  const local = await freshShop()
  await keeping(local, ['catalogue', 'stock'], (tx) => shelf.save(tx, true))
  expect((await loadCatalogue(local)).item(idOf(3))?.madeOf).toEqual(madeOf)
  shelf.apply([row(3, 'Gift', { tracking: 'none' })], [], NOW)
  expect(shelf.item(idOf(3))?.madeOf).toBeUndefined()
})

test('it is known how the pieces of an item are told apart', () => {
  const shelf = shelfOf(row(1, 'Phone', { tracking: 'serial' }), row(2, 'Milk', { tracking: 'batch' }), row(3, 'Cable'))
  expect([1, 2, 3].map((n) => shelf.item(idOf(n))?.tracking)).toEqual(['serial', 'batch', undefined])
  shelf.apply([row(1, 'Phone')], [])
  expect(shelf.item(idOf(1))?.tracking).toBeUndefined()
})

test('favourites are what was chosen, then what is sold most', () => {
  const shelf = shelfOf(row(1, 'Chosen', { favourite: true }), row(2, 'Seldom'), row(3, 'Often'), row(4, 'Gone', { active: false }))
  shelf.learn(new Map([[idOf(2), 1], [idOf(3), 5], [idOf(4), 9], ['unknown', 3]]))
  expect(shelf.favourites(5).map((item) => item.name)).toEqual(['Chosen', 'Often', 'Seldom'])
  expect(shelf.favourites(1).map((item) => item.name)).toEqual(['Chosen'])
})

const LAST = CHUNK_ROWS * 2 + 5
const NEXT = LAST + 1

test('what is kept over several chunks is read back the same, and a small change writes one chunk', async () => {
  const local = await freshShop()
  const rows = Array.from({ length: CHUNK_ROWS * 2 + 10 }, (_, number) => row(number, `Item ${number}`, { barcodes: [`9${number}`] }))
  const shelf = shelfOf(...rows)
  shelf.applyStock([{ variant_id: idOf(LAST), location_id: 'here', quantity_milli: 7 }])
  await keeping(local, ['catalogue', 'stock'], (tx) => shelf.save(tx, true))
  shelf.apply([row(LAST, 'Renamed', { barcodes: [`9${LAST}`] })], [idOf(NEXT)], NOW)
  const written: number[] = []
  await keeping(local, ['catalogue', 'stock'], async (tx) => {
    const before = await tx.objectStore('catalogue').getAll()
    await shelf.save(tx)
    const after = await tx.objectStore('catalogue').getAll()
    for (const [turn, chunk] of after.entries()) if (chunk.labels !== before[turn]?.labels) written.push(turn)
  })
  expect(written).toEqual([2])
  const read = await loadCatalogue(local)
  read.locationId = 'here'
  expect(read.size).toBe(rows.length - 1)
  expect(read.item(idOf(LAST))).toEqual({ ...shelf.item(idOf(LAST)), stockMilli: 7 })
  expect(read.item(idOf(499))).toMatchObject({ id: idOf(499), productId: idOf(500_499), name: 'Item 499', sku: 'SKU499' })
  expect(read.byBarcode('9500')?.id).toBe(idOf(500))
  expect(read.item(idOf(NEXT))).toBeUndefined()
  read.apply([row(9999, 'New')], [], NOW)
  expect(read.item(idOf(9999))?.name).toBe('New')
})

test('search finds exactly what holds all words, whatever the names are', () => {
  const word = fc.constantFrom('cable', 'usb', 'Étui', 'café', '2m', 'c', 'ab', 'नमक', 'cab', 'x y', 'x\ny')
  const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '))
  fc.assert(
    fc.property(fc.array(name, { maxLength: 30 }), fc.array(word, { minLength: 1, maxLength: 2 }), (all, asked) => {
      const shelf = shelfOf(...all.map((each, number) => row(number, each, { sku: '' })))
      const words = fold(asked.join(' ')).split(' ')
      const expected = all.filter((each) => words.every((one) => fold(each).includes(one)))
      const found = shelf.search(asked.join(' '), { limit: 100 }).map((item) => fold(item.name))
      expect(found.toSorted()).toEqual(expected.map(fold).toSorted())
      const first = shelf.search(asked.join(' '), { limit: 3 }).map((item) => fold(item.name))
      expect(first).toEqual(found.slice(0, 3))
    }),
  )
})

test('by a clock that was set back, prices are those of the last moment that the server named', () => {
  const shelf = new Shelf()
  shelf.toldMs = Date.parse('2099-01-02T00:00:00Z')
  shelf.apply([row(1, 'Tea', { prices: [{ price_minor: 300, tax_included: true, valid_from: '2099-01-01T00:00:00Z' }] })], [])
  expect(shelf.item(idOf(1))?.priceMinor).toBe(300)
})
