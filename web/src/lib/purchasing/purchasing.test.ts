import { describe, expect, it } from 'vitest'

import type { ItemOut, OrderOut, RatingOut, ReceiptOut } from '$lib/api/generated'

import { billProblem, billSums, leftToBill, leftToReturn, lineVariance, matchLines, newBill, type BillForm } from './bills'
import { messageOf, whatsappLink } from './message'
import { blankOrder, newOrder, orderChange, orderForm, orderProblem, risenBp, totalOf, withItem, withPrices } from './order-form'
import { isLate, openSteps, placeOnWay, STATES } from './orders'
import { isRated, monthsUntil, percent, toneOf } from './rating'
import {
  newReceipt, placeOfRefused, receiveOf, receiveProblem, standingOf, sumsOf, withAll, withoutTooMany, withOneMore, type ReceiveForm,
} from './receipts'  // prettier-ignore
import { worthMinor } from './sums'
import { blankSupplier, newSupplier, supplierChange, supplierProblems } from './supplier-form'

const CABLE = { id: 'cable', name: 'USB cable', sku: 'UC', unit: 'piece' }
const RICE = { id: 'rice', name: 'Rice', sku: null, unit: 'kg' }

function known(variantId: string, price: number | undefined, pack = 1): ItemOut {
  return {
    supplier_id: 's', variant_id: variantId, variant_name: '', sku: '', product_id: 'p', unit: 'piece', supplier_code: 'KW-1',
    pack_size: pack, price, priced_on: '2026-11-01', preferred: true, version: 1,
  }  // prettier-ignore
}

function orderOf(...lines: [id: string, variant: string, quantity: number, outstanding: number][]): OrderOut {
  return {
    id: 'o', number: 'PO-1', state: 'ordered', supplier_id: 's', supplier_name: 'Kampala Wholesalers', branch_id: 'b',
    location_id: 'l', location_name: 'Showroom', expected_on: '2026-11-20', ordered_on: null, note: '', created_by: null,
    created_at: '', version: 3, steps: [], automatic: false, confirmed_at: null, link_until: null,
    lines: lines.map(([id, variant_id, quantity, outstanding]) => ({
      id, variant_id, variant_name: variant_id, sku: '', unit: 'piece', supplier_code: 'KW-1', quantity, received: 0,
      rejected: 0, outstanding, expected_on: null, pack_size: null, confirmed: null, confirmed_on: null, price: 700, last_price: 650, last_price_on: '2026-10-01',
    })),
  }  // prettier-ignore
}

function receiptOf(...lines: [id: string, accepted: number, billed: number, returned: number][]): ReceiptOut {
  return {
    id: 'r', number: 'GR-1', exceptions: [], supplier_id: 's', supplier_name: '', order_id: 'o', branch_id: 'b', location_id: 'l',
    location_name: '', delivery_note: '', note: '', business_date: '2026-11-20', staff_id: null, at: '',
    lines: lines.map(([id, accepted, billed, returned]) => ({
      id, order_line_id: `order-${id}`, variant_id: id, variant_name: id, sku: '', accepted, rejected: 0,
      reject_reason: null, billed, returned, price: 333,
    })),
  }  // prettier-ignore
}

describe('sums', () => {
  it('rounds half a minor unit up, as the server does', () => {
    expect([worthMinor(1500, 333), worthMinor(500, 1), worthMinor(499, 1), worthMinor(3000, 333)]).toEqual([500, 1, 0, 999])
  })
})

