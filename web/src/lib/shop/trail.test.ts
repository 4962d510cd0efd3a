import { describe, expect, it } from 'vitest'

import { linesOf, meant, plainName } from './trail'

describe('what a stored value means', () => {
  it('is read from the unit in the name of its field', () => {
    expect(meant('settings.cash_rounding_minor', 50)).toEqual({ kind: 'money', minor: 50 })
    expect(meant('discount_ceiling_bp', 500)).toEqual({ kind: 'percent', bp: 500 })
    expect(meant('min_stock_milli', 1500)).toEqual({ kind: 'quantity', milli: 1500 })
    expect(meant('credit_days', 30)).toEqual({ kind: 'text', text: '30' })
  })

  it('is a moment, a day, an id or plain words by its shape', () => {
    expect(meant('closed_at', '2026-11-21 08:00:00+00:00')).toEqual({ kind: 'moment', at: '2026-11-21T08:00:00+00:00' })
    expect(meant('valid_from', '2026-11-21')).toEqual({ kind: 'day', on: '2026-11-21' })
    expect(meant('branch_id', '01a1ff0f-b058-75c2-b722-53e199ba4e35').kind).toBe('id')
    expect(meant('name', 'Ntinda')).toEqual({ kind: 'text', text: 'Ntinda' })
    expect(meant('phone', '(changed)')).toEqual({ kind: 'hidden' })
    expect(meant('note', '')).toEqual({ kind: 'nothing' })
  })
})

describe('the lines of an entry', () => {
  it('tell a list by what came and what went', () => {
    const [line] = linesOf([{ field: 'settings.payment_methods', before: ['cash', 'card'], after: ['cash', 'upi'] }])
    expect(line?.added).toEqual([{ kind: 'text', text: 'upi' }])
    expect(line?.removed).toEqual([{ kind: 'text', text: 'card' }])
  })

  it('tell a right by its scope', () => {
    const [line] = linesOf([
      { field: 'permissions', before: { 'sales:read': 'own', 'sales:create': 'shop' }, after: { 'sales:read': 'shop', 'sales:create': 'shop' } },
    ])
    expect(line?.removed).toEqual([{ kind: 'text', text: 'sales:read: own' }])
    expect(line?.added).toEqual([{ kind: 'text', text: 'sales:read: shop' }])
  })
})

it('a field without a text is named by its own words', () => {
  expect(plainName('settings.credit_days')).toBe('Credit days')
  expect(plainName('min_stock_milli')).toBe('Min stock')
})
