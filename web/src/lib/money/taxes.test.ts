import { describe, expect, it } from 'vitest'

import { taxLabel, taxesInForce, taxesOfClass, type TaxRate } from './taxes'

const GST: TaxRate = { kind: 'gst', code: 'GST', rateBp: 1800, validFrom: '2017-07-01' }
const LOWER: TaxRate = { ...GST, rateBp: 500, validFrom: '2025-09-22' }
const CESS: TaxRate = { kind: 'cess', code: 'CESS', rateBp: 1200, validFrom: '2017-07-01' }
const VAT: TaxRate = { kind: 'vat', code: 'VAT', rateBp: 1600, validFrom: '2020-01-01' }

describe('taxes in force', () => {
  it('halves GST within a state and keeps it whole between two', () => {
    expect(taxesInForce('taxed', [GST], '2026-11-21', '29', '29').map(taxLabel)).toEqual(['CGST 9%', 'SGST 9%'])
    expect(taxesInForce('taxed', [GST], '2026-11-21', '29', '07').map(taxLabel)).toEqual(['IGST 18%'])
  })

  it('takes an unknown state for the own one', () => {
    expect(taxesInForce('taxed', [GST], '2026-11-21', '29', null)).toHaveLength(2)
    expect(taxesInForce('taxed', [GST], '2026-11-21', null, '29')).toHaveLength(2)
  })

  it('changes on the very day of the new rate', () => {
    const label = (on: string): string[] => taxesInForce('taxed', [LOWER, GST], on, null, null).map(taxLabel)
    expect(label('2025-09-21')).toEqual(['CGST 9%', 'SGST 9%'])
    expect(label('2025-09-22')).toEqual(['CGST 2.5%', 'SGST 2.5%'])
  })

  it('puts the cess last, and leaves out one that has ended', () => {
    const codes = (rates: TaxRate[]): string[] =>
      taxesInForce('taxed', rates, '2026-11-21', '29', '07').map((tax) => tax.code)
    expect(codes([CESS, VAT, GST])).toEqual(['IGST', 'VAT', 'CESS'])
    expect(codes([GST, CESS, { ...CESS, rateBp: 0, validFrom: '2025-09-22' }])).toEqual(['IGST'])
  })

  it('names a zero rate and leaves exempt and nil alone', () => {
    expect(taxesInForce('zero', [VAT], '2026-11-21', null, null)).toEqual([{ code: 'VAT', rateBp: 0, parts: 1 }])
    expect(taxesInForce('zero', [CESS], '2026-11-21', null, null)).toEqual([{ code: 'ZERO', rateBp: 0, parts: 1 }])
    expect(taxesInForce('exempt', [VAT], '2026-11-21', null, null)).toEqual([])
    expect(taxesInForce('nil', [VAT], '2026-11-21', null, null)).toEqual([])
  })

  it('refuses to guess where no rate is in force', () => {
    expect(() => taxesInForce('taxed', [VAT], '2019-12-31', null, null)).toThrow(
      expect.objectContaining({ code: 'NO_TAX_RATE_IN_FORCE', details: { on: '2019-12-31' } }),
    )
  })

  it('reads a tax class as the device keeps it', () => {
    const rates = [{ kind: 'vat', code: 'VAT', rate_bp: 1800, valid_from: '2020-01-01' }]
    const stored = { treatment: 'taxed', rates }
    expect(taxesOfClass(stored, '2026-11-21', null, null)).toEqual([{ code: 'VAT', rateBp: 1800, parts: 1 }])
  })
})

describe('a tax on the receipt', () => {
  it('is shown with its own share', () => {
    expect(taxLabel({ code: 'SGST', rateBp: 25, parts: 2 })).toBe('SGST 0.125%')
    expect(taxLabel({ code: 'VAT', rateBp: 1800, parts: 1 })).toBe('VAT 18%')
  })
})