describe('an order that is made', () => {
  it('takes a pack at the last price, and one pack more each time', () => {
    const once = withItem([], CABLE, known('cable', 650, 12), 'line')
    expect(once[0]).toMatchObject({ quantityMilli: 12_000, priceMinor: 650, lastPriceMinor: 650, supplierCode: 'KW-1' })
    expect(withItem(once, CABLE, undefined, 'other')).toMatchObject([{ id: 'line', quantityMilli: 24_000 }])
    expect(withItem(once, RICE, undefined, 'other')).toHaveLength(2)
  })
  it('keeps a price that was typed when the supplier is known later, and takes theirs else', () => {
    const lines = [...withItem([], CABLE, undefined, 'a'), ...withItem([], RICE, undefined, 'b')]
    const typed = [{ ...lines[0]!, priceMinor: 900 }, lines[1]!]
    expect(withPrices(typed, [known('cable', 650), known('rice', 4000)]).map((line) => [line.priceMinor, line.lastPriceMinor])).toEqual([
      [900, 650],
      [4000, 4000],
    ])
    const other = withPrices(withPrices(lines, [known('rice', 4000)]), [known('rice', 4200)])
    expect(other[1]!.priceMinor).toBe(4200)
  })
  it('says how a price moved, and what all comes to', () => {
    expect(risenBp({ priceMinor: 715, lastPriceMinor: 650 })).toBe(1000)
    expect(risenBp({ priceMinor: 715, lastPriceMinor: null })).toBeNull()
    expect(totalOf([{ quantityMilli: 2500, priceMinor: 100 }, { quantityMilli: null, priceMinor: 5 }])).toBe(250)
    expect(totalOf([{ quantityMilli: 1000, priceMinor: null }])).toBeNull()
  })
  it('is sent with prices only by whoever may name them, and without what was not said', () => {
    const form = { ...blankOrder('o'), supplierId: 's', note: ' soon ', lines: withItem([], CABLE, known('cable', 650), 'line') }
    expect(newOrder(form, true)).toEqual({
      id: 'o', supplier_id: 's', note: 'soon', lines: [{ id: 'line', variant_id: 'cable', quantity: 1, price: 650 }],
    })  // prettier-ignore
    expect(newOrder(form, false).lines).toEqual([{ id: 'line', variant_id: 'cable', quantity: 1 }])
    expect(orderChange(orderForm(orderOf(['a', 'cable', 24, 24])), 3, true)).toMatchObject({
      version: 3, expected_on: '2026-11-20', lines: [{ id: 'a', variant_id: 'cable', quantity: 24, price: 700 }],
    })  // prettier-ignore
  })
  it('names what is missing, one after the other', () => {
    const form = blankOrder('o')
    expect(orderProblem(form)).toBe('supplier')
    expect(orderProblem({ ...form, supplierId: 's' })).toBe('lines')
    const lines = withItem([], CABLE, undefined, 'line')
    expect(orderProblem({ ...form, supplierId: 's', lines: [{ ...lines[0]!, quantityMilli: null }] })).toBe('quantity')
    expect(orderProblem({ ...form, supplierId: 's', lines })).toBeNull()
  })
})

describe('the steps of an order', () => {
  const owner = (): boolean => true
  it('are those its state allows, the likely one first', () => {
    expect(STATES.map((state) => openSteps({ state }, owner).join())).toEqual([
      'approve,reject,cancel', 'order,cancel', 'receive,cancel', 'receive,close', 'close', '', '', '',
    ])  // prettier-ignore
  })
  it('are those the role allows', () => {
    const storekeeper = (permission: string): boolean => permission === 'purchasing:receive'
    expect([openSteps({ state: 'requested' }, storekeeper), openSteps({ state: 'ordered' }, storekeeper)]).toEqual([[], ['receive']])
  })
  it('lie on one way, but for what was turned down', () => {
    expect([placeOnWay('requested'), placeOnWay('closed'), placeOnWay('rejected')]).toEqual([0, 5, -1])
  })
  it('is late only while something is awaited', () => {
    const order = orderOf(['a', 'cable', 1, 1])
    expect([isLate(order, '2026-11-20'), isLate(order, '2026-11-21'), isLate({ ...order, state: 'closed' }, '2026-11-21')]).toEqual([false, true, false])
  })
})

