import { describe, expect, it } from 'vitest'

import { Refusal } from '$lib/api/errors'
import { blankCustomer, byMonth, customerChange, customerProblems, isHidden, newCustomer } from '$lib/customers/form'
import { filtersIn, wordsFor } from '$lib/lists/asked'
import { asCsv } from '$lib/lists/listed'

import { changedBetween, isStale, mistakesOf } from './mistakes'

describe('mistakes', () => {
  it('puts the server’s words at their fields', () => {
    const failure = new Refusal('VALIDATION_ERROR', 'Not right.', 400, {}, { name: ['Needed.'], 'variants.0.price': ['Too fine.', 'Negative.'] })
    expect(mistakesOf(failure)).toEqual({ name: 'Needed.', 'variants.0.price': 'Too fine. Negative.' })
  })
  it('puts a refusal about a field there, any other on the form', () => {
    expect(mistakesOf(new Refusal('SKU_TAKEN', 'Taken.', 400, {}, { sku: 'A', field: 'sku' }))).toEqual({ sku: 'Taken.' })
    expect(mistakesOf(new Refusal('CLOSED', 'Closed.', 400))).toEqual({ '': 'Closed.' })
  })
  it('knows a newer version and what is newer in it', () => {
    expect(isStale(new Refusal('STALE_VERSION', '', 409))).toBe(true)
    expect(changedBetween({ a: 1, b: [1], c: null }, { a: 2, b: [1], c: null }, ['a', 'b', 'c'])).toEqual(['a'])
  })
})

describe('a customer’s form', () => {
  it('registers with what was told and nothing else', () => {
    const body = newCustomer({ ...blankCustomer(), name: ' Ann ', phone: '0772 1', tags: 'vip, ' }, 'id')
    expect(body).toEqual({ id: 'id', name: 'Ann', phone: '0772 1', type: 'retail', tags: ['vip'] })
  })
  it('sends only what was changed, and clears what was emptied', () => {
    const before = { ...blankCustomer(), name: 'Ann', phone: '1', email: 'a@b.c' }
    expect(customerChange(before, { ...before, email: '', name: 'Anne' })).toEqual({ name: 'Anne', email: null })
  })
  it('names what is wrong', () => {
    expect(customerProblems({ ...blankCustomer(), email: 'x', stateCode: '7' })).toEqual({ name: 'needed', email: 'email', state_code: 'state' })
  })
  it('tells signs that hide an ID number from one', () => {
    expect([isHidden('••••'), isHidden('CM12'), isHidden(null)]).toEqual([true, false, false])
  })
  it('sums purchases by month, empty months too', () => {
    const bought = (business_date: string, total: number, state = 'completed') => ({ business_date, total, credited: 0, state })
    expect(byMonth([bought('2026-11-02', 5), bought('2026-09-30', 7), bought('2026-09-01', 1), bought('2026-12-01', 9, 'reversed')])).toEqual([
      { month: '2026-09', minor: 8 },
      { month: '2026-10', minor: 0 },
      { month: '2026-11', minor: 5 },
    ])
  })
})

describe('lists', () => {
  it('reads filters from the address and writes them back', () => {
    expect(filtersIn(new URLSearchParams('state=completed&x=1&from='), ['state', 'from'])).toEqual({ state: 'completed' })
    expect(wordsFor(['state', 'from'], { search: 'T1', values: { from: '2026-01-01' } })).toEqual({ state: null, from: '2026-01-01', q: 'T1' })
  })
  it('writes a sheet that no cell can break or turn into a formula', async () => {
    const text = await asCsv(['Name', 'Sum'], [['=cmd("x")', -5], ['a, "b"', null]]).text()
    expect(text).toContain(`"'=cmd(""x"")",-5\r\n"a, ""b""",\r\n`)
  })
})
