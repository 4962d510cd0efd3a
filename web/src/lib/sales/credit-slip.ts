/** What stands on the paper of goods that came back: the credit note as the buyer takes it along. */
import type { SaleOut } from '$lib/api/generated'
import { formatAmount, formatMoney } from '$lib/money/amounts'

import type { Given } from './give-back'
import type { Printable, Printing } from './printable'
import { amountOf, factsOf, headOf, paperLine, qrText, serialsIn, taxPairs, textLines, verificationOf, type Receipt, type ReceiptFacts } from './receipt'

/** The note, and the rest as on the receipt of its sale. */
export interface SlipFacts extends ReceiptFacts {
  given: Given
}

/** Set a credit note down. A line's amount is what is credited for it; what the price was less stands below it. */
export function creditSlipOf(facts: SlipFacts): Receipt {
  const { sale, shop, say, locale } = facts
  const { note, refunds } = facts.given
  const money = (minor: number) => formatAmount(minor, sale.currency, locale)
  const owedLess = note.total - refunds.reduce((sum, refund) => sum + refund.amountMinor, 0)
  return {
    shop: shop.name,
    head: headOf(facts),
    title: say('sales.kind.credit_note'),
    mark: facts.copy ? say('receipt.copy') : '',
    notice: '',
    facts: [
      ...factsOf(facts, note.number, note.issued_at),
      { label: say('slip.of_invoice'), value: sale.invoice?.number ?? sale.number },
      { label: say('slip.reason'), value: note.reason },
    ],
    lines: note.lines.map((line) => ({
      ...paperLine(line, Math.round(line.quantity * line.price) - amountOf(line), facts),
      ...serialsIn(line, say),
    })),
    sums: note.rounding ? [{ label: say('receipt.rounding'), value: money(note.rounding) }] : [],
    total: { label: say('slip.credited'), value: formatMoney(note.total, sale.currency, locale), strong: true },
    taxes: taxPairs(note, money),
    payments: [
      ...refunds.map(({ method, amountMinor }) => ({ label: say('slip.paid_back', { method: say(`method.${method}`) }), value: money(amountMinor) })),
      ...(owedLess > 0 ? [{ label: say('slip.owed_less'), value: money(owedLess) }] : []),
    ],
    qr: qrText(note.number, note.business_date, { currency: sale.currency, total: note.total }, note.hash),
    qrLabel: say('receipt.qr'),
    verification: verificationOf(note.hash),
    foot: textLines(shop.receipt_footer),
    number: note.number,
  }
}

/** Give the paper of a credit note. `by` is whoever gave the money back, not whoever sold. */
export function creditSlip(given: Given, sale: SaleOut, { shop, branch, mine: by, locale, say }: Printing): Printable {
  const { cashier, registerName, customer } = by
  return {
    write: (copy) => creditSlipOf({ given, sale, shop, branch, cashier, registerName, customer, copy, locale, say }),
    pdf: async (copy) => (await import('./papers')).invoicePdf(given.note.id, 'a4', copy),
    opensDrawer: given.refunds.some((refund) => refund.method === 'cash'),
  }
}