describe('counting what comes in', () => {
  const ids = (): (() => string) => {
    let last = 0
    return () => `line-${(last += 1)}`
  }
  const begun = (): ReceiveForm => receiveOf(orderOf(['a', 'cable', 24, 10], ['b', 'rice', 5, 5], ['c', 'done', 3, 0]), 'receipt', ids())

  it('begins with what an order still awaits, nothing of it counted', () => {
    expect(begun().lines.map((line) => [line.orderLineId, line.awaitedMilli, line.acceptedMilli])).toEqual([['a', 10_000, 0], ['b', 5000, 0]])
    expect(receiveProblem(begun())).toBe('nothing')
  })
  it('adds one to its line with each scan; what is not on the order is not counted', () => {
    const form = begun()
    form.lines = withOneMore(form, CABLE, null, 'x')!
    form.lines = withOneMore(form, CABLE, null, 'x')!
    expect(form.lines[0]!.acceptedMilli).toBe(2000)
    expect(withOneMore(form, { ...CABLE, id: 'charger' }, null, 'x')).toBeNull()
    const free = { ...form, orderId: '' }
    expect(withOneMore(free, { ...CABLE, id: 'charger' }, 500, 'x')![0]).toMatchObject({ id: 'x', acceptedMilli: 1000, awaitedMilli: null, priceMinor: 500 })
  })
  it('fills the first of two lines of the same goods before the second', () => {
    const form = receiveOf(orderOf(['a', 'cable', 1, 1], ['b', 'cable', 2, 2]), 'receipt', ids())
    for (let turn = 0; turn < 4; turn += 1) form.lines = withOneMore(form, CABLE, null, 'x')!
    expect(form.lines.map((line) => line.acceptedMilli)).toEqual([1000, 3000])
  })
  it('tells short, whole and over, and leaves what is too much with the supplier', () => {
    const [line] = begun().lines
    const at = (acceptedMilli: number, rejectedMilli: number | null = null) => ({ ...line!, acceptedMilli, rejectedMilli })
    expect([at(0), at(9000), at(9000, 1000), at(10_000), at(11_000)].map(standingOf)).toEqual(['none', 'short', 'whole', 'whole', 'over'])
    expect(withoutTooMany(at(12_000))).toMatchObject({ acceptedMilli: 10_000, rejectedMilli: 2000, reason: 'too_many' })
    expect(withoutTooMany({ ...at(12_000, 1000), reason: 'damaged' })).toMatchObject({ rejectedMilli: 3000, reason: 'damaged' })
    expect(withAll([at(3000, 1000)])[0]).toMatchObject({ acceptedMilli: 9000, rejectedMilli: 1000 })
  })
  it('sums up goods and costs, and refuses costs that nothing bears', () => {
    const form = { ...begun(), freightMinor: 500, lines: withAll(begun().lines) }
    expect(sumsOf(form)).toEqual({ acceptedMilli: 15_000, rejectedMilli: 0, kinds: 2, goodsMinor: 10_500, landedMinor: 500, totalMinor: 11_000 })
    const bad = { ...form, lines: form.lines.map((line) => ({ ...line, acceptedMilli: 0, rejectedMilli: 1000 })) }
    expect(receiveProblem(bad)).toBe('nothing_to_land')
    expect(sumsOf({ ...form, lines: form.lines.map((line) => ({ ...line, priceMinor: null })) }).totalMinor).toBeNull()
  })
  it('is sent under its own id, only what came, prices and costs only by whoever may name them', () => {
    const form = { ...begun(), freightMinor: 500 }
    form.lines = [{ ...form.lines[0]!, acceptedMilli: 8000, rejectedMilli: 2000, reason: 'damaged' }, form.lines[1]!]
    const line = { id: 'line-1', order_line_id: 'a', variant_id: 'cable', accepted: 8, rejected: 2, reject_reason: 'damaged' }
    expect(newReceipt(form, false)).toEqual({ id: 'receipt', order_id: 'o', supplier_id: 's', location_id: 'l', delivery_note: '', note: '', lines: [line] })
    expect(newReceipt(form, true)).toMatchObject({ freight: 500, duty: 0, other: 0, lines: [{ ...line, price: 700 }] })
  })
  it('finds the line that the server refused, by its place among those sent or by the order’s', () => {
    const form = begun()
    form.lines[1]!.acceptedMilli = 1000
    expect([placeOfRefused(form, 0), placeOfRefused(form, 1), placeOfRefused(form, { order_line_id: 'a' }), placeOfRefused(form, {})]).toEqual([1, -1, 0, -1])
  })
})

