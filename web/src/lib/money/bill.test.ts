import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import { goldenBills, unrolled } from '../../../scripts/golden'
import { camel, snake } from '../../../scripts/names'
import {
  BillRefused,
  bill,
  cashRounding,
  credited,
  spread,
  sumUp,
  type BilledLine,
  type Discount,
  type DraftLine,
} from './bill'

const GOLDEN = goldenBills()

const VAT = { code: 'VAT', rateBp: 1800, parts: 1 } as const
const GST = [
  { code: 'CGST', rateBp: 1800, parts: 2 },
  { code: 'SGST', rateBp: 1800, parts: 2 },
] as const

/** Give the code of the refusal that something ends in. */
function refusal(work: () => unknown): string {
  try {
    work()
  } catch (refused) {
    if (refused instanceof BillRefused) return refused.code
    throw refused
  }
  return 'no refusal'
}

describe('golden bills', () => {
  test.each(GOLDEN.cases)('$name', ({ input, expected }) => {
    const lines = camel<DraftLine[]>(unrolled(input.lines))
    const options = camel<{ discount?: Discount; cashRoundingMinor?: number }>({ ...input, lines: [] })
    if ('error' in expected) {
      expect(refusal(() => bill(lines, options))).toBe(expected.error)
    } else {
      expect(snake(bill(lines, options))).toEqual({ ...expected, lines: unrolled(expected.lines) })
    }
  })

  test.each(GOLDEN.credits)('credit: $name', ({ line, sold_milli: sold, parts_milli: parts, expected }) => {
    let before = 0
    for (const [place, part] of parts.entries()) {
      expect(snake(credited(camel<BilledLine>(line), sold, before, part))).toEqual(expected[place])
      before += part
    }
  })
})

const LINES = fc.array(
  fc.record({
    quantityMilli: fc.integer({ min: 1, max: 50_000 }),
    unitPriceMinor: fc.integer({ min: 0, max: 10_000_000 }),
    taxes: fc.constantFrom([], [VAT], GST),
    taxIncluded: fc.boolean(),
    discount: fc.option(fc.record({ bp: fc.integer({ min: 0, max: 10_000 }) }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 8 },
)
const SHARE = fc.record({ bp: fc.integer({ min: 0, max: 10_000 }) })

describe('any bill', () => {
  it('adds up to its lines and is paid in whole coins', () => {
    fc.assert(
      fc.property(LINES, SHARE, fc.constantFrom(1, 50, 100), (lines, discount, coin) => {
        const found = bill(lines, { discount, cashRoundingMinor: coin })
        const total = found.lines.reduce((sum, line) => sum + line.totalMinor, 0)
        expect(found.totalMinor).toBe(total + found.roundingMinor)
        expect(found.totalMinor % coin).toBe(0)
        expect(found.taxes.reduce((sum, tax) => sum + tax.taxMinor, 0)).toBe(found.taxMinor)
      }),
    )
  })

  it('gives back exactly what it took, however its lines are cut up', () => {
    fc.assert(
      fc.property(LINES, SHARE, fc.nat(), (lines, discount, cut) => {
        const found = bill(lines, { discount })
        const parts = found.lines.flatMap((line, place) => {
          const sold = lines[place]!.quantityMilli
          const first = cut % sold
          const pieces = first === 0 ? [sold] : [first, sold - first]
          return pieces.map((piece, nth) => credited(line, sold, nth === 0 ? 0 : first, piece))
        })
        expect({ ...sumUp(parts), lines: [] }).toEqual({ ...found, lines: [] })
      }),
    )
  })
})

describe('sharing and rounding', () => {
  it('gives what is left to the largest fractions, of equal ones to the earlier', () => {
    expect(spread(100, [1, 1, 1])).toEqual([34, 33, 33])
    expect(spread(2, [0, 1, 1, 1])).toEqual([0, 1, 1, 0])
    expect(spread(0, [0, 0])).toEqual([0, 0])
  })

  it('stays exact where products leave what a number holds', () => {
    expect(spread(999_999_999_999, [999_999_999_998, 1, 1])).toEqual([999_999_999_997, 1, 1])
  })

  it('rounds a refund as the sale was rounded', () => {
    expect(cashRounding(1025, 50)).toBe(25)
    expect(cashRounding(-1025, 50)).toBe(-25)
    expect(cashRounding(1024, 50)).toBe(-24)
  })
})

describe('refusals', () => {
  const line: DraftLine = { quantityMilli: 1000, unitPriceMinor: 500, taxes: [VAT], taxIncluded: true }

  it('tells what was asked and what there is', () => {
    const [sold] = bill([line]).lines
    expect(refusal(() => credited(sold!, 1000, 600, 401))).toBe('CREDIT_TOO_LARGE')
    expect(() => bill([line], { discount: { amountMinor: 501 } })).toThrow(
      expect.objectContaining({ code: 'DISCOUNT_TOO_LARGE', details: { discount: 501, amount: 500 } }),
    )
  })

  it('knows more than what a number holds as too large', () => {
    const huge = { ...line, quantityMilli: 1e12, unitPriceMinor: 1e12 }
    expect(() => bill([huge])).toThrow(
      expect.objectContaining({ code: 'AMOUNT_TOO_LARGE', details: { amount: Number.MAX_SAFE_INTEGER, limit: 1e12 } }),
    )
  })

  it.each([0, -1, 1.5, NaN])('takes no quantity of %s', (quantityMilli) => {
    expect(() => bill([{ ...line, quantityMilli }])).toThrow('Impossible')
  })

  const BAD: Discount[] = [{}, { bp: 1, amountMinor: 1 }, { bp: 10_001 }, { amountMinor: -1 }]
  it.each(BAD)('takes no discount of %o', (discount) => {
    expect(() => bill([line], { discount })).toThrow('Impossible')
  })
})
