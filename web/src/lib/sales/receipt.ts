/** What stands on a receipt, in the order it stands there: one model for screen, paper, printer, picture and message. */
import type { SaleOut, TillSettings } from '$lib/api/generated'
import { formatAmount, formatMoney, formatQuantity } from '$lib/money/amounts'
import { taxLabel } from '$lib/money/taxes'

/** Gives a text of the catalogue; `receipt.` keys, see lib/i18n/till. */
export type Say = (key: string, values?: Record<string, string | number>) => string

/** The shop as its receipts show it. `upi_id` is where UPI payments go, empty where there is none. */
export type Letterhead = TillSettings & { upi_id?: string }

export interface ReceiptFacts {
  sale: SaleOut
  shop: Letterhead
  branch: { name: string; phone: string | null; address: string | null } | null
  cashier: string
  registerName: string
  customer: { name: string | null; phone: string | null; tax_id?: string | null } | null
  /** A reprint. */
  copy: boolean
  locale: string
  say: Say
}

export interface Pair {
  label: string
  value: string
  strong?: boolean
}

export interface ReceiptLine {
  name: string
  /** `2 × 1,500`. */
  detail: string
  total: string
  discount?: string
  /** Which pieces, or of which batch: what a warranty asks for. */
  named?: string
}

export interface Receipt {
  shop: string
  head: string[]
  title: string
  mark: string
  notice: string
  facts: Pair[]
  lines: ReceiptLine[]
  sums: Pair[]
  total: Pair
  taxes: Pair[]
  payments: Pair[]
  qr: string
  qrLabel: string
  verification: string
  foot: string[]
  number: string
}

const TAX_NUMBERS: Record<string, string> = { IN: 'GSTIN', UG: 'TIN', TZ: 'TIN', RW: 'TIN', KE: 'PIN', GB: 'VAT no.' }

/** Set a receipt down. Amounts carry their currency only in the total, as papers do. */
export function receiptOf(facts: ReceiptFacts): Receipt {
  const { sale, shop, say } = facts
  const money = (minor: number) => formatAmount(minor, sale.currency, facts.locale)
  return {
    shop: shop.name,
    head: headOf(facts),
    title: say(titleKey(sale, shop)),
    mark: facts.copy ? say('receipt.copy') : '',
    notice: sale.invoice ? '' : say('receipt.not_invoice'),
    facts: factsOf(facts, sale.number, sale.invoice?.issued_at ?? sale.made_at),
    lines: sale.lines.map((line) => ({
      ...paperLine(line, line.line_discount + line.cart_discount, facts),
      ...namedIn(line, say),
    })),
    sums: sumsOf(sale, say, money),
    total: { label: say('receipt.total'), value: formatMoney(sale.total, sale.currency, facts.locale), strong: true },
    taxes: taxPairs(sale, money),
    payments: paymentsOf(sale, say, money),
    ...qrOf(sale, shop, say),
    verification: verificationOf(sale.invoice?.hash ?? ''),
    foot: textLines(shop.receipt_footer),
    number: sale.number,
  }
}

/** Write the lines under the shop's name. */
export function headOf({ shop, branch, say }: Pick<ReceiptFacts, 'shop' | 'branch' | 'say'>): string[] {
  return [
    ...textLines(branch?.address || shop.address),
    branch?.phone ?? shop.phone ?? '',
    shop.tax_id ? `${taxNumberLabel(shop, say)}: ${shop.tax_id}` : '',
    ...textLines(shop.receipt_header),
  ].filter(Boolean)
}

/** Write a line as papers show it: how many at which price, what that comes to, and below it by how much it is less. */
export function paperLine(
  line: SaleOut['lines'][number], lessMinor: number, { sale, say, locale }: Pick<ReceiptFacts, 'sale' | 'say' | 'locale'>,
): ReceiptLine {
  const money = (minor: number) => formatAmount(minor, sale.currency, locale)
  return {
    name: line.description,
    detail: `${formatQuantity(Math.round(line.quantity * 1000), locale)} × ${money(line.price)}`,
    total: money(amountOf(line)),
    ...(lessMinor > 0 ? { discount: say('receipt.less', { amount: money(lessMinor) }) } : {}),
  }
}

