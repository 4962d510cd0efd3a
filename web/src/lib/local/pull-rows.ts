/** Writing what the server sends into this device's tables: one page of changes, in the caller's transaction. */
import { findable } from './customers'
import { told } from './drain'
import type { StoreName, Write } from './schema'
import type {
  BranchRow, CartRow, CustomerRow, GroupRow, ItemRow, LocalSale, RegisterRow, SettingsRow, StaffRow, StockRow,
  TaxClassRow,
} from './types'

interface CountRow {
  id: 'n'
  count: number
}

export type SaleRow = NonNullable<LocalSale['sale']>

interface Rows {
  item: ItemRow
  group: GroupRow
  tax_class: TaxClassRow
  stock: StockRow
  customer: CustomerRow
  staff: StaffRow
  branch: BranchRow
  register: RegisterRow
  settings: SettingsRow
  sale: SaleRow
  cart: CartRow
  exception_count: CountRow
  notification_count: CountRow
}

export type Kind = keyof Rows

/** What changed of one kind. */
export type Change = Of<Kind>
type Of<K extends Kind> = { [One in K]: { kind: One; rows: Rows[One][]; gone: string[] } }[K]

/** A page of changes, as `GET /api/sync/changes` answers it. */
export interface Page {
  changes: Change[]
  cursor: string
  more: boolean
  total: number | null
  server_time: string
  business_date: string
}

/** Where a kind's rows are kept one by one. Items and stock are kept as columns, counts as single values. */
const STORES = {
  group: 'groups', tax_class: 'tax_classes', customer: 'customers', staff: 'staff', branch: 'branches',
  register: 'registers', settings: 'settings', sale: 'sales', cart: 'carts',
} as const satisfies Partial<Record<Kind, StoreName>>

type RowKind = keyof typeof STORES

/** The tables that rows are written to one by one. */
export const ROW_STORES: StoreName[] = [...Object.values(STORES)]

function isRowKind(kind: Kind): kind is RowKind {
  return kind in STORES
}

/** Write the rows of a change, and drop those that are gone. Items and stock are left to the catalogue. */
export async function writeChange(tx: Write, change: Change): Promise<void> {
  if (change.kind === 'exception_count' || change.kind === 'notification_count') return writeCount(tx, change)
  if (change.kind === 'sale') return writeSales(tx, change)
  if (!isRowKind(change.kind)) return
  const store = tx.objectStore(STORES[change.kind])
  const rows = change.kind === 'customer' ? change.rows.map(findable) : change.rows
  // One request after the other without waiting: the transaction keeps their order.
  const asked = rows.map((row) => (store as { put(row: unknown): Promise<unknown> }).put(row))
  await Promise.all([...asked, ...change.gone.map((id) => store.delete(id))])
}

async function writeCount(tx: Write, change: Of<'exception_count' | 'notification_count'>): Promise<void> {
  const name = change.kind === 'exception_count' ? 'exceptions' : 'unread'
  const last = change.rows.at(-1)
  if (last) await tx.objectStore('meta').put(last.count, name)
}

async function writeSales(tx: Write, change: { rows: SaleRow[]; gone: string[] }): Promise<void> {
  const store = tx.objectStore('sales')
  for (const sale of change.rows) {
    const known = await store.get(sale.id)
    await store.put(told(known ?? localSale(sale), sale, known?.verdict ?? null))
  }
  for (const id of change.gone) {
    const known = await store.get(id)
    // What was made here and is not delivered is not the server's to drop.
    if (known?.delivery === 'delivered') await store.delete(id)
  }
}

function localSale(sale: SaleRow): LocalSale {
  const { id, number, business_date, made_at } = sale
  return { id, number, business_date, made_at, sale, mine: null, delivery: 'delivered' }
}

/** The ids that came in a first load, by kind: what is not among them by its end is no longer there. */
export class Kept {
  private readonly ids = new Map<RowKind, Set<string>>()

  add(change: Change): void {
    const { kind, gone } = change
    if (!isRowKind(kind)) return
    const known = this.ids.get(kind) ?? new Set()
    for (const row of change.rows as { id: string }[]) known.add(row.id)
    for (const id of gone) known.delete(id)
    this.ids.set(kind, known)
  }

  /** Drop every row that did not come, except what was made here and still waits. */
  async sweep(tx: Write): Promise<void> {
    for (const [kind, name] of Object.entries(STORES) as [RowKind, (typeof STORES)[RowKind]][]) {
      const here = this.ids.get(kind) ?? new Set()
      const store = tx.objectStore(name)
      for (const id of await store.getAllKeys()) {
        if (here.has(id)) continue
        if (!(await isOurs(tx, kind, id))) await store.delete(id)
      }
    }
  }
}

async function isOurs(tx: Write, kind: RowKind, id: string): Promise<boolean> {
  if (kind === 'sale') return (await tx.objectStore('sales').get(id))?.delivery !== 'delivered'
  if (kind === 'customer') return (await tx.objectStore('customers').get(id))?.local === true
  return kind === 'cart' && (await tx.objectStore('carts').get(id))?.local === true
}

/** Drop the delivered sales of days before `since`. */
export async function dropOldSales(tx: Write, since: string): Promise<void> {
  const store = tx.objectStore('sales')
  const old = await store.index('business_date').getAll(IDBKeyRange.upperBound(since, true))
  for (const sale of old) if (sale.delivery === 'delivered') await store.delete(sale.id)
}
