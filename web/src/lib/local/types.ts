/** The rows that this device keeps, as `GET /api/sync/changes` delivers them, and what is made of them. */
import type { IDBPDatabase } from 'idb'

import type { CartOut, SaleOut, TillSettings } from '$lib/api/generated'

import type { ShopSchema } from './schema'

export type Scope = 'own' | 'branch' | 'shop'

/** Who is logged in, as `GET /api/auth/validate` tells it, kept for starts without a network. */
export interface Me {
  account_id: string
  shop_id: string
  staff_id: string
  name: string
  role: string
  preset: string | null
  branch_id: string | null
  permissions: Record<string, Scope>
  discount_ceiling_bp: number
  language: string
  shop: { id: string; name: string; currency: string; country: string; time_zone: string }
}

export interface TaxRateRow {
  kind: string
  code: string
  rate_bp: number
  valid_from: string
}

export interface TaxClassRow {
  id: string
  name: string
  treatment: string
  active?: boolean
  rates: TaxRateRow[]
}

export interface PriceRow {
  price_minor: number
  tax_included: boolean
  valid_from: string
}

/** How much of an item is in one set. */
export interface ComponentRow {
  variant_id: string
  quantity_milli: number
}

export interface ItemRow {
  id: string
  product_id: string
  name: string
  sku: string | null
  barcodes: string[]
  group_id: string | null
  unit: string
  hsn: string | null
  kind: string
  tracking: string
  active: boolean
  tax_class_id: string
  prices: PriceRow[]
  min_stock_milli: number
  favourite?: boolean
  /** Of a set that is taken from its components when it is sold. */
  components?: ComponentRow[]
}

export interface GroupRow {
  id: string
  name: string
  parent_id: string | null
  position: number
}

export interface StockRow {
  variant_id: string
  location_id: string
  quantity_milli: number
  /** How much of it is put aside for others; left out where none is. */
  reserved_milli?: number
}

export interface CustomerRow {
  id: string
  name: string
  phone: string | null
  type: string
  tax_id: string | null
  state_code: string | null
  credit_limit_minor: number
  owed_minor: number
  external_ref?: string | null
  active?: boolean
  /** Registered at this device and not delivered yet. */
  local?: boolean
}

export interface StaffRow {
  id: string
  name: string
  role_name: string
  branch_id: string | null
  permissions: Record<string, Scope>
  discount_ceiling_bp: number
  pin?: { salt: string; iterations: number; hash: string } | null
  status: string
}

export interface BranchRow {
  id: string
  name: string
  phone: string | null
  address: string | null
  state_code: string | null
  tax_id?: string | null
  active?: boolean
  showroom_location_id: string | null
}

export interface RegisterRow {
  id: string
  branch_id: string
  code: string
  name: string
  kind: string
  codes: Record<string, string>
  closed_at: string | null
  replaced_at: string | null
  series: { kind: string; code: string; financial_year: string; highest_seen: number; head_hash: string }[]
}

/** One shop's data on this device. */
export interface Local {
  shopId: string
  db: IDBPDatabase<ShopSchema>
}

/** This device's own register: it numbers and hashes its invoices itself. */
export interface MyRegister {
  id: string
  branchId: string
  locationId: string
  code: string
  name: string
  codes: { invoice: string; credit_note: string; debit_note: string }
  credential: string
  installationId: string
}

/** The open drawer of this register. */
export interface Drawer {
  sessionId: string
  openedAt: string
  businessDate: string
  floatMinor: number
}

/** A thing to sell as the till shows it, with the price in force now. */
export interface Item {
  id: string
  productId: string
  name: string
  sku: string | null
  barcodes: string[]
  groupId: string | null
  unit: string
  hsn: string | null
  stocked: boolean
  /** How its pieces are told apart; left out where they are all alike. */
  tracking?: 'serial' | 'batch'
  /** Of a set: what one takes out of stock in its place. */
  madeOf?: ComponentRow[] | undefined
  active: boolean
  taxClassId: string
  /** null: no price yet; the till asks for one. */
  priceMinor: number | null
  taxIncluded: boolean
  /** At this till's location as last known; null when it is not counted. Of a set: how many its components are enough for. */
  stockMilli: number | null
  minStockMilli: number
  favourite: boolean
}

