/** Sales as this device knows them: those that wait to be sent, and those that the server told of in the last days. */
import { call } from '$lib/api/client'
import { Unreachable } from '$lib/api/errors'
import type { SaleListed, SaleOut } from '$lib/api/generated'
import type { Query } from '$lib/lists/listed'
import { readMeta } from '$lib/local/db'
import { freshOrSeen } from '$lib/local/seen'
import type { Local, LocalSale, OutboxItem } from '$lib/local/types'

import type { BackLine } from './wire'

/** A sale as a page shows it. */
export interface Standing {
  row: LocalSale & { sale: SaleOut }
  /** What of it waits to be sent: the sale itself, something done with it since (a payment, a return), or nothing. */
  waits: 'sale' | 'more' | null
  /** Why the server did not take what waits. */
  refusal: OutboxItem['refusal'] | null
  /** When it was heard, where it comes from this device's memory; null when it is of now. */
  heardAt: string | null
}

/** A credit note of this device, kept with its sale so that the next one goes on from it. */
export interface MyNote {
  id: string
  number: string
  lines: BackLine[]
  grossMinor: number
  totalMinor: number
}

type Told = LocalSale & { sale: SaleOut }

/** Give the sales of this device that have not reached the server, the newest first. */
export async function waitingSales(local: Local): Promise<Told[]> {
  const items = (await local.db.getAll('outbox')).filter((item) => item.kind === 'sale')
  const rows = await Promise.all(items.map((item) => local.db.get('sales', item.id)))
  return rows.filter(isTold).sort(newestFirst)
}

/** Give the incomplete sales of a branch that this device knows and that can be paid up, the newest first. */
export async function incompleteHere(local: Local, branchId: string): Promise<Told[]> {
  const rows = (await local.db.getAll('sales')).filter(isTold)
  const open = rows.filter(({ delivery }) => delivery === 'waiting' || delivery === 'delivered')
  return open.filter(({ sale }) => sale.state === 'incomplete' && sale.branch_id === branchId).sort(newestFirst)
}

/** What this device knows toward a list of sales. */
export interface Here {
  /** The sales that the list asks for. */
  rows: SaleListed[]
  /** The ids of all sales that are here, also of those that the list does not ask for. */
  known: readonly string[]
  /** When the device heard everything from the server last. */
  at: string | null
}

/** Give the sales on this device that a list asks for, by the names of `GET /api/sales`. */
export async function salesHere(local: Local, query: Query): Promise<Here> {
  const [rows, at] = await Promise.all([local.db.getAll('sales'), readMeta(local, 'synced_at')])
  const told = rows.filter(isTold)
  const found = told.filter(({ sale }) => fits(sale, query)).map(({ sale }) => listedOf(sale))
  return { rows: found, known: told.map((row) => row.id), at: at ?? null }
}

/** Put what a list was answered earlier and what is here in one list, each sale once and as it is here, in the order asked
 * for (`-created`, `total`...). */
export function together(heard: readonly SaleListed[], here: Pick<Here, 'rows' | 'known'>, sort: string): SaleListed[] {
  const by = sort.endsWith('total') ? (row: SaleListed) => row.total : (row: SaleListed) => Date.parse(row.made_at)
  const sign = sort.startsWith('-') ? -1 : 1
  const known = new Set(here.known)
  const all = [...here.rows, ...heard.filter((row) => !known.has(row.id))]
  return all.sort((one, other) => sign * (by(one) - by(other)))
}

/** Find sales on this device whose number has these letters, the newest first; without letters, the last ones. */
export async function salesLike(local: Local, text: string, most: number): Promise<Told[]> {
  const wanted = (receiptNumberIn(text) ?? text).trim().toUpperCase()
  const rows = (await local.db.getAll('sales')).filter(isTold)
  return rows.filter((row) => row.sale.invoice && row.number.includes(wanted)).sort(newestFirst).slice(0, most)
}

/** Read an invoice's number out of what was scanned or typed: the number alone, or a receipt's QR code, which begins with
 * it. Null for anything else. */
