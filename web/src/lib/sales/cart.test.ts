import { describe, expect, it } from 'vitest'

import type { Item, TaxClassRow } from '$lib/local/types'

import {
  addItem, addOpenItem, billOf, countOf, EMPTY_CART, largestDiscountBp, reprice, setCartDiscount, setLineDiscount, setPrice,
  setQuantity, setBatch, setSerials, type Pricing,
} from './cart'
import { cartOf, contentOf } from './hold'
import { KeyScanner, quantityFirst } from '$lib/catalog/scanner'
import { count, quickAmounts } from './tender'

const VAT: TaxClassRow = {
  id: 'vat', name: 'Standard', treatment: 'taxed',
  rates: [{ kind: 'vat', code: 'VAT', rate_bp: 1800, valid_from: '2020-01-01' }],
}  // prettier-ignore
const PRICING: Pricing = {
  settings: { country: 'UG', state_code: null, cash_rounding_minor: 50 }, taxClass: (id) => (id === VAT.id ? VAT : undefined),
  day: '2026-11-21',
}  // prettier-ignore

function item(id: string, priceMinor: number | null): Item {
  return {
    id, productId: id, name: `Item ${id}`, sku: null, barcodes: [], groupId: null, unit: 'piece', hsn: null, stocked: true,
    active: true, taxClassId: VAT.id, priceMinor, taxIncluded: true, stockMilli: null, minStockMilli: 0, favourite: false,
  }  // prettier-ignore
}

describe('the cart', () => {
  it('counts an item up, and gives it a line of its own beside one at another price', () => {
    const twice = addItem(addItem(EMPTY_CART, item('a', 1000)).cart, item('a', 1000)).cart
    expect(twice.lines.map((line) => line.quantityMilli)).toEqual([2000])
    const dearer = setPrice(twice, twice.lines[0]!.id, 900)
    expect(addItem(dearer, item('a', 1000)).cart.lines).toHaveLength(2)
  })

  it('takes as many as serial numbers are named, each once', () => {
    const { cart, lineId } = addItem(EMPTY_CART, item('a', 1000))
    const [line] = setSerials(cart, lineId, ' imei1, IMEI2\nimei1 ').lines
    expect([line!.serials, line!.quantityMilli]).toEqual([['IMEI1', 'IMEI2'], 2000])
    const [unnamed] = setSerials(cart, lineId, '').lines
    expect([unnamed!.serials, unnamed!.quantityMilli]).toEqual([[], 1000])
  })

  it('gives each batch a line of its own', () => {
    const { cart, lineId } = addItem(EMPTY_CART, item('a', 1000))
    const both = addItem(setBatch(cart, lineId, 'L1'), item('a', 1000), 2000, 'L2').cart
    const more = addItem(both, item('a', 1000), 1000, 'L1').cart
    expect(more.lines.map((line) => [line.batch, line.quantityMilli])).toEqual([['L1', 2000], ['L2', 2000]])
  })

  it('waits with its serial numbers and its batch', () => {
    const named = addItem(EMPTY_CART, item('a', 1000), 1000, 'L1')
    const other = addItem(named.cart, item('b', 1000))
    const content = contentOf(setSerials(other.cart, other.lineId, 'IMEI1'))
    const back = cartOf({ id: 'c', name: 'C', content: content as never }, { item: (id) => item(id, 1000), customer: null, ownPrices: false })
    expect(back.lines.map((line) => [line.batch, line.serials])).toEqual([['L1', undefined], [undefined, ['IMEI1']]])
  })

  it('sells nothing that has no price', () => {
    expect(() => addItem(EMPTY_CART, item('a', null))).toThrow('no price')
  })

  it('takes a line out when nothing of it is left', () => {
    const { cart, lineId } = addItem(EMPTY_CART, item('a', 1000))
    expect(setQuantity(cart, lineId, 0).lines).toEqual([])
  })

  it('holds the most discounted line against the ceiling, discounts of line and cart together', () => {
    const { cart, lineId } = addItem(addItem(EMPTY_CART, item('a', 10_000)).cart, item('b', 10_000))
    const off = setCartDiscount(setLineDiscount(cart, lineId, { bp: 1000 }), { amountMinor: 1900 })
    expect(largestDiscountBp(billOf(off, PRICING))).toBe(1900)
  })

  it('rounds to coins only what is paid in cash alone', () => {
    const { cart } = addOpenItem(EMPTY_CART, { name: 'Repair', priceMinor: 1020, taxClassId: VAT.id, taxIncluded: true })
    expect([billOf(cart, PRICING).totalMinor, billOf(cart, PRICING, true).totalMinor]).toEqual([1020, 1000])
  })

  it('says which line has no taxes on this device', () => {
    const { cart } = addOpenItem(EMPTY_CART, { name: 'Repair', priceMinor: 1000, taxClassId: 'gone', taxIncluded: true })
    expect(() => billOf(cart, PRICING)).toThrow('Repair')
  })

  it('follows the catalogue where nobody set a price', () => {
    const { cart } = addItem(addItem(EMPTY_CART, item('a', 1000)).cart, item('b', 2000))
    const own = setPrice(cart, cart.lines[1]!.id, 1500)
    const later = reprice(own, (id) => item(id, 3000))
    expect(later.lines.map((line) => line.priceMinor)).toEqual([3000, 1500])
  })

  it('counts pieces, and what is weighed as one', () => {
    const { cart, lineId } = addItem(addItem(EMPTY_CART, item('a', 1000), 3000).cart, item('b', 1000))
    expect(countOf(setQuantity(cart, lineId, 1250))).toBe(4)
  })
})

