/**
 * What codes say beyond which item it is: batch, expiry, serial number, weight, price. The server's `catalog/gs1.py` reads
 * them by the same rules, and both by the same golden cases.
 *
 * GS1 element strings as scanners give them (GS1 General Specifications, chapters 3 and 7.8), or as people write them with
 * the application identifiers in brackets, and the EAN-13 that a shop's own scale prints.
 */

export interface CodeFacts {
  batch: string | null
  /** `2027-02-28`: the last day. */
  expiry: string | null
  serial: string | null
  /** Thousandths. */
  quantityMilli: number | null
  /** Of the whole, in minor units. */
  priceMinor: number | null
}

/** A GS1 code: the GTIN it is about, in 14 digits, and what else it says. */
export interface Gs1Code {
  gtin: string
  facts: CodeFacts
}

/** An EAN-13 of the shop's scale: the barcodes and SKUs that its item may be kept under, and weight or price. */
export interface ScaleLabel {
  barcodes: string[]
  skus: string[]
  facts: CodeFacts
}

const SEPARATOR = '\u001d'
const CARRIERS = [']C1', ']e0', ']d2', ']Q3', ']J1']
const CHARACTERS = /^[!-"%-?A-Z_a-z]+$/
const LIMIT = 10n ** 12n

const NONE: CodeFacts = { batch: null, expiry: null, serial: null, quantityMilli: null, priceMinor: null }
const GTIN_LENGTHS = [8, 12, 13, 14]

/** Lengths of what follows an identifier that begins with these two digits and needs no separator behind it. */
const FIXED: Record<string, number> = {
  '00': 18, '01': 14, '02': 14, '03': 14, '04': 16, '20': 2, '41': 13,
  ...Object.fromEntries([...range(11, 20), ...range(31, 37)].map((two) => [String(two), 6])),
}  // prettier-ignore
const IDENTIFIER_DIGITS: Record<string, number> = {
  ...Object.fromEntries(['23', '24', '25', '40', '41', '42', '71'].map((two) => [two, 3])),
  ...Object.fromEntries(['31', '32', '33', '34', '35', '36', '39', '43', '70', '72', '80', '81', '82'].map((two) => [two, 4])),
}
const TEXT_MAX: Record<string, number> = { '10': 20, '21': 20, '22': 20, '30': 8, '37': 8, '235': 28, '243': 20 }
const OTHER_TEXT_MAX = 90
/** Net weight in kg, length in metres, area, litres and cubic metres. */
const MEASURES = ['310', '311', '314', '315', '316']

function range(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, place) => from + place)
}

/** Read a GS1 code that names an item; null for any other text, or one that breaks the rules. `today` (`2026-11-21`) says
 * which century a date belongs to, `currencyDigits` how many decimals the shop's currency has. */
export function readGs1(text: string, today: string, currencyDigits: number): Gs1Code | null {
  const found = new Map<string, string>()
  for (const [identifier, value] of elements(text) ?? []) {
    if ((found.get(identifier) ?? value) !== value || !CHARACTERS.test(value)) return null
    found.set(identifier, value)
  }
  const gtin = found.get('01') ?? found.get('02') ?? ''
  if (gtin.length !== 14 || !isGtin(gtin)) return null
  const facts = factsOf(found, today, currencyDigits)
  return facts && { gtin, facts }
}

/** Read an EAN-13 by the shop's patterns, such as `21IIIIIWWWWWC`; null where none fits. */
export function readScaleLabel(text: string, patterns: readonly string[]): ScaleLabel | null {
  if (!/^2\d{12}$/.test(text) || !isGtin(text)) return null
  const pattern = patterns.find((each) => text.startsWith(each.slice(0, 2)))
  if (!pattern) return null
  const part = (kind: string): string => [...text].filter((_, place) => pattern[place] === kind).join('')
  const [item, weight, price, prefix] = [part('I'), part('W'), part('P'), pattern.slice(0, 2)]
  const empty = `${prefix}${item}`.padEnd(12, '0')
  return {
    barcodes: [empty + checkDigit(empty), `${prefix}${item}`],
    skus: [...new Set([`${prefix}${item}`, item, item.replace(/^0+/, '') || '0'])],
    facts: { ...NONE, quantityMilli: Number(weight) || null, priceMinor: Number(price) || null },
  }
}

/** Give every way to write a barcode: a GTIN with fewer or more leading zeros is the same. */
export function sameBarcodes(code: string): string[] {
  if (!/^(\d{8}|\d{12,14})$/.test(code)) return [code]
  const bare = code.replace(/^0+/, '')
  return GTIN_LENGTHS.filter((length) => bare.length <= length).map((length) => bare.padStart(length, '0'))
}

