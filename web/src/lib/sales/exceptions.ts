/** What tills told that disagrees with the shop, and documents that came damaged: read, understand, settle. */
import { call } from '$lib/api/client'
import type { ExceptionOut, RegisterOut, SetAsideListed, SetAsideOut } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'

export async function listExceptions(query: Query): Promise<Listed<ExceptionOut>> {
  return listed('/api/exceptions', query)
}

export async function settleException(id: string, settlement: string): Promise<ExceptionOut> {
  return (await call<ExceptionOut>('POST', `/api/exceptions/${id}/settle`, { body: { settlement } })).data
}

export async function listQuarantine(query: Query): Promise<Listed<SetAsideListed>> {
  return listed('/api/quarantine', query)
}

export async function readQuarantined(id: string): Promise<SetAsideOut> {
  return (await call<SetAsideOut>('GET', `/api/quarantine/${id}`)).data
}

export async function settleQuarantined(id: string, settlement: string): Promise<SetAsideOut> {
  return (await call<SetAsideOut>('POST', `/api/quarantine/${id}/settle`, { body: { settlement } })).data
}

/** A value beside its kind, for the page to write it as money, percent, day or plain words. */
export interface Side {
  /** Names the words before it: `sales.side.<label>`. */
  label: string
  kind: 'money' | 'percent' | 'day' | 'moment' | 'text' | 'quantity' | 'count'
  value: string | number
}

export interface BothSides {
  /** What the till said and did. */
  till: Side[]
  /** What the shop knew. */
  shop: Side[]
}

type Facts = Record<string, unknown>

/** Say what an exception's two sides are, out of its facts; unknown codes give their plain facts as the shop's side. */
export function bothSides(code: string, facts: Facts): BothSides {
  const known = SIDES[code]
  if (!known) return { till: [], shop: plainFacts(facts) }
  return { till: sidesOf(known.till, facts), shop: sidesOf(known.shop, facts) }
}

type Known = Record<'till' | 'shop', [label: string, fact: string, kind: Side['kind']][]>

// The facts are those of the refusals of the same code; see the server's documentation of each.
const SIDES: Record<string, Known> = {
  PRICE_CHANGED: { till: [['sold_at', 'sent', 'money']], shop: [['price_now', 'price', 'money']] },
  PRINTED_OTHERWISE: { till: [['printed', 'printed_name', 'text']], shop: [['named', 'name', 'text']] },
  DISCOUNT_OVER_CEILING: { till: [['given', 'given_bp', 'percent']], shop: [['ceiling', 'ceiling_bp', 'percent']] },
  CREDIT_LIMIT_REACHED: { till: [['would_owe', 'would_owe', 'money']], shop: [['limit', 'limit', 'money']] },
  ROUNDING_CHANGED: { till: [['rounded_to', 'sent', 'count']], shop: [['rounds_to', 'cash_rounding', 'count']] },
  DATE_FAR: { till: [['business_day', 'business_date', 'day']], shop: [['received', 'received_on', 'day']] },
  DELIVERED_LATE: { till: [['made', 'made_at', 'moment']], shop: [['replaced', 'replaced_at', 'moment']] },
  SELLER_NOT_ACTIVE: { till: [['sold_by', 'name', 'text']], shop: [['their_state', 'staff_status', 'text']] },
  RETURN_WINDOW_PASSED: { till: [['days_ago', 'days', 'count']], shop: [['window', 'window_days', 'count']] },
  METHOD_NOT_TAKEN: { till: [['paid_by', 'method', 'text']], shop: [] },
  ON_ACCOUNT_NOT_ALLOWED: { till: [], shop: [['because', 'reason', 'text']] },
  REGISTER_NOT_USABLE: { till: [], shop: [['because', 'reason', 'text']] },
  ITEM_NOT_SOLD: { till: [['item', 'name', 'text']], shop: [] },
  HASH_MISMATCH: { till: [['number', 'number', 'text']], shop: [['computed', 'computed', 'text']] },
  WRONG_SERIES: { till: [['sent', 'sent', 'text']], shop: [['expected', 'expected', 'text']] },
  TOTAL_MISMATCH: { till: [['total', 'sent', 'money']], shop: [['total', 'total', 'money']] },
}

function sidesOf(known: Known['till'], facts: Facts): Side[] {
  return known.flatMap(([label, fact, kind]) => {
    const value = plainValue(facts[fact])
    return value === null ? [] : [{ label, kind, value }]
  })
}

function plainFacts(facts: Facts): Side[] {
  return Object.entries(facts).flatMap(([label, fact]) => {
    const value = plainValue(fact)
    return value === null || label.endsWith('_id') ? [] : [{ label, kind: 'text' as const, value }]
  })
}

function plainValue(fact: unknown): string | number | null {
  return typeof fact === 'string' || typeof fact === 'number' ? fact : null
}

/** Write a document's bytes so that a person can read them: JSON with line breaks, else the text as it came. */
export function readable(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const text = new TextDecoder().decode(bytes)
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** Numbers of a till's series that other documents follow but that have not arrived. */
export interface Awaited {
  registerId: string
  register: string
  series: string
  from: number
  to: number
  count: number
}

/** Every till's numbers that are still awaited. Needs `registers:read`. */
export async function listAwaited(): Promise<Awaited[]> {
  const { data } = await call<RegisterOut[]>('GET', '/api/registers', { query: { limit: 200 } })
  return data.flatMap(awaitedOf)
}

/** The gaps of one till: between what is complete and the highest number seen. */
export function awaitedOf(register: Pick<RegisterOut, 'id' | 'name' | 'series'>): Awaited[] {
  return register.series
    .filter((series) => !series.closed_at && series.highest_seen > series.complete_to)
    .map((series) => ({
      registerId: register.id,
      register: register.name,
      series: `${series.code}/${series.financial_year}`,
      from: series.complete_to + 1,
      to: series.highest_seen - 1,
      count: series.highest_seen - 1 - series.complete_to,
    }))
}
