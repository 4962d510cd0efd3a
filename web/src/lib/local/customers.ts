/** Customers on this device: found by phone or name, registered with or without a network. */
import { newId } from '$lib/uuid'

import { writing } from './db'
import { wordsIn } from './fold'
import { put } from './outbox'
import type { KeptCustomer } from './schema'
import type { CustomerRow, Local } from './types'
import { without } from './without'

const PHONE_TAIL = 7
const LOOKED_AT_MAX = 500

/** The phone belongs to a customer already. */
export class CustomerKnown extends Error {
  constructor(readonly customer: CustomerRow) {
    super(`${customer.name} is registered with this phone.`)
    this.name = 'CustomerKnown'
  }
}

/** Add the words that a customer is found by: those of the name, and the phone from each of its first digits on, as
 * people leave the country's code away. */
export function findable(row: CustomerRow): KeptCustomer {
  const digits = row.phone?.replace(/\D/g, '') ?? ''
  const phones = digits.length > PHONE_TAIL ? [0, 1, 2, 3].map((from) => digits.slice(from)) : []
  return { ...row, words: [...new Set([...wordsIn(row.name), ...phones, digits].filter(Boolean))] }
}

/** Give the customer with a phone, however it was typed; undefined when nobody here has it. */
export async function customerByPhone(local: Local, phone: string): Promise<CustomerRow | undefined> {
  const digits = bare(phone)
  if (digits.length < PHONE_TAIL) return undefined
  const found = await local.db.getAllFromIndex('customers', 'words', IDBKeyRange.only(digits), 2)
  return found[0] && stripped(found[0])
}

function bare(phone: string): string {
  return phone.replace(/\D/g, '').replace(/^0+/, '')
}

/** Find customers by the beginnings of their names' words or of their phone; by name, at most `limit`. */
export async function searchCustomers(local: Local, text: string, limit = 20): Promise<CustomerRow[]> {
  const typed = /^[\d\s()+-]+$/.test(text) ? [bare(text)] : wordsIn(text)
  const words = typed.filter(Boolean).sort((one, other) => other.length - one.length)
  const [lead, ...others] = words
  if (!lead) return []
  const range = IDBKeyRange.bound(lead, `${lead}\uffff`)
  const found = await local.db.getAllFromIndex('customers', 'words', range, LOOKED_AT_MAX)
  const fitting = new Map<string, CustomerRow>()
  for (const row of found) {
    if (others.every((word) => row.words.some((each) => each.startsWith(word)))) fitting.set(row.id, stripped(row))
  }
  return [...fitting.values()].sort((one, other) => (one.name < other.name ? -1 : 1)).slice(0, limit)
}

export async function customer(local: Local, id: string): Promise<CustomerRow | undefined> {
  const row = await local.db.get('customers', id)
  return row && stripped(row)
}

function stripped(row: KeptCustomer): CustomerRow {
  return without(row, 'words')
}

export interface NewCustomer {
  name: string
  phone?: string | null
  type?: 'retail' | 'wholesale'
  taxId?: string | null
  stateCode?: string | null
}

/** Register a customer here and now; the server is told when it can be, by this till's right where the device is one, so
 * that it is told also when somebody else is logged in by then. Throws CustomerKnown, DeviceFull. */
export async function registerCustomer(local: Local, wanted: NewCustomer): Promise<CustomerRow> {
  const known = wanted.phone ? await customerByPhone(local, wanted.phone) : undefined
  if (known) throw new CustomerKnown(known)
  const row: CustomerRow = {
    id: newId(), name: wanted.name.trim(), phone: wanted.phone?.trim() || null, type: wanted.type ?? 'retail',
    tax_id: wanted.taxId?.trim() || null, state_code: wanted.stateCode || null, credit_limit_minor: 0, owed_minor: 0,
    local: true,
  }
  const { id, name, phone, type, tax_id, state_code } = row
  const body = Object.fromEntries(
    Object.entries({ id, name, phone, type, tax_id, state_code }).filter(([, value]) => value !== null),
  )
  const registerId = (await local.db.getAll('credentials')).find((each) => each.own)?.id
  await writing(local, ['customers', 'outbox'], async (tx) => {
    await tx.objectStore('customers').put(findable(row))
    await put(tx, {
      id: row.id, kind: 'customer', method: 'POST', path: '/api/customers', body: JSON.stringify(body), mode: 'plain',
      madeAt: new Date().toISOString(), label: row.name, registerId,
    })
  })
  return row
}
