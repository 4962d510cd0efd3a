import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import {
  digitsOf,
  formatAmount,
  formatMoney,
  formatQuantity,
  fromMilli,
  parseMoney,
  parseQuantity,
  toMilli,
} from './amounts'

const LOCALES = ['en', 'sw', 'hi', 'fr', 'lg', 'ar', 'ar-EG', 'fa', 'bn', 'de']
const CURRENCIES = ['UGX', 'INR', 'KES', 'USD', 'KWD', 'TZS']

/** Spaces that do not break are spaces to a reader. */
function plain(text: string): string {
  return text.replace(/\s/g, ' ')
}

describe('money as it is written', () => {
  test.each([
    [1500, 'UGX', 'UGX 1,500'],
    [10_000_000, 'INR', '₹1,00,000.00'],
    [123_456_789, 'KES', 'KES 1,234,567.89'],
    [-1050, 'USD', '-$10.50'],
    [1_234_567, 'KWD', 'KWD 1,234.567'],
    [1_000_000_000_000, 'INR', '₹10,00,00,00,000.00'],
  ])('%i %s is %s', (minor, currency, text) => {
    expect(plain(formatMoney(minor, currency))).toBe(text)
  })

  it('has the decimals of ISO 4217, not those that a browser would show', () => {
    expect([digitsOf('TZS'), digitsOf('PKR'), digitsOf('UGX'), digitsOf('OMR')]).toEqual([2, 2, 0, 3])
    expect(formatAmount(150_050, 'TZS')).toBe('1,500.50')
  })

  it('stands without its currency where the column names it', () => {
    expect(formatAmount(10_000_000, 'INR')).toBe('1,00,000.00')
    expect(plain(formatAmount(-150_050, 'KES', 'fr'))).toBe('-1 500,50')
  })
})

describe('money as it is typed', () => {
  test.each([
    ['1,500', 'UGX', 1500],
    ['1500.50', 'KES', 150_050],
    ['1500,5', 'KES', 150_050],
    ['1.500,50', 'KES', 150_050],
    ['1 500,50', 'KES', 150_050],
    [' 12,34,567.8 ', 'INR', 123_456_780],
    ['१,००,०००', 'INR', 10_000_000],
    ['١٬٥٠٠٫٥', 'USD', 150_050],
    ['۱۵۰۰', 'UGX', 1500],
    ['₹ 99', 'INR', 9900],
    ['UGX 2,000', 'UGX', 2000],
    ['.5', 'USD', 50],
    ['5.', 'USD', 500],
    ['0', 'UGX', 0],
    ['-0', 'UGX', 0],
    ['-12.5', 'USD', -1250],
    ['0,500', 'KWD', 500],
    ['1,500', 'KWD', 1_500_000],
    ['1000000000000', 'UGX', 1_000_000_000_000],
  ])('%s %s is %i', (text, currency, minor) => {
    expect(parseMoney(text, currency)).toBe(minor)
  })

  test.each([
    ['', 'UGX'],
    ['-', 'UGX'],
    ['.', 'USD'],
    ['abc', 'UGX'],
    ['12a', 'UGX'],
    ['1e3', 'UGX'],
    ['1.5', 'UGX'],
    ['1.500', 'UGX'],
    ['0.005', 'USD'],
    ['1,50,00', 'INR'],
    ['1.2.3', 'USD'],
    ['1 5', 'UGX'],
    ['--5', 'UGX'],
    ['1000000000001', 'UGX'],
    ['9'.repeat(400), 'UGX'],
  ])('%s %s is nonsense', (text, currency) => {
    expect(parseMoney(text, currency)).toBeNull()
  })

  it("takes the reader's own decimal sign first", () => {
    expect(parseQuantity('1,505', 'fr')).toBe(1505)
    expect(parseQuantity('1,505')).toBe(1_505_000)
    expect(parseMoney('1.500', 'KES', 'de')).toBe(150_000)
  })

  it('reads back whatever was written, in any language', () => {
    const amount = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 })
    fc.assert(
      fc.property(amount, fc.constantFrom(...CURRENCIES), fc.constantFrom(...LOCALES), (minor, currency, locale) => {
        expect(parseMoney(formatMoney(minor, currency, locale), currency, locale)).toBe(minor)
        expect(parseMoney(formatAmount(minor, currency, locale), currency, locale)).toBe(minor)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('quantities', () => {
  test.each([
    [1500, '1.5'],
    [2000, '2'],
    [1, '0.001'],
    [-1375, '-1.375'],
    [120_000_000, '120000'],
  ])('%i thousandths are %s', (milli, text) => {
    expect(formatQuantity(milli)).toBe(text)
    expect(parseQuantity(text)).toBe(milli)
  })

  test.each(['', '1.2345', 'two', '1,2,3', '1/2'])('%s is none', (text) => {
    expect(parseQuantity(text)).toBeNull()
  })

  it('reads back whatever was written, in any language', () => {
    const milli = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 })
    fc.assert(
      fc.property(milli, fc.constantFrom(...LOCALES), (found, locale) => {
        expect(parseQuantity(formatQuantity(found, locale), locale)).toBe(found)
        expect(toMilli(JSON.parse(JSON.stringify(fromMilli(found))) as number)).toBe(found)
      }),
      { numRuns: 1000 },
    )
  })

  it('takes nothing finer than a thousandth from the wire', () => {
    expect(() => toMilli(1.0005)).toThrow('Impossible')
  })
})