describe('matching a bill', () => {
  const form = (over: Partial<BillForm> = {}): BillForm => ({
    id: 'bill', number: 'INV-1', billedOn: '2026-11-21', dueOn: '', taxMinor: 60, chargesMinor: null, note: '',
    lines: matchLines(receiptOf(['a', 3, 0, 0], ['b', 2, 2, 0]), orderOf(['order-a', 'a', 4, 0]), () => 'line'), ...over,
  })  // prettier-ignore

  it('offers what is not billed yet beside what was ordered', () => {
    expect(form().lines).toMatchObject([{ receiptLineId: 'a', orderedMilli: 4000, orderedMinor: 700, leftMilli: 3000, receivedMinor: 333, quantityMilli: 3000, priceMinor: 333 }])
  })
  it('leaves nothing to bill of what went back after it was billed', () => {
    expect([leftToBill({ accepted: 10, billed: 6, returned: 5 }), leftToBill({ accepted: 10, billed: 6, returned: 1 }), leftToReturn({ accepted: 10, returned: 5 })]).toEqual([0, 3000, 5000])
  })
  it('shows the difference in price and in quantity', () => {
    const [line] = form().lines
    expect(lineVariance({ ...line!, priceMinor: 350 })).toBe(51)
    expect(billSums(form())).toEqual({ netMinor: 999, totalMinor: 1059, varianceMinor: 0, differing: 0 })
    const differs = form({ lines: [{ ...line!, quantityMilli: 2000, priceMinor: 300 }] })
    expect(billSums(differs)).toEqual({ netMinor: 600, totalMinor: 660, varianceMinor: -66, differing: 1 })
  })
  it('says what keeps it from being sent', () => {
    const [line] = form().lines
    expect(billProblem(form({ lines: [] }))).toBe('nothing')
    expect(billProblem(form({ lines: [], chargesMinor: 100 }))).toBeNull()
    expect(billProblem(form({ lines: [{ ...line!, priceMinor: null }] }))).toBe('price')
    expect(billProblem(form({ lines: [{ ...line!, quantityMilli: 3001 }] }))).toBe('too_much')
    expect(billProblem(form({ number: ' ' }))).toBe('number')
  })
  it('sends only the lines that it names', () => {
    const [line] = form().lines
    const body = newBill(form({ lines: [line!, { ...line!, receiptLineId: 'z', quantityMilli: 0 }] }), 's')
    expect(body).toMatchObject({ id: 'bill', supplier_number: 'INV-1', tax: 60, charges: 0, lines: [{ receipt_line_id: 'a', quantity: 3, price: 333 }] })
    expect(body.lines).toHaveLength(1)
    expect('due_on' in body).toBe(false)
  })
})

describe('a supplier’s form', () => {
  it('adds with what was told and nothing else', () => {
    expect(newSupplier({ ...blankSupplier(), name: ' Kampala ', creditDays: '30' }, 'id')).toEqual({ id: 'id', name: 'Kampala', credit_days: 30, lead_time_days: 0 })
  })
  it('sends only what was changed, and clears what was emptied', () => {
    const before = { ...blankSupplier(), name: 'K', phone: '1', stars: '4' }
    expect(supplierChange(before, { ...before, phone: '', stars: '5' })).toEqual({ phone: null, stars: 5 })
  })
  it('names what is wrong', () => {
    expect(supplierProblems({ ...blankSupplier(), email: 'x', creditDays: '366', leadTimeDays: 'soon' })).toEqual({
      name: 'needed', email: 'email', credit_days: 'days', lead_time_days: 'days',
    })  // prettier-ignore
  })
})

describe('how a supplier delivers', () => {
  it('is asked for month by month, over the end of a year', () => {
    expect(monthsUntil('2026-02-10', 3)).toEqual([
      { from: '2025-12-01', to: '2025-12-31' },
      { from: '2026-01-01', to: '2026-01-31' },
      { from: '2026-02-01', to: '2026-02-10' },
    ])
  })
  it('is good, middling or bad', () => {
    expect([toneOf(9600, 'high'), toneOf(8500, 'high'), toneOf(7900, 'high'), toneOf(300, 'low'), toneOf(null, 'low')]).toEqual(['good', 'warning', 'bad', 'good', 'plain'])
    expect([percent(9250, 'en'), percent(150, 'en', true)]).toEqual(['92.5%', '+1.5%'])
    const none: RatingOut = { supplier_id: 's', supplier_name: '', stars: 5, orders: 0, on_time_bp: null, delay_days: null, fill_bp: null, reject_bp: null, price_trend_bp: null }
    expect([isRated(none), isRated({ ...none, orders: 1 })]).toEqual([false, true])
  })
})

describe('an order as a message', () => {
  const words = { title: 'Order PO-1', place: 'Deliver to: Showroom', needed: '', confirm: '', quantity: (line: { quantity: number }) => String(line.quantity) }
  it('is plain text with the supplier’s codes', () => {
    expect(messageOf(orderOf(['a', 'USB cable', 24, 24]), words)).toBe('Order PO-1\n\n24 × USB cable (KW-1)\n\nDeliver to: Showroom')
  })
  it('ends with where it is confirmed', () => {
    const text = messageOf(orderOf(['a', 'USB cable', 24, 24]), { ...words, confirm: 'Confirm: https://x.example/order#abc' })
    expect(text.split('\n').slice(-2)).toEqual(['', 'Confirm: https://x.example/order#abc'])
  })
  it('fits into links', () => {
    expect(whatsappLink('+256 772 123456', 'a & b')).toBe('https://wa.me/256772123456?text=a%20%26%20b')
  })
})