/** What a line comes to on a paper, in minor units: with the taxes that its price holds. */
export function amountOf(line: SaleOut['lines'][number]): number {
  return line.tax_included ? line.total : line.net
}

function taxNumberLabel(shop: Letterhead, say: Say): string {
  return TAX_NUMBERS[shop.country] ?? say('receipt.tax_id')
}

/** Write each tax of some lines with what it is of. `money` writes an amount. */
export function taxPairs(of: Pick<SaleOut, 'lines'>, money: (minor: number) => string): Pair[] {
  return taxTotals(of).map((tax) => ({
    label: `${taxLabel({ code: tax.code, rateBp: tax.rate_bp, parts: tax.parts })} · ${money(tax.net)}`,
    value: money(tax.amount),
  }))
}

/** Write the beginning of a document's hash in groups of four signs. */
export function verificationOf(hash: string): string {
  return hash.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ')
}

/** Write the serial numbers of a line's pieces. */
export function serialsIn({ serials }: SaleOut['lines'][number], say: Say): { named?: string } {
  return serials?.length ? { named: say('receipt.serials', { numbers: serials.join(', ') }) } : {}
}

function namedIn(line: SaleOut['lines'][number], say: Say): { named?: string } {
  const { serials, batches } = line
  if (serials?.length) return serialsIn(line, say)
  return batches?.length ? { named: say('receipt.batch', { numbers: batches.map((batch) => batch.number).join(', ') }) } : {}
}

/** Write a receipt as plain text, `width` letters wide, for a message or a printer of text. */
export function textOf(receipt: Receipt, width = 32): string {
  const across = (pair: { label: string; value: string }) => wide(pair.label, pair.value, width)
  const rule = '-'.repeat(width)
  return [
    receipt.shop,
    ...receipt.head,
    '',
    receipt.mark ? `${receipt.title} · ${receipt.mark}` : receipt.title,
    receipt.notice,
    ...receipt.facts.map(across),
    rule,
    ...receipt.lines.flatMap((line) => [
      line.name,
      across({ label: `  ${line.detail}`, value: line.total }),
      ...(line.discount ? [`  ${line.discount}`] : []),
      ...(line.named ? [`  ${line.named}`] : []),
    ]),
    rule,
    ...receipt.sums.map(across),
    across(receipt.total),
    ...receipt.taxes.map(across),
    rule,
    ...receipt.payments.map(across),
    receipt.verification,
    ...receipt.foot,
  ]
    .filter((line, place, all) => line !== '' || all[place - 1] !== '')
    .join('\n')
    .trim()
}

export interface TaxSum {
  code: string
  rate_bp: number
  parts: 1 | 2
  net: number
  amount: number
}

/** Sum a sale's taxes by tax and rate, in the order they first appear. */
export function taxTotals(sale: Pick<SaleOut, 'lines'>): TaxSum[] {
  const sums = new Map<string, TaxSum>()
  for (const line of sale.lines) {
    for (const tax of line.taxes as unknown as Omit<TaxSum, 'net'>[]) {
      const key = `${tax.code} ${tax.rate_bp} ${tax.parts}`
      const { code, rate_bp, parts } = tax
      const sum = sums.get(key) ?? { code, rate_bp, parts, net: 0, amount: 0 }
      sums.set(key, { ...sum, net: sum.net + line.net, amount: sum.amount + tax.amount })
    }
  }
  return [...sums.values()]
}

/** The link that a UPI app pays from. `amount` with its decimals, `reference` without slashes. */
export function upiLink(payee: string, shop: string, amountText: string, reference: string): string {
  const to = encodeURIComponent(payee).replace('%40', '@')
  const name = encodeURIComponent(shop.slice(0, 50))
  const tied = encodeURIComponent(reference.replaceAll('/', '-'))
  return `upi://pay?pa=${to}&pn=${name}&am=${amountText}&cu=INR&tr=${tied}`
}

