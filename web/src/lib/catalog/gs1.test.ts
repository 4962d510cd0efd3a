import { describe, expect, it } from 'vitest'

import { goldenCodes, type GoldenFacts } from '../../../scripts/golden'
import { readGs1, readScaleLabel, sameBarcodes, type CodeFacts } from './gs1'

const GOLDEN = goldenCodes()

function told<T extends { facts: CodeFacts }>(found: T | null): (Omit<T, 'facts'> & { facts: GoldenFacts }) | null {
  if (!found) return null
  const { quantityMilli: quantity_milli, priceMinor: price_minor, ...rest } = found.facts
  return { ...found, facts: { ...rest, quantity_milli, price_minor } }
}

describe('what codes say, as the server reads them', () => {
  it.each(GOLDEN.codes)('$text', ({ text, currency_digits, expected }) => {
    expect(told(readGs1(text, GOLDEN.today, currency_digits))).toEqual(expected)
  })
  it.each(GOLDEN.labels)('$text by $patterns', ({ text, patterns, expected }) => {
    expect(told(readScaleLabel(text, patterns))).toEqual(expected)
  })
  it.each(GOLDEN.same)('$code with other zeros', ({ code, same }) => {
    expect(sameBarcodes(code)).toEqual(same)
  })
})
