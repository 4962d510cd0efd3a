/** Put values into texts; no catalogue, no state. */
import type { Entry } from './types'

export type Values = Record<string, string | number>

/**
 * Give an entry's text for these values. A plural's form follows `n`; numbers are written as the locale writes them.
 * A `{name}` without a value stays, so that it is seen.
 */
export function fill(entry: Entry, values: Values, locale: string): string {
  const text = typeof entry === 'string' ? entry : entry[formOf(values['n'], locale)] ?? entry.other
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? numbersIn(locale).format(value) : value
  })
}

function formOf(count: string | number | undefined, locale: string): Intl.LDMLPluralRule {
  return typeof count === 'number' ? rulesIn(locale).select(count) : 'other'
}

const rules = new Map<string, Intl.PluralRules>()
const numbers = new Map<string, Intl.NumberFormat>()

function rulesIn(locale: string): Intl.PluralRules {
  const known = rules.get(locale) ?? new Intl.PluralRules(locale)
  rules.set(locale, known)
  return known
}

/** The locale's way to write plain numbers; made once, because making one is slow. */
export function numbersIn(locale: string): Intl.NumberFormat {
  const known = numbers.get(locale) ?? new Intl.NumberFormat(locale)
  numbers.set(locale, known)
  return known
}
