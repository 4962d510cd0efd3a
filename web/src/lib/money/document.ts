/** The shape of a document that is hashed, and what keeps one from having it. */
import { LIMIT_MINOR } from './whole'

/** The shape below. A changed shape gets the next number; documents keep the one they were issued with. */
export const VERSION = 1

export type DocumentKind = 'invoice' | 'credit_note' | 'debit_note'

/** One line as it is hashed. `discount_minor` is both discounts together. */
export interface CanonicalLine {
  description: string
  variant?: string
  hsn?: string
  quantity_milli: number
  unit_price_minor: number
  discount_minor: number
  tax_included: 'yes' | 'no'
  net_minor: number
  taxes: { code: string; rate_bp: number; parts: number; amount_minor: number }[]
  total_minor: number
}

/**
 * A document as it is hashed: no number and no previous hash (the chain adds them), and nobody's name, phone, address
 * or tax id. `business_date` is `2026-11-21`, `issued_at` `2026-11-21T10:15:30.000Z`, `currency` ISO 4217; `original`
 * is the id of the corrected invoice, on notes and only there. What is not known is left out, never null.
 */
export interface CanonicalInvoice {
  version: typeof VERSION
  kind: DocumentKind
  sale: string
  business_date: string
  issued_at: string
  currency: string
  place_of_supply?: string
  original?: string
  lines: CanonicalLine[]
  totals: {
    subtotal_minor: number
    discount_minor: number
    net_minor: number
    tax_minor: number
    rounding_minor: number
    total_minor: number
  }
  taxes: { code: string; rate_bp: number; parts: number; net_minor: number; tax_minor: number }[]
}

/** What is wrong, and where: `lines.0.quantity_milli`. */
export interface Fault {
  path: string
  reason: string
}

type Values = Record<string, unknown>

interface Keys {
  required: string[]
  optional: string[]
}

const HEAD = keys(
  'version kind sale business_date issued_at currency lines totals taxes',
  'place_of_supply original',
)
const LINE = keys(
  'description quantity_milli unit_price_minor discount_minor tax_included net_minor taxes total_minor',
  'variant hsn',
)
const LINE_TAX = keys('code rate_bp parts amount_minor')
const TOTALS = keys('subtotal_minor discount_minor net_minor tax_minor rounding_minor total_minor')
const TAX_TOTAL = keys('code rate_bp parts net_minor tax_minor')

/** Lists and objects inside, which are checked on their own. */
const WALKED = new Set(['lines', 'taxes', 'totals'])
const COUNTED = /_minor$|_milli$|_bp$|^version$|^parts$/

const KINDS = new Set<unknown>(['invoice', 'credit_note', 'debit_note'])
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/

/** Half of a character that needs two: text cut in the middle of one, which no UTF-8 can hold. */
const HALF_A_CHARACTER = /\p{Surrogate}/u

/** Say what keeps a value from being a document that can be hashed; null when nothing does. */
export function fault(invoice: unknown): Fault | null {
  const wrong = keysFault(invoice, 'invoice', HEAD)
  if (wrong !== null) return wrong
  const document = invoice as Values
  return (
    headFault(document) ??
    first(document['lines'], 'lines', lineFault) ??
    keysFault(document['totals'], 'totals', TOTALS) ??
    first(document['taxes'], 'taxes', (total, path) => keysFault(total, path, TAX_TOTAL)) ??
    textFault(document)
  )
}

/** Check the values of the document's own fields that have a fixed form. */
function headFault(invoice: Values): Fault | null {
  if (invoice['version'] !== VERSION) return { path: 'version', reason: `must be ${VERSION}` }
  if (!KINDS.has(invoice['kind'])) return { path: 'kind', reason: 'invoice, credit_note or debit_note' }
  if ((invoice['kind'] === 'invoice') === 'original' in invoice) {
    return { path: 'original', reason: 'on credit and debit notes, and only there' }
  }
  if (!DATE.test(String(invoice['business_date']))) return { path: 'business_date', reason: 'a date as 2026-11-21' }
  if (!INSTANT.test(String(invoice['issued_at']))) {
    return { path: 'issued_at', reason: 'a moment as 2026-11-21T10:15:30.000Z' }
  }
  return null
}

function lineFault(line: unknown, path: string): Fault | null {
  const wrong = keysFault(line, path, LINE)
  if (wrong !== null) return wrong
  const { tax_included: included, taxes } = line as Values
  if (included !== 'yes' && included !== 'no') return { path: `${path}.tax_included`, reason: 'yes or no' }
  return first(taxes, `${path}.taxes`, (tax, taxPath) => keysFault(tax, taxPath, LINE_TAX))
}

/** Go through a list and give the first fault in it. */
function first(found: unknown, path: string, check: (item: unknown, path: string) => Fault | null): Fault | null {
  if (!Array.isArray(found)) return { path, reason: 'must be a list' }
  for (const [place, item] of found.entries()) {
    const wrong = check(item, `${path}.${place}`)
    if (wrong !== null) return wrong
  }
  return null
}

/**
 * Check that a value is an object with these keys, and that plain values are of the kind their names promise: whole
 * numbers where the name ends in a unit, for the version and parts; lists and objects are for the caller; else text.
 */
function keysFault(value: unknown, path: string, { required, optional }: Keys): Fault | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { path, reason: 'must be an object' }
  const wrong = [
    ...required.filter((key) => !(key in value)),
    ...Object.keys(value).filter((key) => !required.includes(key) && !optional.includes(key)),
  ]
  if (wrong.length > 0) return { path, reason: `missing or not allowed: ${wrong.sort().join(', ')}` }
  for (const [key, found] of Object.entries(value)) {
    if (WALKED.has(key)) continue
    if (COUNTED.test(key)) {
      if (!isCount(found)) return { path: `${path}.${key}`, reason: 'must be a whole number up to 10^12' }
    } else if (typeof found !== 'string') {
      return { path: `${path}.${key}`, reason: 'must be text' }
    }
  }
  return null
}

function isCount(found: unknown): boolean {
  return Number.isInteger(found) && Math.abs(found as number) <= LIMIT_MINOR
}

/** Check the text last and all at once, as the writing of the bytes would. */
function textFault(document: Values): Fault | null {
  const texts = [document, ...(document['lines'] as Values[]), ...allTaxes(document)].flatMap(Object.values)
  const halved = texts.some((text) => typeof text === 'string' && HALF_A_CHARACTER.test(text))
  return halved ? { path: 'invoice', reason: 'text that is no valid Unicode' } : null
}

function allTaxes(document: Values): Values[] {
  const taxed = [document, ...(document['lines'] as Values[])]
  return taxed.flatMap((each) => each['taxes'] as Values[])
}

function keys(required: string, optional = ''): Keys {
  return { required: required.split(' '), optional: optional === '' ? [] : optional.split(' ') }
}
