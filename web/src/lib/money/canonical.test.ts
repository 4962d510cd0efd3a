import { describe, expect, it, test } from 'vitest'

import { goldenDocuments } from '../../../scripts/golden'
import {
  GENESIS,
  brokenLink,
  buildCanonical,
  canonical,
  documentNumber,
  financialYear,
  instant,
  invoiceHash,
  type Link,
} from './canonical'
import { bill } from './bill'
import type { CanonicalInvoice } from './document'

const GOLDEN = goldenDocuments()
const SERIES = 'T1/2627'

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** The first golden invoice, changed. */
function changed(change: (invoice: CanonicalInvoice & Record<string, unknown>) => void): unknown {
  const invoice = structuredClone(GOLDEN[0]!.invoice) as CanonicalInvoice & Record<string, unknown>
  change(invoice)
  return invoice
}

function links(): Link[] {
  return GOLDEN.filter((found) => found.series === SERIES).map((found) => ({
    number: found.number,
    previous: found.previous,
    canonical: new TextEncoder().encode(found.canonical),
    hash: found.hash,
  }))
}

describe('golden documents', () => {
  test.each(GOLDEN)('$name', (found) => {
    const written = canonical(found.invoice)
    expect(text(written)).toBe(found.canonical)
    expect(invoiceHash(found.previous, found.series, found.number, written)).toBe(found.hash)
    const [code, year] = found.series.split('/')
    expect(documentNumber(code!, year!, found.number)).toBe(found.document_number)
  })
})

describe('a document', () => {
  it('is made of a sale', () => {
    const taxes = [
      { code: 'CGST', rateBp: 1800, parts: 2 },
      { code: 'SGST', rateBp: 1800, parts: 2 },
    ] as const
    const line = { quantityMilli: 2000, unitPriceMinor: 15000, taxIncluded: true, taxes }
    const written = buildCanonical({
      kind: 'invoice',
      saleId: '01930e1c-7a5b-7000-8000-000000000001',
      businessDate: '2026-11-21',
      issuedAt: '2026-11-21T10:01:30.001Z',
      currency: 'INR',
      placeOfSupply: '29',
      lines: [
        {
          ...line,
          description: 'USB-C cable 1 m',
          hsn: '8544',
          variantId: '01930e1c-7a5b-7000-9000-000000000001',
        },
      ],
      bill: bill([line]),
    })
    expect(text(written)).toBe(GOLDEN[0]!.canonical)
  })

  it('has the same bytes in whatever order its keys come', () => {
    const turned = Object.fromEntries(Object.entries(GOLDEN[0]!.invoice).reverse())
    expect(text(canonical(turned))).toBe(GOLDEN[0]!.canonical)
  })

  const WRONG: [string, unknown][] = [
    ['invoice', null],
    ['invoice', []],
    ['invoice', changed((it) => delete (it as { currency?: string }).currency)],
    ['invoice', changed((it) => (it['customer_name'] = 'Asha'))],
    ['version', changed((it) => ((it as { version: number }).version = 2))],
    ['kind', changed((it) => ((it as { kind: string }).kind = 'receipt'))],
    ['original', changed((it) => (it.original = 'x'))],
    ['original', changed((it) => (it.kind = 'credit_note'))],
    ['business_date', changed((it) => (it.business_date = '21.11.2026'))],
    ['issued_at', changed((it) => (it.issued_at = '2026-11-21T10:15:30Z'))],
    ['invoice.place_of_supply', changed((it) => ((it as { place_of_supply: unknown }).place_of_supply = null))],
    ['lines', changed((it) => ((it as { lines: unknown }).lines = {}))],
    ['lines.0', changed((it) => delete (it.lines[0] as { hsn?: string; total_minor?: number }).total_minor)],
    ['lines.0.tax_included', changed((it) => ((it.lines[0] as { tax_included: string }).tax_included = 'true'))],
    ['lines.0.taxes.1.amount_minor', changed((it) => (it.lines[0]!.taxes[1]!.amount_minor = 1.5))],
    ['lines.0.quantity_milli', changed((it) => (it.lines[0]!.quantity_milli = 1e12 + 1))],
    ['totals.total_minor', changed((it) => ((it.totals as { total_minor: unknown }).total_minor = '100'))],
    ['taxes.0', changed((it) => ((it.taxes[0] as { name?: string }).name = 'GST'))],
    ['invoice', changed((it) => (it.lines[0]!.description = 'half of \ud83d'))],
  ]

  test.each(WRONG)('is refused at %s', (path, wrong) => {
    expect(() => canonical(wrong)).toThrow(
      expect.objectContaining({ code: 'INVOICE_NOT_CANONICAL', details: expect.objectContaining({ path }) as unknown }),
    )
  })

  it('writes a moment in UTC with milliseconds', () => {
    expect(instant(new Date('2026-11-21T13:15:30.5+03:00'))).toBe('2026-11-21T10:15:30.500Z')
  })
})

describe('a chain', () => {
  it('holds, whole or with numbers that are awaited', () => {
    expect(brokenLink(SERIES, links(), { complete: true })).toBeNull()
    expect(brokenLink(SERIES, links().slice(2))).toBeNull()
    expect(brokenLink(SERIES, links().slice(2), { complete: true })).toBe(0)
  })

  it('shows a changed document, a swapped one and one put between', () => {
    const [first, second, ...rest] = links()
    const other = { ...second!, canonical: first!.canonical }
    expect(brokenLink(SERIES, [first!, other, ...rest])).toBe(1)
    expect(brokenLink(SERIES, [second!, first!, ...rest])).toBe(1)
    const hash = invoiceHash(GENESIS, SERIES, 2, second!.canonical)
    expect(brokenLink(SERIES, [first!, { ...second!, previous: GENESIS, hash }, ...rest])).toBe(1)
  })
})

describe('numbers', () => {
  it.each([
    ['2026-11-21', 4, '2627'],
    ['2026-03-31', 4, '2526'],
    ['2026-04-01', 4, '2627'],
    ['2026-06-30', 7, '2526'],
    ['2026-11-21', 1, '2626'],
    ['2099-12-31', 7, '9900'],
  ])('%s in a year from month %i is %s', (day, month, year) => {
    expect(financialYear(day, month)).toBe(year)
  })

  it('ends a series where a number no longer fits the law', () => {
    expect(documentNumber('KLA9', '2627', 999_999)).toBe('KLA9/2627/999999')
    expect(() => documentNumber('KLA9', '2627', 1_000_000)).toThrow(expect.objectContaining({ code: 'SERIES_FULL' }))
    expect(documentNumber('T1', '2627', 99_999_999)).toBe('T1/2627/99999999')
  })

  it.each(['', 't1', 'LONGER', 'Ä1'])('takes no register code %s', (code) => {
    expect(() => documentNumber(code, '2627', 1)).toThrow('Impossible')
  })
})
