import { describe, expect, it } from 'vitest'

import { beginningOf, comesLate, saidBody, shortMilli, wantedOn, type AskedOrder } from './asked'
import { differenceOf } from './orders'

function line(id: string, more: Partial<AskedOrder['lines'][number]> = {}): AskedOrder['lines'][number] {
  return {
    id, name: id, unit: 'piece', code: null, pack_size: null, quantity: 10, expected_on: null, confirmed: null,
    confirmed_on: null, ...more,
  }  // prettier-ignore
}

function order(...lines: AskedOrder['lines']): AskedOrder {
  return {
    shop: 'Njeri Phones', shop_phone: null, language: 'en', currency: 'UGX', number: 'PO/1', state: 'ordered', open: true,
    supplier_name: 'Mills', place: 'Showroom', address: '', ordered_on: null, expected_on: '2026-11-20', note: '',
    confirmed_at: null, expires_at: '2027-01-01T00:00:00.000Z', lines,
  }  // prettier-ignore
}

describe('what a supplier says', () => {
  it('begins with all that is wanted on the day it is wanted, or with what was said before', () => {
    const asked = order(line('a'), line('b', { expected_on: '2026-11-25' }), line('c', { confirmed: 2.5, confirmed_on: '2026-12-01' }))
    expect(beginningOf(asked)).toEqual([
      { id: 'a', quantityMilli: 10_000, day: '2026-11-20' },
      { id: 'b', quantityMilli: 10_000, day: '2026-11-25' },
      { id: 'c', quantityMilli: 2_500, day: '2026-12-01' },
    ])
    expect(asked.lines.map((each) => wantedOn(asked, each))).toEqual(['2026-11-20', '2026-11-25', '2026-11-20'])
  })

  it('is short or late', () => {
    const said = (quantityMilli: number | null) => ({ id: 'a', quantityMilli, day: '' })
    expect([said(7_000), said(10_000), said(12_000), said(null)].map((each) => shortMilli(line('a'), each))).toEqual([3_000, 0, 0, 0])
    expect([comesLate('2026-11-20', '2026-11-21'), comesLate('2026-11-20', '2026-11-20'), comesLate(null, '2026-11-21'), comesLate('2026-11-20', '')]).toEqual([
      true, false, false, false,
    ])  // prettier-ignore
  })

  it('is sent whole, or not at all while a quantity cannot be read', () => {
    const said = [{ id: 'a', quantityMilli: 1_500, day: '' }, { id: 'b', quantityMilli: 0, day: '2026-12-01' }]
    expect(saidBody(said, ' Tomorrow. ')).toEqual({
      lines: [{ id: 'a', quantity: 1.5, expected_on: null }, { id: 'b', quantity: 0, expected_on: '2026-12-01' }],
      note: 'Tomorrow.',
    })
    expect(saidBody([...said, { id: 'c', quantityMilli: null, day: '' }], '')).toBeNull()
  })
})

describe('what the shop sees of it', () => {
  const base = {
    id: 'a', variant_id: 'v', variant_name: '', sku: '', unit: 'piece', supplier_code: null, pack_size: null, quantity: 10, received: 0,
    rejected: 0, outstanding: 10, expected_on: null, last_price_on: null, confirmed: null, confirmed_on: null,
  }  // prettier-ignore

  it('says by how much a line is short and whether it comes late', () => {
    const asked = { expected_on: '2026-11-20' }
    expect(differenceOf(asked, base)).toEqual({ shortMilli: 0, late: false })
    expect(differenceOf(asked, { ...base, confirmed: 7.5, confirmed_on: '2026-11-21' })).toEqual({ shortMilli: 2_500, late: true })
    expect(differenceOf(asked, { ...base, confirmed: 12, confirmed_on: '2026-11-21', expected_on: '2026-11-25' })).toEqual({ shortMilli: 0, late: false })
  })
})
