import { describe, expect, it } from 'vitest'

import { askedOf } from './asked'
import { sheetsFor } from './labels'
import { beginOf, BLANK_CHANGE, changeOf, faultsIn, percentBp, type PriceForm } from './pricing'

const GROUP: PriceForm = { ...BLANK_CHANGE, groupId: 'g1', percent: '5' }
const AT_ONCE = (): string => ''

describe('a change of prices', () => {
  it('reads percentages as people write them', () => {
    expect(['5', '2.5', '2,25', '0', '', 'five', '-5', '1.234'].map(percentBp)).toEqual([500, 250, 225, 0, null, null, null, null])
  })

  it('says which items and how', () => {
    expect(changeOf(GROUP, 'c1', AT_ONCE)).toEqual({ id: 'c1', group_id: 'g1', percent_bp: 500, note: '' })
    const lower: PriceForm = { ...BLANK_CHANGE, which: 'everything', way: 'down', by: 'amount', amountMinor: 300, roundToMinor: 100, endingMinor: 99, note: ' sale ' }
    expect(changeOf(lower, 'c2', AT_ONCE)).toEqual({
      id: 'c2', everything: true, amount: -300, round_to: 100, ending: 99, rounding: 'nearest', note: 'sale',
    })
    const later = changeOf({ ...GROUP, which: 'brand', brand: ' Oraimo ', from: '2026-12-01' }, 'c3', (day) => `${day}T00:00:00Z`)
    expect(later).toMatchObject({ brand: 'Oraimo', price_from: '2026-12-01T00:00:00Z' })
    expect(later).not.toHaveProperty('group_id')
  })

  it('misses what is needed, and takes rounding alone', () => {
    expect(faultsIn(GROUP)).toEqual({})
    expect(faultsIn(BLANK_CHANGE)).toEqual({ which: true, by: true })
    expect(faultsIn({ ...GROUP, percent: '' })).toEqual({ by: true })
    expect(faultsIn({ ...GROUP, percent: '', roundToMinor: 50 })).toEqual({})
    expect(faultsIn({ ...GROUP, percent: 'x', roundToMinor: 50 })).toEqual({ by: true })
    expect(faultsIn({ ...GROUP, way: 'down', percent: '100' })).toEqual({ by: true })
    expect(faultsIn({ ...GROUP, roundToMinor: 50, endingMinor: 50 })).toEqual({ rounding: true })
  })

  it('begins with the day where the shop is', () => {
    expect(beginOf('2026-12-01', 'Africa/Kampala')).toBe('2026-11-30T21:00:00.000Z')
    expect(beginOf('2026-12-01', 'Asia/Kolkata')).toBe('2026-11-30T18:30:00.000Z')
    expect(beginOf('2026-12-01', 'America/New_York')).toBe('2026-12-01T05:00:00.000Z')
  })

  it('is read back as it was asked for', () => {
    const asked = { group_ids: ['g1'], variant_ids: null, brand: null, q: null, percent_bp: 500, amount: 0, round_to: 50, ending: 0 }
    expect(askedOf({ asked, undoes_id: null }, () => 'Cables')).toMatchObject({
      which: { kind: 'group', name: 'Cables' }, percentBp: 500, roundToMinor: 50,
    })
    expect(askedOf({ asked: { ...asked, group_ids: null }, undoes_id: null }, String)?.which.kind).toBe('everything')
    expect(askedOf({ asked: { undoes: 'c1' }, undoes_id: 'c1' }, String)).toBeNull()
  })
})

describe('labels', () => {
  it('fill sheets from the first free place', () => {
    expect([sheetsFor(0, 'a4_65', 3), sheetsFor(65, 'a4_65', 0), sheetsFor(65, 'a4_65', 1), sheetsFor(7, '58mm', 9)]).toEqual([0, 1, 2, 7])
  })
})
