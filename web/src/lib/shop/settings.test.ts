import { expect, it } from 'vitest'

import { editOf, formOf, groupOfMistake, GROUP_OF, troublesIn } from './settings'

const SHOP = {
  id: '1', name: 'Duka', slug: 'duka', kind: 'phones', address: '', phone: null, tax_id: '1000', country: 'UG',
  state_code: null, currency: 'UGX', time_zone: 'Africa/Kampala', version: 3, created_at: '', updated_at: '',
  settings: {
    payment_policy: 'full_payment', payment_methods: ['cash'], credit_days: 30, review_sales: false,
    negative_stock: false, reserve_held_carts: false, held_cart_hours: 24, reserve_incomplete_sales: false, open_items: true, devices_per_account: 1, return_window_days: 30, expiry_warning_days: 30, tax_included: true,
    cash_rounding_minor: 50, day_start_minutes: 0, financial_year_month: 7, adjustment_approval_minor: null,
    receipt_header: '', receipt_footer: '', receipt_layout: '80mm', upi_id: '', language: 'en', modules: [],
    receipt_tolerance_bp: 0, costing_method: 'average', scale_codes: [],
  },
} as const  // prettier-ignore

const read = formOf(SHOP as unknown as Parameters<typeof formOf>[0])

it('only what changed is sent, the settings apart from the shop', () => {
  expect(editOf({ name: 'Duka 2', credit_days: 14 }, 3)).toEqual({ version: 3, name: 'Duka 2', settings: { credit_days: 14 } })
  expect(editOf({ phone: '', address: '' }, 3)).toEqual({ version: 3, phone: null, address: '' })
})

it('every value has a group, and a mistake of the server opens it', () => {
  expect(Object.keys(GROUP_OF).sort()).toEqual(Object.keys(read.values).sort())
  expect(groupOfMistake(['settings.upi_id'])).toBe('payments')
  expect(groupOfMistake(['tax_id'])).toBe('tax')
  expect(groupOfMistake([''])).toBeNull()
})

it('troubles are seen before anything is sent', () => {
  expect(troublesIn(read.values)).toEqual({})
  expect(troublesIn({ ...read.values, name: ' ', payment_methods: [], upi_id: 'duka' })).toEqual({
    name: 'form.needed', payment_methods: 'form.needed', upi_id: 'settings.upi_wrong',
  })  // prettier-ignore
})
