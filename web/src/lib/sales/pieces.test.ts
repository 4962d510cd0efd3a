import { describe, expect, it } from 'vitest'

import { Refusal } from '$lib/api/errors'
import type { LineOut } from '$lib/api/generated'

import type { MyNote } from './here'
import {
  backLine, choose, codeOf, isWhole, missingOf, NOTHING, numberedOf, othersOf, refusedIn, serialsFor, toggle, withQuantity,
  type Coming, type Known, type Numbered,
} from './pieces'  // prettier-ignore

const ITEMS: Record<string, Known> = {
  phone: { name: 'Phone', tracking: 'serial' },
  watch: { name: 'Watch', tracking: 'serial' },
  cover: { name: 'Cover' },
  box: { name: 'Box', madeOf: [{ variant_id: 'phone', quantity_milli: 2000 }, { variant_id: 'cover', quantity_milli: 1000 }, { variant_id: 'watch', quantity_milli: 1000 }] },
}  // prettier-ignore
const BOXED = ['A1', 'B1', 'C1', 'D1', 'W1', 'W2']

function sold(variant: string, quantity: number, serials?: string[]): LineOut {
  return {
    id: 'line', position: 1, variant_id: variant, description: ITEMS[variant]?.name ?? 'Old thing', unit: 'piece', hsn: null, quantity,
    price: 100, tax_included: true, line_discount: 0, cart_discount: 0, net: 100, taxes: [], tax: 0, total: 100,
    ...(serials ? { serials } : {}),
  }  // prettier-ignore
}

function maybe(line: LineOut, notes: MyNote[] = [], refused: string[] = []): Numbered | null {
  return numberedOf(line, (id) => ITEMS[id], notes, refused)
}

function numbered(line: LineOut, notes: MyNote[] = [], refused: string[] = []): Numbered {
  const found = maybe(line, notes, refused)
  if (!found) throw new Error('no pieces')
  return found
}

function note(quantityMilli: number, serials: string[], restock: 'stock' | 'none' = 'stock'): MyNote {
  return { id: 'n', number: 'N', grossMinor: 0, totalMinor: 0, lines: [{ saleLineId: 'line', quantityMilli, restock, serials }] }
}

const coming = (milli: number, ...pieces: string[]): Coming => ({ milli, pieces })
const three = (): Numbered => numbered(sold('phone', 3, ['A1', 'B1', 'C1']))
const boxes = (): Numbered => numbered(sold('box', 2, BOXED))

describe('the pieces of a line', () => {
  it('are its serial numbers that have not come back', () => {
    expect(three().kinds).toEqual([{ name: 'Phone', milli: 3000, serials: ['A1', 'B1', 'C1'], unnamed: 0 }])
    const later = numbered(sold('phone', 3, ['A1', 'B1', 'C1']), [note(1000, ['B1'])])
    expect([later.kinds[0]!.serials, later.leftMilli, later.outMilli]).toEqual([['A1', 'C1'], 2000, 2000])
    expect(numbered(sold('phone', 3, ['A1', 'B1', 'C1']), [], ['C1']).kinds[0]!.serials).toEqual(['A1', 'B1'])
  })

  it('are not asked for where one alone is out, or where goods have no numbers', () => {
    expect(maybe(sold('phone', 1, ['A1']))).toBeNull()
    expect(maybe(sold('phone', 2, ['A1', 'B1']), [note(1000, ['A1'])])).toBeNull()
    expect(maybe(sold('cover', 4))).toBeNull()
  })

  it('of a set are each component’s, as the server tells them or as this device knows the set', () => {
    const told = { ...sold('box', 2, BOXED), components: [
      { variant_id: 'phone', description: 'Phone as sold', quantity: 4 }, { variant_id: 'cover', description: 'Cover', quantity: 2 },
      { variant_id: 'watch', description: 'Watch as sold', quantity: 2 },
    ] }  // prettier-ignore
    const kinds = (line: LineOut) => numbered(line).kinds.map(({ name, serials }) => [name, serials])
    expect(kinds(told)).toEqual([['Phone as sold', ['A1', 'B1', 'C1', 'D1']], ['Watch as sold', ['W1', 'W2']]])
    expect(kinds(sold('box', 2, BOXED))).toEqual([['Phone', ['A1', 'B1', 'C1', 'D1']], ['Watch', ['W1', 'W2']]])
    expect(kinds(sold('forgotten', 2, ['A1', 'B1']))).toEqual([['Old thing', ['A1', 'B1']]])
  })
})

