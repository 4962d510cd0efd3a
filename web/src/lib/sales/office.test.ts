import { describe, expect, it } from 'vitest'

import type { InvoiceListed, LineOut, SaleOut } from '$lib/api/generated'

import { awaitedOf, bothSides, readable } from './exceptions'
import { dueMinor, openSteps } from './life'
import { standing } from './lists'
import { asItStands, correctedBill, correctionBody, isChanged, paidAgain, taxSums, worthOf } from './sums'
import { timelineOf } from './timeline'

const line = {
  id: 'l1', position: 1, variant_id: 'v1', description: 'Cable', unit: 'piece', hsn: null, quantity: 2, price: 5900,
  tax_included: true, line_discount: 0, cart_discount: 0, net: 10_000, tax: 1800, total: 11_800,
  taxes: [{ code: 'VAT', rate_bp: 1800, parts: 1, amount: 1800 }],
} as LineOut  // prettier-ignore

const sale = {
  id: 's1', number: 'T1/2627/000001', state: 'completed', payment_status: 'paid', currency: 'UGX', customer_id: null,
  made_at: '2026-11-20T10:00:00.000Z', received_at: '2026-11-20T12:00:00.000Z', lines: [line], rounding: 0,
  total: 11_800, paid: 11_800, owed: 0, credited: 0, debited: 0, review: null, locked_at: null, note: null,
  place_of_supply: null, invoice: { id: 'i1', number: 'T1/2627/000001' },
  payments: [{ id: 'p1', direction: 'in', method: 'cash', amount: 11_800, at: '2026-11-20T10:00:01.000Z' }],
} as unknown as SaleOut  // prettier-ignore

const all = (): boolean => true

describe('the steps that stand open', () => {
  it('lets a completed sale be returned, corrected, locked and reversed, but not paid twice', () => {
    expect(openSteps(sale, all)).toEqual(['give_back', 'correct', 'lock', 'reverse'])
  })
  it('lets a locked sale only be returned', () => {
    expect(openSteps({ ...sale, locked_at: '2026-11-20T13:00:00.000Z' }, all)).toEqual(['give_back'])
  })
  it('lets an incomplete sale be paid and cancelled', () => {
    expect(openSteps({ ...sale, state: 'incomplete', invoice: null }, all)).toEqual(['pay', 'cancel'])
  })
  it('offers nothing to somebody who may nothing', () => {
    expect(openSteps(sale, () => false)).toEqual([])
  })
  it('asks for what is missing on an incomplete sale and for what is owed on a completed one', () => {
    expect(dueMinor({ state: 'incomplete', total: 900, paid: 300, owed: 0 })).toBe(600)
    expect(dueMinor({ state: 'completed', total: 900, paid: 300, owed: 500 })).toBe(500)
  })
  it('says of a completed sale what is owed rather than that it is completed', () => {
    expect(standing({ state: 'completed', payment_status: 'overdue', owed: 5 })).toEqual({ key: 'sales.payment.overdue', tone: 'bad' })
    expect(standing({ state: 'completed', payment_status: 'paid', owed: 0 }).key).toBe('sales.state.completed')
  })
})

describe('a correction', () => {
  it('changes nothing until something is changed', () => {
    expect(isChanged(asItStands(sale))).toBe(false)
    expect(correctedBill(asItStands(sale))?.totalMinor).toBe(11_800)
  })
  it('works the new sale out and pays it as the old one was paid', () => {
    const lines = [{ line, quantityMilli: 1000, priceMinor: 5900 }]
    expect(correctedBill(lines)?.totalMinor).toBe(5900)
    const body = correctionBody(sale, lines, 5900, 'one only', 'd1')
    expect(body.sale.lines).toMatchObject([{ variant_id: 'v1', quantity: 1, price: 5900 }])
    expect(body.sale.payments).toMatchObject([{ method: 'cash', amount: 5900 }])
    expect(body.register_session_id).toBe('d1')
  })
  it('has no bill when no line is left', () => {
    expect(correctedBill([{ line, quantityMilli: 0, priceMinor: 5900 }])).toBeNull()
  })
  it('puts what it is dearer by on the first method, and leaves a debt a debt', () => {
    const mixed = [
      { direction: 'in', method: 'card', amount: 400 },
      { direction: 'in', method: 'cash', amount: 100 },
    ] as SaleOut['payments']
    const amounts = (total: number, owed: number): number[] =>
      paidAgain({ payments: mixed, paid: 500, owed }, total).map((payment) => payment.amount)
    expect(amounts(450, 0)).toEqual([400, 50])
    expect(amounts(700, 0)).toEqual([600, 100])
    expect(amounts(900, 200)).toEqual([400, 100])
  })
  it('sums taxes by code and rate, and values a return by its share of the line', () => {
    expect(taxSums([line, line])).toEqual([{ code: 'VAT', rateBp: 1800, taxMinor: 3600 }])
    expect(worthOf([line], { l1: 1000 })).toBe(5900)
    expect(worthOf([line], {})).toBe(0)
  })
})

describe('the history', () => {
  it('tells what happened in its order, and that the till was late', () => {
    const note = { id: 'n1', kind: 'credit_note', number: 'T1C/2627/000001', total: 5900, reason: 'broken', issued_at: '2026-11-21T09:00:00.000Z' }
    const told = timelineOf(sale, [note as InvoiceListed], [])
    expect(told.map((each) => each.what)).toEqual(['made', 'paid', 'arrived', 'credit_note'])
    expect(told[3]).toMatchObject({ amountMinor: 5900, reason: 'broken', documentId: 'n1' })
  })
})

describe('exceptions', () => {
  it('shows both sides of a price that had changed', () => {
    expect(bothSides('PRICE_CHANGED', { name: 'Cable', price: 27_000, sent: 24_500 })).toEqual({
      till: [{ label: 'sold_at', kind: 'money', value: 24_500 }],
      shop: [{ label: 'price_now', kind: 'money', value: 27_000 }],
    })
  })
  it('shows the plain facts of a code it does not know, without ids', () => {
    expect(bothSides('SOMETHING_NEW', { why: 'because', staff_id: 'x', list: [1] }).shop).toEqual([
      { label: 'why', kind: 'text', value: 'because' },
    ])
  })
  it('writes bytes readably, and leaves alone what is no JSON', () => {
    expect(readable(btoa('{"a":1}'))).toBe('{\n  "a": 1\n}')
    expect(readable(btoa('not { json'))).toBe('not { json')
  })
  it('names the numbers that have not arrived', () => {
    const series = { code: 'T1', financial_year: '2627', complete_to: 7, highest_seen: 10, closed_at: null }
    const register = { id: 'r1', name: 'Front', series: [series, { ...series, complete_to: 10 }, { ...series, closed_at: 'x' }] }
    expect(awaitedOf(register as unknown as Parameters<typeof awaitedOf>[0])).toEqual([
      { registerId: 'r1', register: 'Front', series: 'T1/2627', from: 8, to: 9, count: 2 },
    ])
  })
})
