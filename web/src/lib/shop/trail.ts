/** The audit trail: who changed what, put so that it can be read. */
import { call } from '$lib/api/client'
import type { EntryInFull, EntryOut, FieldChange } from '$lib/api/generated'

export type { EntryInFull, EntryOut }

export const TRAIL = '/api/audit-logs'

/** What one may ask for; other kinds are found through the thing's own page. */
export const ENTITIES = [
  'sale', 'invoice', 'credit_note', 'debit_note', 'cart', 'register_session', 'cash_move', 'customer', 'product', 'group',
  'tax_class', 'stock_adjustment', 'stock_assembly', 'stock_level', 'import_run', 'staff', 'role', 'account', 'shop',
  'branch', 'location', 'register', 'series', 'api_key', 'exception', 'document',
] as const  // prettier-ignore

/** One entry with every value it changed. Throws Refusal, Unreachable. */
export async function readEntry(id: string): Promise<EntryInFull> {
  return (await call<EntryInFull>('GET', `${TRAIL}/${id}`)).data
}

/** A value taken apart: what it is, for the page to write it as people do. */
export type Value =
  | { kind: 'nothing' }
  | { kind: 'yes' | 'no' }
  | { kind: 'hidden' }
  | { kind: 'money'; minor: number }
  | { kind: 'percent'; bp: number }
  | { kind: 'quantity'; milli: number }
  | { kind: 'moment'; at: string }
  | { kind: 'day'; on: string }
  | { kind: 'id'; id: string }
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: Value[] }

const AN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const A_MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/
const A_DAY = /^\d{4}-\d\d-\d\d$/
const HIDDEN = '(changed)'

/** Say what a stored value means, by the name of its field: units are the last word of a name. */
export function meant(field: string, value: unknown): Value {
  if (value === null || value === undefined || value === '') return { kind: 'nothing' }
  if (typeof value === 'boolean') return { kind: value ? 'yes' : 'no' }
  if (typeof value === 'number') return numberMeant(field, value)
  if (typeof value === 'string') return textMeant(value)
  if (Array.isArray(value)) return { kind: 'list', items: value.map((each) => meant(field, each)) }
  const parts = Object.entries(value as Record<string, unknown>)
  return parts.length ? { kind: 'list', items: parts.map(([name, part]) => named(name, part)) } : { kind: 'nothing' }
}

function numberMeant(field: string, value: number): Value {
  if (field.endsWith('_minor')) return { kind: 'money', minor: value }
  if (field.endsWith('_bp')) return { kind: 'percent', bp: value }
  if (field.endsWith('_milli')) return { kind: 'quantity', milli: value }
  return { kind: 'text', text: String(value) }
}

function textMeant(text: string): Value {
  if (text === HIDDEN) return { kind: 'hidden' }
  if (AN_ID.test(text)) return { kind: 'id', id: text }
  if (A_MOMENT.test(text)) return { kind: 'moment', at: text.replace(' ', 'T') }
  return A_DAY.test(text) ? { kind: 'day', on: text } : { kind: 'text', text }
}

/** A part of a larger value with its name: `sales:read = shop`. */
function named(name: string, part: unknown): Value {
  const plain = typeof part === 'object' && part !== null ? JSON.stringify(part) : String(part)
  return { kind: 'text', text: `${name}: ${plain}` }
}

/** The name of a field as words where no text is written for it: `settings.credit_days` → `Credit days`. */
export function plainName(field: string): string {
  const last = field.split('.').at(-1) ?? field
  const words = last.replace(/_(minor|bp|milli|id)$/, '').replaceAll('_', ' ')
  return words.charAt(0).toLocaleUpperCase() + words.slice(1)
}

/** One line of what changed. `added` and `removed` are parts of a list, where both sides are lists. */
export interface Line {
  field: string
  before: Value
  after: Value
  added?: Value[]
  removed?: Value[]
}

/** Put an entry's changes into lines; a list is told by what came and what went. */
export function linesOf(changes: readonly FieldChange[]): Line[] {
  return changes.map(({ field, before, after }) => {
    const [old, now] = [meant(field, before), meant(field, after)]
    if (old.kind !== 'list' || now.kind !== 'list') return { field, before: old, after: now }
    return { field, before: old, after: now, added: missingFrom(old.items, now.items), removed: missingFrom(now.items, old.items) }
  })
}

function missingFrom(these: Value[], those: Value[]): Value[] {
  const known = new Set(these.map((each) => JSON.stringify(each)))
  return those.filter((each) => !known.has(JSON.stringify(each)))
}

/** Where the thing of an entry is shown; null where it has no page, or is gone. */
export function pageOfThing(entry: EntryOut): string | null {
  const { entity, entity_id, action } = entry
  if (action === 'delete') return null
  const places: Record<string, string> = {
    sale: `/sales/${entity_id}`, customer: `/customers/${entity_id}`, product: `/products/${entity_id}`,
    staff: `/staff/${entity_id}`, role: `/roles/${entity_id}`, shop: '/settings', branch: '/branches',
    register: '/registers', api_key: '/api-keys', tax_class: '/taxes', group: '/groups',
  }  // prettier-ignore
  return places[entity] ?? null
}
