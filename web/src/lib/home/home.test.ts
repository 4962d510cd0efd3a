import { describe, expect, it } from 'vitest'

import { changePercent, dayLabel } from './dashboard'
import { pinTrouble } from './me'
import { placeOf, type NotificationOut } from './notifications'

describe('a PIN', () => {
  it.each([
    ['123', 'pin.digits'], ['1234567', 'pin.digits'], ['12a4', 'pin.digits'], ['7777', 'pin.repeats'],
    ['4545', 'pin.repeats'], ['123123', 'pin.repeats'], ['2345', 'pin.run'], ['98765', 'pin.run'], ['4071', null],
  ] as const)('%s', (pin, trouble) => {
    expect(pinTrouble(pin)).toBe(trouble)
  })  // prettier-ignore
})

it('a change is told in whole percent, and not from nothing', () => {
  expect(changePercent(150, 100)).toBe(50)
  expect(changePercent(50, 100)).toBe(-50)
  expect(changePercent(50, 0)).toBeNull()
})

it('the chart names the month where one begins', () => {
  expect(dayLabel('2026-11-08', 0, 'en')).toBe('Nov 8')
  expect(dayLabel('2026-11-09', 1, 'en')).toBe('9')
  expect(dayLabel('2026-12-01', 5, 'en')).toBe('Dec 1')
})

describe('a notification leads to', () => {
  const told = (kind: NotificationOut['kind'], facts: object): NotificationOut =>
    ({ id: 'n', kind, entity_id: 'e', branch_id: null, facts, at: '', read: false }) as NotificationOut

  it('the product that runs low, or the list of them', () => {
    const low = told('low_stock', { variant_id: 'v', location_id: 'l', quantity: 1, min_stock: 2 })
    expect(placeOf(low, () => 'p')).toBe('/products/p')
    expect(placeOf(low, () => undefined)).toBe('/products/low-stock')
  })

  it('the sale to review, the document that disagrees, my devices', () => {
    expect(placeOf(told('review_waiting', { number: 'S1', total: 1 }), () => undefined)).toBe('/sales/e')
    expect(placeOf(told('exception', { document: 'sale', document_id: 'd', code: 'X' }), () => undefined)).toBe(
      '/exceptions?document=d',
    )
    expect(placeOf(told('new_device', {}), () => undefined)).toBe('/profile#devices')
  })
})