function isGtin(digits: string): boolean {
  return /^\d+$/.test(digits) && checkDigit(digits.slice(0, -1)) === digits.at(-1)
}

function checkDigit(others: string): string {
  const sum = [...others].reverse().reduce((all, digit, place) => all + Number(digit) * (place % 2 === 0 ? 3 : 1), 0)
  return String((10 - (sum % 10)) % 10)
}

/** Split a code into its elements; null where it cannot be one. */
function elements(text: string): [string, string][] | null {
  const carrier = CARRIERS.find((each) => text.startsWith(each))
  const bare = carrier ? text.slice(carrier.length) : text
  if (bare.startsWith('(')) {
    const found = [...bare.matchAll(/\(([0-9]{2,4})\)([^(]+)/g)].map((match): [string, string] => [match[1]!, match[2]!])
    return found.map(([identifier, value]) => `(${identifier})${value}`).join('') === bare ? found : null
  }
  // Digits that merely begin like one.
  if (!carrier && !bare.includes(SEPARATOR) && !(bare.startsWith('01') && bare.length >= 16)) return null
  return split(stripped(bare))
}

function stripped(text: string): string {
  let [from, until] = [0, text.length]
  while (text[from] === SEPARATOR) from += 1
  while (until > from && text[until - 1] === SEPARATOR) until -= 1
  return text.slice(from, until)
}

function split(text: string): [string, string][] | null {
  const found: [string, string][] = []
  for (let rest = text; rest; ) {
    const identifier = rest.slice(0, IDENTIFIER_DIGITS[rest.slice(0, 2)] ?? 2)
    if (!/^[0-9]{2,4}$/.test(identifier)) return null
    const body = rest.slice(identifier.length)
    const fixed = FIXED[identifier.slice(0, 2)]
    const end = fixed ?? (body.includes(SEPARATOR) ? body.indexOf(SEPARATOR) : body.length)
    const value = body.slice(0, end)
    rest = body.slice(end)
    if (rest.startsWith(SEPARATOR)) rest = rest.slice(1)
    const tooLong = value.length > (TEXT_MAX[identifier] ?? OTHER_TEXT_MAX)
    if (!value || tooLong || (fixed !== undefined && (value.length !== fixed || !/^[0-9]+$/.test(value)))) return null
    found.push([identifier, value])
  }
  return found
}

/** Read what is said beside the GTIN; null for a number or a date that is none. */
function factsOf(found: Map<string, string>, today: string, currencyDigits: number): CodeFacts | null {
  let quantity: number | null = 0
  let price: number | null = null
  for (const [identifier, value] of found) {
    const [kind, places] = [identifier.slice(0, 3), identifier.slice(3)]
    if (MEASURES.includes(kind) && places) quantity = scaled(value, Number(places), 3)
    else if (identifier === '30' || identifier === '37') quantity = scaled(value, 0, 3)
    else if (kind === '392' && places) {
      price = scaled(value, Number(places), currencyDigits)
      if (price === null) return null
    }
    if (quantity === null) return null
  }
  const ends = found.get('17')
  const expiry = ends === undefined ? null : dateOf(ends, today)
  if (ends !== undefined && expiry === null) return null
  return { batch: found.get('10') ?? null, expiry, serial: found.get('21') ?? null, quantityMilli: quantity || null, priceMinor: price }
}

/** Read digits with so many decimals into a whole number with `wanted` of them, halves up; null for more than Duka holds. */
function scaled(digits: string, places: number, wanted: number): number | null {
  if (!/^[0-9]{1,15}$/.test(digits)) return null
  const unit = 10n ** BigInt(places)
  const value = (2n * BigInt(digits) * 10n ** BigInt(wanted) + unit) / (2n * unit)
  return value > LIMIT ? null : Number(value)
}

/** Read YYMMDD: the year that is at most 49 back or 50 ahead; day 00 is the month's last. */
function dateOf(text: string, today: string): string | null {
  if (!/^[0-9]{6}$/.test(text)) return null
  const [now, month, day] = [Number(today.slice(0, 4)), Number(text.slice(2, 4)), Number(text.slice(4))]
  let year = now - (now % 100) + Number(text.slice(0, 2))
  if (year - now >= 51) year -= 100
  else if (year - now <= -50) year += 100
  if (month < 1 || month > 12) return null
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (day > last) return null
  return `${year}-${text.slice(2, 4)}-${String(day || last).padStart(2, '0')}`
}