export function receiptNumberIn(text: string): string | null {
  return /^\s*([0-9A-Z]{1,4}\/\d{4}\/\d{1,9})(?:\s|$)/i.exec(text)?.[1]?.toUpperCase() ?? null
}

/**
 * Give a sale as it stands: from this device while something of it waits to be sent, else from the server, and without a
 * network as this device knows it. Throws Refusal (404 out of reach), Unreachable when nothing is known of it.
 */
export async function showSale(local: Local | null, id: string): Promise<Standing> {
  const here = local ? await local.db.get('sales', id) : undefined
  const items = local && here ? (await local.db.getAll('outbox')).filter((item) => item.id === id || item.after === id) : []
  if (isTold(here) && items.length) {
    const waits = items.some((item) => item.id === id) ? 'sale' : 'more'
    return { row: here, waits, refusal: items.find((item) => item.refusal)?.refusal ?? null, heardAt: null }
  }
  const asked = await askFor(local, id, here)
  return { ...asked, waits: null, refusal: null }
}

async function askFor(local: Local | null, id: string, here: LocalSale | undefined): Promise<Pick<Standing, 'row' | 'heardAt'>> {
  const ask = async (): Promise<SaleOut> => (await call<SaleOut>('GET', `/api/sales/${id}`)).data
  try {
    // What the device keeps of the sale follows the server's news; a page that was seen once does not.
    const { data, at } = isTold(here) ? { data: await ask(), at: null } : await freshOrSeen(local, `sale:${id}`, ask)
    return { row: rowOf(data, here), heardAt: at }
  } catch (failure) {
    if (!(failure instanceof Unreachable) || !isTold(here)) throw failure
    return { row: here, heardAt: (await readMeta(local!, 'synced_at')) ?? here.made_at }
  }
}

/** Write a sale that the server showed as this device keeps it; `here` is what it knew before. */
export function rowOf(sale: SaleOut, here?: LocalSale): Told {
  const { id, number, business_date, made_at } = sale
  return { id, number, business_date, made_at, mine: null, delivery: 'delivered', ...here, sale }
}

/** Show a sale as a list does. */
export function listedOf(sale: SaleOut): SaleListed {
  const {
    id, number, state, payment_status, review, currency, total, paid, credited, debited, owed, business_date, due_on,
    made_at, received_at, register_id, branch_id, staff_id, customer_id, locked_at, external_ref, version,
  } = sale  // prettier-ignore
  return {
    id, number, state, payment_status, review: review as SaleListed['review'], currency, total, paid, credited, debited, owed, business_date, due_on,
    made_at, received_at, register_id, branch_id, staff_id, customer_id, locked_at, external_ref, version,
  }  // prettier-ignore
}

/** Say whether a list that asks so shows a sale. */
export function fits(sale: SaleOut, query: Query): boolean {
  const asked = (name: string): string => String(query[name] ?? '')
  const same = (name: 'state' | 'branch_id' | 'staff_id' | 'review'): boolean => !asked(name) || sale[name] === asked(name)
  const words = asked('q').trim().toUpperCase()
  return (
    (['state', 'branch_id', 'staff_id', 'review'] as const).every(same) &&
    (!asked('from') || sale.business_date >= asked('from')) &&
    (!asked('to') || sale.business_date <= asked('to')) &&
    (!asked('method') || sale.payments.some((payment) => payment.method === asked('method'))) &&
    (!asked('owing') || (sale.owed > 0) === (asked('owing') === 'true')) &&
    (!asked('amount_min') || sale.total >= Number(asked('amount_min'))) &&
    (!asked('amount_max') || sale.total <= Number(asked('amount_max'))) &&
    (!words || sale.number.toUpperCase().includes(words) || (sale.external_ref ?? '').toUpperCase().startsWith(words))
  )
}

/** Give the credit notes of this device on a sale, the oldest first. */
export function notesOf(standing: LocalSale): MyNote[] {
  return (standing.mine as { notes?: MyNote[] } | null)?.notes ?? []
}

function isTold(row: LocalSale | undefined): row is Told {
  return row?.sale != null
}

function newestFirst(one: LocalSale, other: LocalSale): number {
  return Date.parse(other.made_at) - Date.parse(one.made_at)
}