describe('a cart that waits', () => {
  it('comes back as it was put aside, at the prices of now', () => {
    const { cart, lineId } = addItem(EMPTY_CART, item('a', 1000), 2500)
    const open = addOpenItem(setLineDiscount(cart, lineId, { bp: 500 }), { name: 'Cut', priceMinor: 300, taxClassId: VAT.id, taxIncluded: true }).cart
    const content = contentOf(setCartDiscount({ ...open, note: 'Blue bag' }, { amountMinor: 100 }))
    const held = { id: 'cart', name: 'Grace', content: content as never }
    const back = cartOf(held, { item: (id) => item(id, 1100), customer: null, ownPrices: false })
    expect(back).toMatchObject({ note: 'Blue bag', discount: { amountMinor: 100 }, held: { id: 'cart' } })
    expect(back.lines.map((line) => [line.name, line.quantityMilli, line.priceMinor, line.discount])).toEqual([
      ['Item a', 2500, 1100, { bp: 500 }], ['Cut', 1000, 300, undefined],
    ])  // prettier-ignore
  })

  it('leaves out what is no longer sold', () => {
    const content = contentOf(addItem(EMPTY_CART, item('a', 1000)).cart)
    const held = { id: 'cart', name: 'x', content: content as never }
    expect(cartOf(held, { item: () => undefined, customer: null, ownPrices: true }).lines).toEqual([])
  })
})

describe('money handed over', () => {
  it('counts cash last and gives the rest back', () => {
    const tenders = [{ method: 'cash', amountMinor: 5000 }, { method: 'card', amountMinor: 4000 }] as const
    expect(count(tenders, 7000)).toEqual({ amounts: [3000, 4000], paidMinor: 7000, changeMinor: 2000, leftMinor: 0 })
  })

  it('refuses too much by what gives no change, and cash of which nothing counts', () => {
    expect(() => count([{ method: 'card', amountMinor: 8000 }], 7000)).toThrow('Only cash')
    expect(() => count([{ method: 'card', amountMinor: 7000 }, { method: 'cash', amountMinor: 10 }], 7000)).toThrow('Only cash')
  })

  it('offers the exact amount and what people carry', () => {
    expect(quickAmounts(32_000, 0)).toEqual([32_000, 35_000, 40_000, 50_000])
    expect(quickAmounts(11_800, 2)).toEqual([11_800, 12_000, 15_000, 20_000])
    expect(quickAmounts(0, 0)).toEqual([])
  })
})

describe('what is typed', () => {
  it('is a scanner when it is faster than fingers and ends with Enter', () => {
    const scanner = new KeyScanner()
    const heard = [...'5901234'].map((key, place) => scanner.hear(key, place * 10))
    expect([...heard, scanner.hear('Enter', 75)]).toEqual([...heard.map(() => null), '5901234'])
  })

  it('is a person when it is slow', () => {
    const scanner = new KeyScanner()
    for (const [place, key] of [...'5901234'].entries()) scanner.hear(key, place * 120)
    expect(scanner.hear('Enter', 1000)).toBeNull()
  })

  it('may begin with a quantity', () => {
    expect(quantityFirst('3*cola')).toEqual({ text: 'cola', quantityMilli: 3000 })
    expect(quantityFirst('1,5 x rice')).toEqual({ text: 'rice', quantityMilli: 1500 })
    expect(quantityFirst('7up')).toEqual({ text: '7up', quantityMilli: 1000 })
  })
})
