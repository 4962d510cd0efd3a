/**
 * Works out carts that arrive as JSON, a line each, and answers each with a line: what `tests/app/test_same_sums.py`
 * holds against the server's answers. Keys as in Python.
 */
import { createInterface } from 'node:readline'

import { digitsOf, formatAmount, formatQuantity } from '../src/lib/money/amounts'
import { BillRefused, bill, credited, sumUp, type Bill, type BilledLine, type DraftLine } from '../src/lib/money/bill'
import {
  GENESIS,
  buildCanonical,
  documentNumber,
  financialYear,
  invoiceHash,
  seriesName,
  type InvoiceParts,
} from '../src/lib/money/canonical'
import { taxLabel, taxesOfClass, type StoredTaxClass } from '../src/lib/money/taxes'
import { camel, snake } from './names'

interface Cart {
  lines: (Omit<DraftLine, 'taxes'> & { taxClass: number; description: string; variantId: string; hsn: string })[]
  discount?: { bp?: number; amountMinor?: number }
  cashRoundingMinor: number
  /** How much of which line is credited, one after the other. */
  credits: { line: number; milli: number }[]
  head: Omit<InvoiceParts, 'kind' | 'lines' | 'bill'>
  sellerState: string | null
  register: { code: string; firstMonth: number; counter: number }
}

interface Asked {
  cart: unknown
  tax_classes: StoredTaxClass[]
}

/** Answer one cart as the server does: its bill, its invoice and its credit note, or the name of a refusal. */
function answer({ cart, tax_classes: classes }: Asked): unknown {
  try {
    return workedOut(camel<Cart>(cart), classes)
  } catch (refusal) {
    if (refusal instanceof BillRefused) return { error: refusal.code }
    throw refusal
  }
}

function workedOut(cart: Cart, classes: StoredTaxClass[]): unknown {
  const { head, sellerState, register } = cart
  const lines = cart.lines.map((line) => ({
    ...line,
    taxes: taxesOfClass(classes[line.taxClass]!, head.businessDate, sellerState, head.placeOfSupply ?? null),
  }))
  const billed = bill(lines, cart)
  const year = financialYear(head.businessDate, register.firstMonth)
  const invoice = buildCanonical({ ...head, kind: 'invoice', lines, bill: billed })
  const hash = invoiceHash(GENESIS, seriesName(register.code, year), register.counter, invoice)
  return {
    bill: snake(billed),
    invoice: text(invoice),
    hash,
    number: documentNumber(register.code, year, register.counter),
    labels: billed.taxes.map(taxLabel),
    quantities: lines.map((line) => formatQuantity(line.quantityMilli)),
    figures: formatAmount(billed.totalMinor, head.currency),
    digits: digitsOf(head.currency),
    note: note(cart, billed, hash, register.counter + 1),
  }
}

/** Credit parts of the lines, sum them up as a note and tie it to the invoice. */
function note(cart: Cart, billed: Bill, previous: string, counter: number): unknown {
  const before = billed.lines.map(() => 0)
  const given: { line: BilledLine; milli: number; of: number }[] = []
  for (const { line: of, milli } of cart.credits) {
    given.push({ line: credited(billed.lines[of]!, cart.lines[of]!.quantityMilli, before[of]!, milli), milli, of })
    before[of] = before[of]! + milli
  }
  const summed = sumUp(
    given.map(({ line }) => line),
    cart.cashRoundingMinor,
  )
  const lines = given.map(({ of, milli }) => ({ ...cart.lines[of]!, quantityMilli: milli }))
  const bytes = buildCanonical({ ...cart.head, kind: 'credit_note', lines, bill: summed, originalId: cart.head.saleId })
  return { bill: snake(summed), note: text(bytes), hash: invoiceHash(previous, 'C/2627', counter, bytes) }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line) as Asked))}\n`)
}