export interface Catalogue {
  size: number
  /** Rises with each change. */
  version: number
  search(text: string, options?: { groupId?: string; limit?: number; offset?: number }): Item[]
  byBarcode(code: string): Item | undefined
  item(id: string): Item | undefined
  favourites(limit: number): Item[]
  groups(): GroupRow[]
  taxClass(id: string): TaxClassRow | undefined
  taxClasses(): TaxClassRow[]
}

/** One request that waits to be delivered: an ordinary request of the public API, its body never rewritten. */
export interface OutboxItem {
  seq?: number
  /** The document's id, which is its idempotency key. */
  id: string
  kind: 'sale' | 'payment' | 'return' | 'customer' | 'cart' | 'drawer' | 'cash' | 'receipt' | 'count' | 'transfer'
  method: 'POST' | 'PUT' | 'DELETE'
  path: string
  body: string
  schema: number
  /** `record`: with the register's credential, it happened. `plain`: as the person, refused or taken. */
  mode: 'record' | 'plain'
  madeAt: string
  /** `asking`: the till waits for the answer right now; if the app ends meanwhile it is recorded at the next start. */
  state: 'waiting' | 'asking' | 'aside'
  tries: number
  refusal?: { code: string; message: string; at: string }
  /** What the screens show of it. */
  label: string
  /** Whose credential delivers it; left out, this device's own register. */
  registerId?: string
  /** The id of a document that has to be delivered before it: a payment's sale, the beginning of a count. */
  after?: string
  /** When it was written to a file; then leaving it behind on a logout loses nothing. */
  exportedAt?: string
}

/** What this device's own register was set up with; the credential is encrypted where the browser can. */
export interface StoredRegister extends Omit<MyRegister, 'credential'> {
  credential: Sealed
  /** True for this device's own register, false for one whose documents came in a file. */
  own: boolean
}

/** A text that only this browser can read; `iv` is null where it has no means to encrypt. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer> | null
  bytes: Uint8Array<ArrayBuffer>
}

/** How far a series of this device has come: `CODE/YEAR` of a chain, or the bare code of incomplete sales. */
export interface Head {
  series: string
  counter: number
  /** Of the last document; 64 zeros before the first. */
  hash: string
}

/** The next number of a series, free until it is taken. */
export interface NextNumber {
  kind: 'invoice' | 'credit_note' | 'debit_note'
  series: string
  code: string
  financialYear: string
  counter: number
  previousHash: string
}

/** A sale as this device keeps it: made here, come from the server, or both. */
export interface LocalSale {
  id: string
  number: string
  business_date: string
  made_at: string
  /** As the server shows it; null until it told. */
  sale: SaleOut | null
  /** What was printed here, for printing it again and for giving back; null for a sale of another till. */
  mine: unknown
  /** `waiting` to be delivered, `delivered`, `aside` with a reason, `quarantined`. */
  delivery: 'waiting' | 'delivered' | 'aside' | 'quarantined'
  verdict?: string | null
  exceptions?: { code: string; [fact: string]: unknown }[]
}

/** A cart that waits at the branch, as `GET /api/carts/{id}` shows it. */
export type CartRow = CartOut & { local?: boolean }

/** A cart that is being filled here; it survives a reload. `content` is the till's own. */
export interface WorkingCart {
  id: string
  updatedAt: string
  content: unknown
}

/** The last answer of a list, with its age. */
export interface Seen {
  key: string
  at: string
  data: unknown
}

/** The shop's settings as `GET /api/settings/till` shows them. */
export type SettingsRow = TillSettings & { id: 'shop'; upi_id?: string; review_sales?: boolean; scale_codes?: string[] }
