import { expect, it } from 'vitest'

import type { SaleOut } from '$lib/api/generated'
import sales from '$lib/i18n/sales/en'
import en from '$lib/i18n/till/en'
import { fill } from '$lib/i18n/fill'
import type { Words } from '$lib/i18n/types'

import { creditSlipOf } from './credit-slip'
import type { Given } from './give-back'
import { receiptOf, textOf, upiLink, type Letterhead } from './receipt'

const SHOP = {
  name: 'Mama Duka', address: 'Plot 24\nKampala Road', phone: '+256414000110', tax_id: '1000123456', country: 'UG',
  currency: 'UGX', time_zone: 'Africa/Kampala', receipt_header: '', receipt_footer: 'Thank you', upi_id: '',
} as Letterhead  // prettier-ignore
const SALE = {
  number: 'T1/2627/000001', currency: 'UGX', business_date: '2026-11-21', made_at: '2026-11-21T10:00:00.000Z',
  lines: [{
    description: 'Cable', quantity: 2, price: 12_000, tax_included: true, line_discount: 0, cart_discount: 1000, net: 19_492,
    taxes: [{ code: 'VAT', rate_bp: 1800, parts: 1, amount: 3508 }], tax: 3508, total: 23_000,
  }],
  subtotal: 24_000, discount: 1000, net: 19_492, tax: 3508, rounding: 0, total: 23_000, paid: 23_000, owed: 0, change: 2000,
  payments: [{ direction: 'in', method: 'cash', amount: 23_000, tendered: 25_000, change: 2000, reference: null }],
  invoice: { issued_at: '2026-11-21T10:00:00.000Z', hash: 'ab12'.repeat(16) },
} as unknown as SaleOut  // prettier-ignore

function say(key: string, values = {}): string {
  const entry = ({ ...en, ...sales } as Words)[key]
  if (entry === undefined) throw new Error(`no word for ${key}`)
  return fill(entry, values, 'en')
}

function written(sale: SaleOut, shop = SHOP, copy = false) {
  const customer = { name: 'Grace', phone: null }
  return receiptOf({ sale, shop, branch: null, cashier: 'Amina', registerName: 'Counter T1', customer, copy, locale: 'en', say })
}

it('says who, what, how much, taxes and change', () => {
  const text = textOf(written(SALE), 40)
  for (const part of ['Mama Duka', 'TIN: 1000123456', 'Tax invoice', 'T1/2627/000001', 'Amina', 'Grace', '2 × 12,000', 'less 1,000']) {
    expect(text).toContain(part)
  }
  expect(text).toMatch(/Total +UGX.23,000/)
  expect(text).toMatch(/VAT 18% · 19,492 +3,508/)
  expect(text).toMatch(/Change +2,000/)
  expect(text).toContain('ab12 ab12 ab12 ab12')
})

it('marks a reprint', () => {
  expect(textOf(written(SALE, SHOP, true))).toContain('COPY')
})

it('is no invoice while money is missing, and says how much', () => {
  const part = written({ ...SALE, invoice: null, number: 'T1-4', paid: 5000, change: 0 })
  expect([part.title, part.notice, part.payments.at(-1)?.value]).toEqual(['Payment receipt', 'This is not an invoice.', '18,000'])
})

it('asks for what is owed by UPI where the shop has an address', () => {
  const india = { ...SHOP, country: 'IN', upi_id: 'shop@bank', currency: 'INR' }
  const owed = written({ ...SALE, currency: 'INR', owed: 12_050 }, india)
  expect(owed.qr).toBe('upi://pay?pa=shop@bank&pn=Mama%20Duka&am=120.50&cu=INR&tr=T1-2627-000001')
  expect(upiLink('a b@c', 'x', '1.00', 'n')).toContain('pa=a%20b@c')
})

it('gives a printer no commands that somebody wrote into a name', async () => {
  const { escposOf } = await import('./escpos')
  const line = { ...SALE.lines[0]!, description: 'Cable\u001bp0AA\u001d(k' }
  const bytes = escposOf(written({ ...SALE, lines: [line] } as SaleOut), 58)
  const text = String.fromCharCode(...bytes)
  expect(text).toContain('Cable p0AA (k')
  expect(text).not.toContain('\u001bp')
  const opening = escposOf(written(SALE), 58, { drawer: true })
  expect(String.fromCharCode(...opening)).toContain('\u001bp')
})

it('prints the logo as dots in the middle of the strip, before everything else', async () => {
  const { escposOf } = await import('./escpos')
  const [width, height] = [24, 16]
  // The left half black, the right half white.
  const data = new Uint8ClampedArray(width * height * 4).map((_, at) => (at % 4 === 3 || (at / 4) % width >= width / 2 ? 255 : 0))
  const bytes = escposOf(written(SALE), 58, { logo: { data, width, height } })
  const text = String.fromCharCode(...bytes)
  const at = text.indexOf('\u001dv0')
  expect([...bytes.slice(at, at + 8)]).toEqual([0x1d, 0x76, 0x30, 0, width / 8, 0, height, 0])
  expect([...bytes.slice(at + 8, at + 14)]).toEqual([0xff, 0xf0, 0, 0xff, 0xf0, 0])
  expect(text.slice(0, at)).toMatch(/\u001ba\u0001[^]*$/)
  expect(text.indexOf('Mama Duka')).toBeGreaterThan(at)
  expect(String.fromCharCode(...escposOf(written(SALE), 58))).not.toContain('\u001dv0')
})

it('says of a credit note what came back, of which invoice, why, and how the money went', () => {
  const [cable] = SALE.lines
  const back = { ...cable!, quantity: 1, net: 9746, taxes: [{ code: 'VAT', rate_bp: 1800, parts: 1, amount: 1754 }], tax: 1754, total: 11_500 }
  const note = { id: '', number: 'T1C/2627/000001', issued_at: '2026-11-22T08:00:00.000Z', business_date: '2026-11-22', reason: 'Too short', rounding: 0, total: 11_500, lines: [back], hash: 'cd34'.repeat(16) }
  const given: Given = { refunds: [{ method: 'cash', amountMinor: 10_000 }], waits: true, note }
  const facts = { sale: { ...SALE, invoice: { ...SALE.invoice!, number: SALE.number } }, shop: SHOP, branch: null, cashier: 'Amina', registerName: '', customer: null, copy: false, locale: 'en', say }
  const text = textOf(creditSlipOf({ ...facts, given }), 40)
  for (const part of ['Credit note', 'T1C/2627/000001', 'Too short', '1 × 12,000', 'less 500', 'cd34 cd34']) expect(text).toContain(part)
  expect(text).toMatch(/For invoice +T1\/2627\/000001/)
  expect(text).toMatch(/Credited +UGX.11,500/)
  expect(text).toMatch(/VAT 18% · 9,746 +1,754/)
  expect(text).toMatch(/Paid back: Cash +10,000/)
  expect(text).toMatch(/Taken off what is owed +1,500/)
})
