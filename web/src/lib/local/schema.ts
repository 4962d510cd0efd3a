/** The tables of one shop's database on this device. */
import type { DBSchema, IDBPTransaction } from 'idb'

import type { Chunk } from './chunks'
import type { KeptLogo } from './logo'
import type {
  BranchRow,
  CartRow,
  CustomerRow,
  Drawer,
  GroupRow,
  Head,
  LocalSale,
  OutboxItem,
  RegisterRow,
  Seen,
  SettingsRow,
  StaffRow,
  StoredRegister,
  TaxClassRow,
  WorkingCart,
} from './types'

/** A customer with the words they are found by. */
export type KeptCustomer = CustomerRow & { words: string[] }

export interface ShopSchema extends DBSchema {
  /** The catalogue in column arrays: one record for each 500 items. */
  catalogue: { key: number; value: Chunk }
  /** What lies at a location, in the order of the catalogue's chunks; NaN: not counted. Key: `location:chunk`. */
  stock: { key: string; value: Float64Array }
  groups: { key: string; value: GroupRow }
  tax_classes: { key: string; value: TaxClassRow }
  customers: { key: string; value: KeptCustomer; indexes: { phone: string; words: string } }
  staff: { key: string; value: StaffRow }
  branches: { key: string; value: BranchRow }
  registers: { key: string; value: RegisterRow }
  settings: { key: string; value: SettingsRow }
  sales: { key: string; value: LocalSale; indexes: { business_date: string; number: string } }
  /** Carts that wait at the branch for any till. */
  carts: { key: string; value: CartRow }
  /** Carts that are being filled at this device. */
  working: { key: string; value: WorkingCart }
  outbox: { key: number; value: OutboxItem; indexes: { id: string; state: string } }
  /** How far each of this device's series has come. */
  heads: { key: string; value: Head }
  drawer: { key: string; value: Drawer }
  /** This device's own register, and those whose documents were taken in from a file. */
  credentials: { key: string; value: StoredRegister }
  /** Single values: see `Meta`. */
  meta: { key: string; value: unknown }
  seen: { key: string; value: Seen; indexes: { at: string } }
}

export type StoreName =
  | 'catalogue' | 'stock' | 'groups' | 'tax_classes' | 'customers' | 'staff' | 'branches' | 'registers' | 'settings'
  | 'sales' | 'carts' | 'working' | 'outbox' | 'heads' | 'drawer' | 'credentials' | 'meta' | 'seen'

/** A transaction that writes; it ends by itself when nothing is asked of it, so never await anything else in it. */
export type Write = IDBPTransaction<ShopSchema, StoreName[], 'readwrite'>
export type Read = IDBPTransaction<ShopSchema, StoreName[], 'readonly'>

/** The single values of `meta`. */
export interface Meta {
  /** How far this device has come with the shop's changes. */
  cursor: string
  /** The register as which it has come that far; empty: as none. */
  cursor_register: string
  /** The last business day that the server named. */
  server_date: string
  /** Device clock less server clock when they were last compared, in milliseconds. */
  skew_ms: number
  synced_at: string
  logo: KeptLogo
  exceptions: number
  unread: number
  /** The server did not know the register's credential when it was last used. */
  credential_refused: { registerId: string; at: string }
  /** Wrong PINs in a row by staff id, and until when the next one waits. */
  pin_tries: Record<string, { count: number; until: number }>
  stock_location: string
  /** A register that was asked for and whose answer has not come yet. */
  register_asked: string
  /** The accounts that want to see the first steps no more. */
  steps_dismissed: string[]
}
