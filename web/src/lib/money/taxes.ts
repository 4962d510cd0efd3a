/** Which taxes an item bears on a day: picks the rates in force and says where each one goes. */
import { formatQuantity } from './amounts'
import { BillRefused } from './refused'
import { divideHalfUp, exact, plain } from './whole'

/** `gst` is split by place of supply, `vat` is charged as it stands, `cess` comes beside either. */
export type TaxKind = 'gst' | 'vat' | 'cess'

/** `zero` is taxed at 0 % and shown in the tax summary; `exempt` and `nil` bear no tax at all. */
export type TaxTreatment = 'taxed' | 'zero' | 'exempt' | 'nil'

/**
 * One tax on a line, as the receipt names it: its share of the net is `rateBp / (10000 * parts)`.
 * `parts` keeps halves exact: CGST of an 18 % GST is rate 1800 in 2 parts, 9 % of the net.
 */
export interface Tax {
  code: string
  rateBp: number
  parts: 1 | 2
}

/** A rate of a tax class, in force from the day `validFrom` (`2026-11-21`) until a newer one of the same code. */
export interface TaxRate {
  kind: TaxKind
  code: string
  rateBp: number
  validFrom: string
}

/** A tax class as this device keeps it. */
export interface StoredTaxClass {
  treatment: string
  rates: readonly { kind: string; code: string; rate_bp: number; valid_from: string }[]
}

/** The code a zero-rated sale is summed under when its tax class names none. */
const ZERO_CODE = 'ZERO'

const KIND_ORDER: Record<TaxKind, number> = { gst: 0, vat: 1, cess: 2 }

/**
 * Say which taxes a sale of this tax class bears on the business day `on` (`2026-11-21`).
 *
 * Of each code the newest rate that is valid by that day counts. Indian GST is halved into CGST and SGST within one
 * state and is IGST between two (sections 8 and 7 of the IGST Act, 2017); a state that is not known counts as the
 * seller's own, as for a walk-in customer. A cess is charged beside it, on the same net. Zero-rated gives one tax of
 * rate 0, under the code of its class; exempt and nil give none.
 *
 * Order: GST, VAT, then cess, each by code. Throws `NO_TAX_RATE_IN_FORCE` for a taxed class without a rate that day.
 */
export function taxesInForce(
  treatment: TaxTreatment,
  rates: readonly TaxRate[],
  on: string,
  sellerState: string | null,
  placeOfSupply: string | null,
): Tax[] {
  if (treatment === 'exempt' || treatment === 'nil') return []
  const current = newest(rates, on)
  if (treatment === 'zero') {
    const code = current.find((rate) => rate.kind !== 'cess')?.code ?? ZERO_CODE
    return [{ code, rateBp: 0, parts: 1 }]
  }
  if (current.length === 0) throw new BillRefused('NO_TAX_RATE_IN_FORCE', { on })
  const sameState = sellerState === null || placeOfSupply === null || sellerState === placeOfSupply
  return current.flatMap((rate) => charged(rate, sameState))
}

/** Say the same of a tax class as this device keeps it. Throws `NO_TAX_RATE_IN_FORCE`. */
export function taxesOfClass(
  taxClass: StoredTaxClass,
  on: string,
  sellerState: string | null,
  placeOfSupply: string | null,
): Tax[] {
  const rates = taxClass.rates.map((row) => ({
    kind: row.kind as TaxKind,
    code: row.code,
    rateBp: row.rate_bp,
    validFrom: row.valid_from,
  }))
  return taxesInForce(taxClass.treatment as TaxTreatment, rates, on, sellerState, placeOfSupply)
}

/** Name a tax for the receipt with its own share: `CGST 9%`, `SGST 0.125%`, `VAT 18%`. */
export function taxLabel(tax: Tax): string {
  const percentMilli = plain(divideHalfUp(exact(tax.rateBp) * 10n, exact(tax.parts)))
  return `${tax.code} ${formatQuantity(percentMilli)}%`
}

/** Keep the newest rate of each code that is in force on the day, in the order of the receipt. */
function newest(rates: readonly TaxRate[], on: string): TaxRate[] {
  const found = new Map<string, TaxRate>()
  for (const rate of rates) {
    const known = found.get(rate.code)
    // Dates written as year-month-day sort as text.
    if (rate.validFrom <= on && (known === undefined || known.validFrom < rate.validFrom)) found.set(rate.code, rate)
  }
  return [...found.values()].sort((one, other) => KIND_ORDER[one.kind] - KIND_ORDER[other.kind] || byCode(one, other))
}

function byCode(one: TaxRate, other: TaxRate): number {
  if (one.code === other.code) return 0
  return one.code < other.code ? -1 : 1
}

/** Turn one rate into the taxes it is charged as. A cess set to 0 has ended, so it is not shown. */
function charged({ kind, code, rateBp }: TaxRate, sameState: boolean): Tax[] {
  if (kind === 'gst') {
    if (!sameState) return [{ code: 'IGST', rateBp, parts: 1 }]
    return [
      { code: 'CGST', rateBp, parts: 2 },
      { code: 'SGST', rateBp, parts: 2 },
    ]
  }
  if (kind === 'cess' && rateBp === 0) return []
  return [{ code, rateBp, parts: 1 }]
}
