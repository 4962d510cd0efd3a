/** What the owner decides: the shop's own facts and its settings, as one form of typed groups. */
import { call } from '$lib/api/client'
import type { DukaShopsProfileSchemasShopOut, ShopEdit, ShopSettings } from '$lib/api/generated'

type ShopOut = DukaShopsProfileSchemasShopOut

/** All that the form holds; empty texts stand for nothing. */
export type ShopForm = Required<ShopSettings> & {
  name: string
  kind: string
  address: string
  phone: string
  tax_id: string
  state_code: string
  time_zone: string
}

/** The shop as it was read: the form's values, the version to send back, and what never changes. */
export interface ShopRead {
  values: ShopForm
  version: number
  country: string
  currency: string
}

export const GROUPS = ['shop', 'selling', 'payments', 'receipt', 'tax', 'languages', 'approval', 'devices'] as const
export type Group = (typeof GROUPS)[number]

/** Where each value is set; the first field of the group that a mistake is about opens it. */
export const GROUP_OF: Record<keyof ShopForm, Group> = {
  name: 'shop', kind: 'shop', address: 'shop', phone: 'shop', modules: 'shop',
  scale_codes: 'selling', open_items: 'selling', negative_stock: 'selling', return_window_days: 'selling', expiry_warning_days: 'selling', day_start_minutes: 'selling',
  reserve_held_carts: 'selling', held_cart_hours: 'selling', reserve_incomplete_sales: 'selling',
  payment_methods: 'payments', payment_policy: 'payments', credit_days: 'payments', cash_rounding_minor: 'payments',
  upi_id: 'payments',
  receipt_header: 'receipt', receipt_footer: 'receipt', receipt_layout: 'receipt',
  tax_id: 'tax', state_code: 'tax', tax_included: 'tax', financial_year_month: 'tax', costing_method: 'tax',
  language: 'languages', time_zone: 'languages',
  review_sales: 'approval', adjustment_approval_minor: 'approval', receipt_tolerance_bp: 'approval',
  devices_per_account: 'devices',
}  // prettier-ignore

export const METHODS = ['cash', 'mtn_momo', 'airtel_money', 'card', 'bank_transfer', 'upi', 'other'] as const
export const MODULES = ['repairs', 'devices', 'purchasing', 'quotations', 'loyalty', 'accounting'] as const

const SHOP_FIELDS = ['name', 'kind', 'address', 'phone', 'tax_id', 'state_code', 'time_zone'] as const
/** Those that are nothing rather than an empty text. */
const NULLABLE: readonly string[] = ['phone', 'tax_id', 'state_code']

/** The shop with all its settings. Throws Refusal, Unreachable. */
export async function readShop(): Promise<ShopRead> {
  return formOf((await call<ShopOut>('GET', '/api/settings')).data)
}

/** Send only what changed; `version` is the one that was read, else 409. Throws Refusal, Unreachable. */
export async function saveShop(changes: Partial<ShopForm>, version: number): Promise<ShopRead> {
  return formOf((await call<ShopOut>('PUT', '/api/settings', { body: editOf(changes, version) })).data)
}

/** Take the server's answer apart for the form. */
export function formOf(shop: ShopOut): ShopRead {
  const { name, kind, address, time_zone, country, currency, version } = shop
  const facts = { name, kind, address, time_zone, phone: shop.phone ?? '', tax_id: shop.tax_id ?? '' }
  const settings = shop.settings as Required<ShopSettings>
  return { values: { ...settings, ...facts, state_code: shop.state_code ?? '' }, version, country, currency }
}

/** Put changed values where the server wants them: the shop's own beside its settings. */
export function editOf(changes: Partial<ShopForm>, version: number): ShopEdit {
  const own: Record<string, unknown> = { version }
  const settings: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(changes)) {
    if (!(SHOP_FIELDS as readonly string[]).includes(name)) settings[name] = value
    else own[name] = value === '' && NULLABLE.includes(name) ? null : value
  }
  return (Object.keys(settings).length ? { ...own, settings } : own) as ShopEdit
}

/** The group to open for mistakes that the server named, whose settings come as `settings.x`. */
export function groupOfMistake(fields: readonly string[]): Group | null {
  const names = fields.map((field) => field.replace(/^settings\./, '').split('.')[0] ?? '')
  const known = names.find((name): name is keyof ShopForm => name in GROUP_OF)
  return known ? GROUP_OF[known] : null
}

/** What is wrong with the form before it is sent, by field, as keys of texts. */
export function troublesIn(form: ShopForm): Partial<Record<keyof ShopForm, 'form.needed' | 'settings.upi_wrong'>> {
  const found: Partial<Record<keyof ShopForm, 'form.needed' | 'settings.upi_wrong'>> = {}
  if (!form.name.trim()) found.name = 'form.needed'
  if (!form.kind.trim()) found.kind = 'form.needed'
  if (form.payment_methods.length === 0) found.payment_methods = 'form.needed'
  for (const name of ['credit_days', 'return_window_days', 'expiry_warning_days', 'held_cart_hours', 'devices_per_account', 'cash_rounding_minor'] as const) {
    if (form[name] == null) found[name] = 'form.needed'
  }
  if (form.upi_id && !/^[A-Za-z0-9._-]+@[A-Za-z0-9.]+$/.test(form.upi_id)) found.upi_id = 'settings.upi_wrong'
  return found
}