describe('choosing pieces', () => {
  it('goes up and down with the quantity', () => {
    const one = toggle(three(), NOTHING, 'B1')
    expect(one).toEqual(coming(1000, 'B1'))
    expect(toggle(three(), one, 'B1')).toEqual(NOTHING)
    expect(toggle(three(), coming(2000, 'B1'), 'A1')).toEqual(coming(2000, 'B1', 'A1'))
    expect(toggle(three(), coming(2000, 'B1'), 'B1')).toEqual(coming(2000))
    expect(withQuantity(three(), coming(2000, 'B1', 'A1'), 1000)).toEqual(coming(1000, 'B1'))
  })

  it('needs none where all comes back, and names none', () => {
    const all = withQuantity(three(), coming(2000, 'B1', 'A1'), 3000)
    expect([isWhole(three(), all), missingOf(three(), all), serialsFor(three(), all)]).toEqual([true, 0, []])
    expect(toggle(three(), coming(2000, 'B1', 'A1'), 'C1')).toEqual(coming(3000))
    expect(toggle(three(), all, 'C1')).toEqual(coming(2000, 'A1', 'B1'))
  })

  it('is never guessed: fewer than all have to be chosen', () => {
    const fewer = withQuantity(three(), coming(3000), 2000)
    expect([fewer, missingOf(three(), fewer)]).toEqual([coming(2000), 2])
    expect(missingOf(three(), coming(2000, 'A1'))).toBe(1)
    expect(missingOf(three(), NOTHING)).toBe(0)
  })

  it('of sets counts each component’s', () => {
    const two = choose(boxes(), choose(boxes(), NOTHING, 'C1'), 'A1')
    expect([two, missingOf(boxes(), two)]).toEqual([coming(1000, 'C1', 'A1'), 1])
    const full = choose(boxes(), two, 'W2')
    expect([full, missingOf(boxes(), full)]).toEqual([coming(1000, 'C1', 'A1', 'W2'), 0])
    expect(choose(boxes(), full, 'D1')).toEqual(coming(2000))
    // Of four phones two come then: which ones is not known, but of two watches the other.
    expect(toggle(boxes(), coming(2000), 'W1')).toEqual(coming(1000, 'W2'))
  })

  it('takes a number that is not on the receipt: a phone may have two', () => {
    const other = choose(three(), NOTHING, '3569')
    expect([other, othersOf(three(), other), missingOf(three(), other)]).toEqual([coming(1000, '3569'), ['3569'], 0])
    expect(codeOf(' imei 12 ')).toBe('IMEI12')
    expect(choose(boxes(), coming(1000, 'A1', 'B1'), 'X')).toEqual(coming(1000, 'A1', 'B1', 'X'))
  })

  it('goes no further than what is left of the line', () => {
    const line = numbered(sold('phone', 3, ['A1', 'B1', 'C1']), [note(2000, [], 'none')])
    expect([line.leftMilli, line.outMilli]).toEqual([1000, 3000])
    const one = choose(line, NOTHING, 'A1')
    expect(choose(line, one, 'B1')).toBe(one)
    // All that is left to credit is not all that is out: it is named.
    expect(missingOf(line, coming(1000))).toBe(1)
  })

  it('leaves what was sold without a number to come beside one that has', () => {
    const line = numbered(sold('phone', 3, ['A1']))
    expect(missingOf(line, coming(2000))).toBe(2)
    expect(missingOf(line, coming(2000, 'A1'))).toBe(0)
    expect(missingOf(numbered(sold('phone', 3)), coming(2000))).toBe(0)
  })
})

describe('a credit note', () => {
  it('names the pieces, but not of goods that stay with the buyer', () => {
    const chosen = coming(1000, 'B1')
    expect(backLine('line', chosen, 'damaged', three())).toEqual({ saleLineId: 'line', quantityMilli: 1000, restock: 'damaged', serials: ['B1'] })
    expect(backLine('line', chosen, 'none', three())).toEqual({ saleLineId: 'line', quantityMilli: 1000, restock: 'none' })
    expect(backLine('line', coming(500), 'stock', null)).toEqual({ saleLineId: 'line', quantityMilli: 500, restock: 'stock' })
  })

  it('says which numbers were refused', () => {
    const units = [{ variant_id: 'phone', serial: 'B1', state: 'in_stock' }]
    expect(refusedIn(new Refusal('UNITS_NOT_HERE', 'no', 409, {}, { units }))).toEqual(['B1'])
    expect(refusedIn(new Refusal('SERIALS_REQUIRED', 'no', 400, {}, { lines: [] }))).toEqual([])
    expect(refusedIn(new Error('no'))).toEqual([])
  })
})
