/**
 * From a priced sale to the bytes that are hashed: what an invoice says, without anybody's name.
 *
 * The server writes the same bytes; both must agree with `tests/golden/invoices.json`. Pure: no storage, no clock.
 */
import type { Bill, BilledLine } from './bill'
import { VERSION, fault, type CanonicalInvoice, type CanonicalLine, type DocumentKind } from './document'
import { BillRefused, must } from './refused'

export { GENESIS, brokenLink, documentNumber, financialYear, invoiceHash, seriesName } from './chain'
export type { Link } from './chain'
export type { CanonicalInvoice, DocumentKind } from './document'

/** What the stored row of a sold line adds to its sums. Ids and codes that there are none of are null or empty. */
export interface SoldLine {
  description: string
  variantId?: string | null
  hsn?: string | null
  quantityMilli: number
  unitPriceMinor: number
  taxIncluded: boolean
}

/** All that a document is made of. `businessDate` is `2026-11-21`, `issuedAt` as `instant` writes it. */
export interface InvoiceParts {
  kind: DocumentKind
  saleId: string
  businessDate: string
  issuedAt: string
  currency: string
  /** One for each line of the bill, in its order. */
  lines: readonly SoldLine[]
  bill: Bill
  placeOfSupply?: string | null
  /** The invoice that a credit or debit note corrects. */
  originalId?: string | null
}

/** Write a document's canonical bytes. Throws `INVOICE_NOT_CANONICAL`. */
export function buildCanonical(parts: InvoiceParts): Uint8Array<ArrayBuffer> {
  return canonical(writeInvoice(parts))
}

/** Write the document that is hashed. */
export function writeInvoice(parts: InvoiceParts): CanonicalInvoice {
  const { bill, lines } = parts
  must(bill.lines.length === lines.length, 'as many sold lines as billed ones')
  return {
    version: VERSION,
    kind: parts.kind,
    sale: parts.saleId,
    business_date: parts.businessDate,
    issued_at: parts.issuedAt,
    currency: parts.currency,
    lines: bill.lines.map((billed, place) => canonicalLine(billed, lines[place]!)),
    totals: {
      subtotal_minor: bill.subtotalMinor,
      discount_minor: bill.discountMinor,
      net_minor: bill.netMinor,
      tax_minor: bill.taxMinor,
      rounding_minor: bill.roundingMinor,
      total_minor: bill.totalMinor,
    },
    taxes: bill.taxes.map(({ code, rateBp, parts, netMinor, taxMinor }) => ({
      code,
      rate_bp: rateBp,
      parts,
      net_minor: netMinor,
      tax_minor: taxMinor,
    })),
    ...(parts.placeOfSupply ? { place_of_supply: parts.placeOfSupply } : {}),
    ...(parts.originalId ? { original: parts.originalId } : {}),
  }
}

/**
 * Write a document as the one sequence of bytes that everybody hashes: JSON by RFC 8785, UTF-8.
 *
 * The keys are those of `CanonicalInvoice`; `writeInvoice` makes such a document. Throws `INVOICE_NOT_CANONICAL` with
 * `path` and `reason` for any other key, kind of value, or number beyond 10^12.
 */
export function canonical(invoice: unknown): Uint8Array<ArrayBuffer> {
  const found = fault(invoice)
  if (found !== null) throw new BillRefused('INVOICE_NOT_CANONICAL', { ...found })
  // The RFC writes text and numbers as JSON.stringify does; all that is left to do is to sort the keys.
  return new TextEncoder().encode(JSON.stringify(invoice, sorted))
}

/** Write a moment as the canonical bytes have it: UTC, milliseconds. */
export function instant(moment: Date): string {
  return moment.toISOString()
}

function canonicalLine(billed: BilledLine, sold: SoldLine): CanonicalLine {
  return {
    description: sold.description,
    quantity_milli: sold.quantityMilli,
    unit_price_minor: sold.unitPriceMinor,
    discount_minor: billed.lineDiscountMinor + billed.cartDiscountMinor,
    tax_included: sold.taxIncluded ? 'yes' : 'no',
    net_minor: billed.netMinor,
    taxes: billed.taxes.map(({ code, rateBp, parts, amountMinor }) => ({
      code,
      rate_bp: rateBp,
      parts,
      amount_minor: amountMinor,
    })),
    total_minor: billed.totalMinor,
    ...(sold.variantId ? { variant: sold.variantId } : {}),
    ...(sold.hsn ? { hsn: sold.hsn } : {}),
  }
}

/** Give every object's keys in the order of the alphabet, as `JSON.stringify` goes through a document. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
