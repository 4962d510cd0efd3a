import { describe, expect, it } from 'vitest'

import type { MovementOut, ProductOut } from '$lib/api/generated'

import { attributesOf, blankForm, changeOf, formOf, newProduct, problemsIn } from './form'
import { flattened, pathOf, treeOf } from './groups'
import { barcodeHolds, combinations, marginOf, priceSpan } from './products'
import { byDay, levelsBack, reasonsFor } from './stock'
import { firstClass, parsePercent, rateInForceBp, ratesOn } from './taxes'

const product = {
  id: 'p1', name: 'Cable', group_id: 'g1', tax_class: { id: 't1' }, kind: 'goods', tracking: 'quantity',
  description: '', brand: 'Waya', unit: 'piece', hsn: null, attributes: {}, warranty_months: 0, min_stock: 2.5,
  reorder_level: null, reorder_quantity: null, auto_reorder: false, external_ref: null, active: true, version: 3,
  variants: [{ id: 'v1', name: 'Cable', sku: 'C-1', barcode: null, price: 5000, tax_included: true, active: true, cost: 3000 }],
} as unknown as ProductOut  // prettier-ignore

describe('a product’s form', () => {
  it('sends only what was changed', () => {
    const before = formOf(product)
    expect(changeOf(before, before)).toEqual({})
    expect(changeOf(before, { ...before, name: ' Cable 2 ', priceMinor: 6000, groupId: '', minStockMilli: 1500 })).toEqual({
      name: 'Cable 2', price: 6000, group_id: null, min_stock: 1.5,
    })  // prettier-ignore
  })
  it('makes a variant of each combination where there are several kinds', () => {
    const form = { ...blankForm('t1', true), name: 'Shirt', priceMinor: 9000, several: true, attributes: [{ name: 'size', choices: 'S, M,, S' }] }
    expect(attributesOf(form.attributes)).toEqual({ size: ['S', 'M'] })
    expect(newProduct(form, 'id')).toMatchObject({ id: 'id', generate: true, attributes: { size: ['S', 'M'] }, price: 9000 })
    expect(problemsIn(form, true)).toEqual({})
  })
  it('names what is wrong before it is sent', () => {
    const form = { ...blankForm('t1', true), unit: '', barcode: '5901234123458', warrantyMonths: 'x' }
    expect(problemsIn(form, true)).toEqual({
      name: 'needed', unit: 'needed', barcode: 'barcode', price: 'needed', warranty_months: 'number',
    })  // prettier-ignore
  })
})

describe('products', () => {
  it('knows the check digit of a barcode, and leaves other codes alone', () => {
    expect(['5901234123457', '96385074', '012345678905', 'ABC-1', '123'].map(barcodeHolds)).toEqual([true, true, true, true, true])
    expect(barcodeHolds('5901234123456')).toBe(false)
  })
  it('spans the prices of what is on sale', () => {
    const variants = [5000, 7000, 100].map((price, at) => ({ price, active: at < 2 })) as ProductOut['variants']
    expect(priceSpan({ variants })).toEqual({ leastMinor: 5000, mostMinor: 7000 })
    expect(priceSpan({ variants: [] })).toBeNull()
  })
  it('takes the tax out of the price before it says what is earned', () => {
    expect(marginOf({ price: 11_800, tax_included: true, cost: 6000 }, 1800)).toEqual({ earnedMinor: 4000, marginBp: 4000 })
    expect(marginOf({ price: 11_800, tax_included: true, cost: null }, 1800)).toBeNull()
  })
  it('combines attributes in the order they were typed', () => {
    expect(combinations({ size: ['S', 'M'], colour: ['red'] })).toEqual([{ size: 'S', colour: 'red' }, { size: 'M', colour: 'red' }])
  })
})

describe('groups', () => {
  const group = (id: string, parent_id: string | null, position: number) => ({ id, name: id.toUpperCase(), parent_id, position })
  const groups = [group('b', null, 1), group('a', null, 0), group('c', 'b', 0), group('d', 'c', 0), group('lost', 'gone', 5)]
  it('puts them into a tree by position; what points nowhere stands at the top', () => {
    expect(flattened(treeOf(groups)).map(({ group: each, level }) => [each.id, level])).toEqual([['a', 1], ['b', 1], ['c', 2], ['d', 3], ['lost', 1]])
  })
  it('names a place', () => {
    expect(pathOf(groups, 'd')).toBe('B › C › D')
    expect(pathOf(groups, null)).toBe('')
  })
})

describe('taxes', () => {
  const rates = [
    { id: '1', kind: 'vat', code: 'VAT', rate_bp: 1600, valid_from: '2020-01-01' },
    { id: '2', kind: 'vat', code: 'VAT', rate_bp: 1800, valid_from: '2024-01-01' },
    { id: '3', kind: 'vat', code: 'VAT', rate_bp: 2000, valid_from: '2030-01-01' },
  ] as const
  it('says which rate is in force, past or to come', () => {
    expect(ratesOn(rates, '2026-11-21').map(({ id, when }) => [id, when])).toEqual([['3', 'later'], ['2', 'now'], ['1', 'past']])
    expect(rateInForceBp(rates, '2023-05-05')).toBe(1600)
  })
  it('reads a percentage as people type it', () => {
    expect(['18', '18 %', '2.5', '2,25', '0', 'x', '18.255', '9999'].map(parsePercent)).toEqual([1800, 1800, 250, 225, 0, null, null, null])
  })
  it('gives a new product the first class that bears a tax', () => {
    const classes = [
      { id: 'x', active: true, treatment: 'exempt', created_at: '2020' },
      { id: 'y', active: true, treatment: 'taxed', created_at: '2021' },
      { id: 'z', active: false, treatment: 'taxed', created_at: '2019' },
    ] as const
    expect(firstClass(classes)).toBe('y')
  })
})

describe('stock', () => {
  it('works levels back from what stands now, a last one for each day', () => {
    const moves = [
      { at: '2026-11-20T10:00:00Z', quantity: -1.5 },
      { at: '2026-11-20T08:00:00Z', quantity: 4 },
      { at: '2026-11-19T08:00:00Z', quantity: -2 },
    ] as MovementOut[]
    expect(byDay(levelsBack(moves, 10))).toEqual([{ day: '2026-11-19', level: 7.5 }, { day: '2026-11-20', level: 10 }])
  })
  it('lets no loss add and no find take away', () => {
    expect(reasonsFor(1000)).not.toContain('loss')
    expect(reasonsFor(-1000)).not.toContain('found')
    expect(reasonsFor(-1000)).toContain('correction')
  })
})