function titleKey(sale: SaleOut, shop: Letterhead): string {
  if (!sale.invoice) return 'receipt.payment_receipt'
  const taxes = taxTotals(sale)
  if (shop.country === 'IN' && (shop.tax_id || taxes.some((tax) => tax.amount))) {
    return taxes.some((tax) => tax.rate_bp) ? 'receipt.tax_invoice' : 'receipt.bill_of_supply'
  }
  return taxes.length && shop.tax_id ? 'receipt.tax_invoice' : 'receipt.invoice'
}

/** Write a document's number and when it was made (ISO), who made it where, and for whom. */
export function factsOf(facts: Omit<ReceiptFacts, 'sale' | 'copy'>, number: string, at: string): Pair[] {
  const { shop, customer, say } = facts
  const when = new Intl.DateTimeFormat(facts.locale === 'en' ? 'en-GB' : facts.locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: shop.time_zone })
  const told: [string, string | null | undefined][] = [
    [say('receipt.number'), number],
    [say('receipt.date'), when.format(new Date(at))],
    [say('receipt.cashier'), facts.cashier],
    [say('receipt.branch'), facts.branch?.name],
    [say('receipt.till'), facts.registerName],
    [say('receipt.customer'), customer?.name],
    [say('receipt.phone'), customer?.phone],
    [taxNumberLabel(shop, say), customer?.tax_id],
  ]
  return told.flatMap(([label, value]) => (value ? [{ label, value }] : []))
}

function sumsOf(sale: SaleOut, say: Say, money: (minor: number) => string): Pair[] {
  const added = sale.lines.some((line) => !line.tax_included)
  const sums: Pair[] = []
  if (sale.discount) {
    sums.push({ label: say('receipt.subtotal'), value: money(sale.subtotal) })
    sums.push({ label: say('receipt.discount'), value: `-${money(sale.discount)}` })
  }
  if (added && sale.tax) {
    sums.push({ label: say('receipt.net'), value: money(sale.net) }, { label: say('receipt.tax'), value: money(sale.tax) })
  }
  if (sale.rounding) sums.push({ label: say('receipt.rounding'), value: money(sale.rounding) })
  return sums
}

function paymentsOf(sale: SaleOut, say: Say, money: (minor: number) => string): Pair[] {
  const paid = sale.payments
    .filter((payment) => payment.direction === 'in')
    .map((payment) => ({
      label: [say(`method.${payment.method}`), payment.reference].filter(Boolean).join(' '),
      value: money(payment.tendered),
    }))
  if (sale.change) paid.push({ label: say('receipt.change'), value: money(sale.change) })
  const left = sale.invoice ? sale.owed : sale.total - sale.paid
  return left > 0 ? [...paid, { label: say('receipt.to_pay'), value: money(left), strong: true }] : paid
}

function qrOf(sale: SaleOut, shop: Letterhead, say: Say): { qr: string; qrLabel: string } {
  const left = sale.invoice ? sale.owed : sale.total - sale.paid
  if (shop.upi_id && sale.currency === 'INR' && left > 0) {
    return { qr: upiLink(shop.upi_id, shop.name, (left / 100).toFixed(2), sale.number), qrLabel: say('receipt.upi') }
  }
  if (!sale.invoice) return { qr: '', qrLabel: '' }
  return { qr: qrText(sale.number, sale.business_date, sale, sale.invoice.hash), qrLabel: say('receipt.qr') }
}

/** Write what a document's code says: enough to check it against its chain. `total` in minor units. */
export function qrText(number: string, day: string, { currency, total }: { currency: string; total: number }, hash: string): string {
  return [number, day, currency, formatAmount(total, currency).replaceAll(',', ''), hash].join(' ')
}

/** Give the lines of a text that say something. */
export function textLines(text: string | null | undefined): string[] {
  return (text ?? '').split('\n').map((line) => line.trim()).filter(Boolean)
}

function wide(label: string, value: string, width: number): string {
  const room = width - value.length - 1
  const short = label.length > room ? `${label.slice(0, Math.max(0, room - 1))}…` : label
  return short + ' '.repeat(Math.max(1, width - short.length - value.length)) + value
}
