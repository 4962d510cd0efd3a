/** The cases that every implementation must agree with, read from where the server's tests have them. Tests only. */
import { readFileSync } from 'node:fs'

export interface GoldenBills {
  cases: {
    name: string
    input: { lines: Rolled[]; discount?: unknown; cash_rounding_minor?: number }
    expected: { error: string } | { lines: Rolled[] }
  }[]
  credits: { name: string; line: unknown; sold_milli: number; parts_milli: number[]; expected: unknown[] }[]
}

/** A line, or with `repeat` that many equal ones. */
export type Rolled = Record<string, unknown> & { repeat?: number }

export interface GoldenDocument {
  name: string
  series: string
  number: number
  document_number: string
  previous: string
  invoice: Record<string, unknown>
  canonical: string
  hash: string
}

export interface GoldenCodes {
  today: string
  codes: { text: string; currency_digits: number; expected: { gtin: string; facts: GoldenFacts } | null }[]
  labels: { text: string; patterns: string[]; expected: { barcodes: string[]; skus: string[]; facts: GoldenFacts } | null }[]
  same: { code: string; same: string[] }[]
}

export interface GoldenFacts {
  batch: string | null
  expiry: string | null
  serial: string | null
  quantity_milli: number | null
  price_minor: number | null
}

export function goldenCodes(): GoldenCodes {
  return read('gs1.json') as GoldenCodes
}

export function goldenBills(): GoldenBills {
  return read('bills.json') as GoldenBills
}

export function goldenDocuments(): GoldenDocument[] {
  return (read('invoices.json') as { documents: GoldenDocument[] }).documents
}

/** Write lines out that the file holds once with their number. */
export function unrolled(lines: Rolled[]): Rolled[] {
  return lines.flatMap(({ repeat = 1, ...line }) => Array.from({ length: repeat }, () => line))
}

function read(name: string): unknown {
  const file = new URL(`../../tests/golden/${name}`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as unknown
}
