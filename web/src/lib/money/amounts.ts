/** Money and quantities as people write and read them. Inside they are whole minor units and thousandths. */
import { must } from './refused'
import { LIMIT_MINOR } from './whole'

/** Decimal places by ISO 4217 where they are not two; not the browser's, which hides the cents of some currencies. */
const PLACES = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
])

/** Currencies of countries that count in lakh (1,00,000) and crore (1,00,00,000). */
const LAKH_CURRENCIES = new Set(['INR', 'NPR', 'PKR', 'BDT'])

/** Where the ten digits of the scripts that our shops write begin: Arabic, Persian, and those of India. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66]

const QUANTITY_PLACES = 3

const formats = new Map<string, Intl.NumberFormat>()

/** Say how many decimal places a currency (ISO 4217) has. */
export function digitsOf(currency: string): number {
  return PLACES.get(currency) ?? 2
}

/** Write an amount of minor units with its currency as a reader of `locale` expects it: `₹1,00,000.00`, `UGX 1,500`. */
export function formatMoney(minor: number, currency: string, locale = 'en'): string {
  return withCurrency(currency, locale).format(minor / 10 ** digitsOf(currency))
}

/** Write an amount of minor units without its currency: `1,00,000.00` in INR, `1,500` in UGX. */
export function formatAmount(minor: number, currency: string, locale = 'en'): string {
  const places = digitsOf(currency)
  const style = { minimumFractionDigits: places, maximumFractionDigits: places }
  return format(localeFor(currency, locale), style).format(minor / 10 ** places)
}

/**
 * Read an amount that a person typed, into minor units; null when it is none, finer than the currency, or too large.
 *
 * Digits of any script, with or without the currency's code or sign, grouped by thousands or lakh: `1,500`, `1500.50`,
 * `१,००,०००`. A comma or point that can't be grouping is the decimal sign; `locale` says which comes first.
 */
export function parseMoney(text: string, currency: string, locale = 'en'): number | null {
  const shown = withCurrency(currency, locale).formatToParts(1)
  const sign = shown.find((part) => part.type === 'currency')?.value ?? currency
  const bare = text.replace(sign, '').replace(currency, '').replace(/\p{Sc}/u, '')
  return scaled(bare, digitsOf(currency), locale)
}

/** Write thousandths without needless zeros and without grouping: 1500 -> `1.5`. */
export function formatQuantity(milli: number, locale = 'en'): string {
  return format(locale, { maximumFractionDigits: QUANTITY_PLACES, useGrouping: false }).format(milli / 1000)
}

/** Read a quantity that a person typed, into thousandths; null when it is none, finer than 0.001, or too large. */
export function parseQuantity(text: string, locale = 'en'): number | null {
  return scaled(text, QUANTITY_PLACES, locale)
}

/** Write thousandths as the number the server takes: 1500 -> 1.5. */
export function fromMilli(milli: number): number {
  return milli / 1000
}

/** Read a quantity of the server's, a number with at most 3 decimals, into thousandths. */
export function toMilli(quantity: number): number {
  const milli = Math.round(quantity * 1000)
  must(milli / 1000 === quantity, `${quantity} has at most 3 decimals`)
  return milli
}

function withCurrency(currency: string, locale: string): Intl.NumberFormat {
  const places = digitsOf(currency)
  const style = { style: 'currency', currency, minimumFractionDigits: places, maximumFractionDigits: places } as const
  return format(localeFor(currency, locale), style)
}

/** English has no grouping of its own for lakh; India's English does. */
function localeFor(currency: string, locale: string): string {
  return /^en(-|$)/.test(locale) && LAKH_CURRENCIES.has(currency) ? 'en-IN' : locale
}

/** Making a format is slow, using it is not: each is made once. */
function format(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = [locale, ...Object.values(options)].join()
  const known = formats.get(key)
  if (known !== undefined) return known
  const made = new Intl.NumberFormat(locale, options)
  formats.set(key, made)
  return made
}

/** Read a typed number as a whole number of 10^-places; null when that is not what was typed. */
function scaled(text: string, places: number, locale: string): number | null {
  const typed = parts(plainSigns(text), commaIsDecimal(locale))
  // Past the limit's own length it is too large whatever it says, and no longer exact.
  if (typed === null || typed.decimals.length > places || typed.whole.length > 15) return null
  const size = Number(typed.whole + typed.decimals.padEnd(places, '0'))
  if (size > LIMIT_MINOR) return null
  return typed.negative && size > 0 ? -size : size
}

/** Bring digits, signs and spaces of any script to those of ASCII. */
function plainSigns(text: string): string {
  return text
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(/\p{Cf}/gu, '')
    .replaceAll('٬', ' ')
    .replaceAll('−', '-')
    .trim()
    .replace(/\s/g, ' ')
}

function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!
  const zero = ZEROS.find((start) => code >= start && code < start + 10)
  return zero === undefined ? digit : String(code - zero)
}

const GROUPS_BY_COMMA = /^(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})*,\d{3})$/
const GROUPS_BY_SPACE = /^(?:[1-9]\d{0,2}(?: \d{3})+|[1-9]\d?(?: \d{2})* \d{3})$/

/** Take a typed number apart. Both decimal signs are tried, the reader's own first; null when neither makes sense. */
function parts(text: string, commaFirst: boolean): { negative: boolean; whole: string; decimals: string } | null {
  const negative = text.startsWith('-')
  const size = negative ? text.slice(1).trim() : text
  const swapped = size.replace(/[.,]/g, (sign) => (sign === '.' ? ',' : '.'))
  const found = commaFirst ? (pointed(swapped) ?? pointed(size)) : (pointed(size) ?? pointed(swapped))
  return found && { negative, ...found }
}

/** Read a number whose decimal sign is the point (or the Arabic one), grouped by commas or spaces. */
function pointed(text: string): { whole: string; decimals: string } | null {
  const [whole = '', decimals = '', ...more] = text.split(/[.٫]/)
  const grouped = GROUPS_BY_COMMA.test(whole) || GROUPS_BY_SPACE.test(whole)
  const wholeIsFine = grouped || /^\d*$/.test(whole)
  if (more.length > 0 || !wholeIsFine || !/^\d*$/.test(decimals) || whole + decimals === '') return null
  return { whole: whole.replace(/[, ]/g, ''), decimals }
}

function commaIsDecimal(locale: string): boolean {
  const shown = format(locale, {}).formatToParts(1.5)
  return shown.some((part) => part.type === 'decimal' && part.value === ',')
}
