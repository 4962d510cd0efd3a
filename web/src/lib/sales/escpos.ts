/** A receipt in the language of thermal printers (ESC/POS). Loaded only where a printer is connected. */
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder'

import type { Size } from '$lib/pictures'

import { drawn } from './picture'
import type { Pair, Receipt } from './receipt'

/** Letters and dots across a strip, by its width in millimetres. */
const COLUMNS = { 58: 32, 80: 48 } as const
const DOTS = { 58: 384, 80: 576 } as const

/** What cheap printers have in their letters; anything else is printed as a picture. */
const PRINTABLE = /^[\n\x20-\x7e\u00a0-\u00ff€…·×−–“”’]*$/

/** A picture in the printer's own dots: red, green, blue and cover of each, row by row. */
export interface Dots extends Size {
  data: Uint8ClampedArray
}

interface Options {
  /** Open the cash drawer that hangs on the printer. */
  drawer?: boolean
  /** The script runs from the right. */
  rtl?: boolean
  logo?: Dots | null
}

/** Write the bytes for a printer of `widthMm`. */
export function escposOf(receipt: Receipt, widthMm: 58 | 80, options: Options = {}): Uint8Array {
  const columns = COLUMNS[widthMm]
  const encoder = new ReceiptPrinterEncoder({ language: 'esc-pos', columns, feedBeforeCut: 3, imageMode: 'raster' })
  encoder.initialize()
  if (options.logo) withLogo(encoder, options.logo)
  if (PRINTABLE.test(JSON.stringify(receipt))) inLetters(encoder, receipt, columns)
  else asPicture(encoder, receipt, DOTS[widthMm], options.rtl ?? false)
  encoder.cut('partial')
  if (options.drawer) encoder.pulse()
  return encoder.encode()
}

function inLetters(encoder: ReceiptPrinterEncoder, receipt: Receipt, columns: number): void {
  const across = ({ label, value, strong }: Pair): void => {
    const width = Math.min(value.length, columns - 8)
    encoder.bold(strong ?? false)
    encoder.table([{ width: columns - width - 1, align: 'left', marginRight: 1 }, { width, align: 'right' }], [[plain(label), plain(value)]])
    encoder.bold(false)
  }
  encoder.codepage('auto').align('center').bold(true).size(1, 2).line(plain(receipt.shop)).size(1, 1).bold(false)
  for (const line of receipt.head) encoder.line(plain(line))
  encoder.newline().bold(true).line(plain([receipt.title, receipt.mark].filter(Boolean).join(' - '))).bold(false)
  if (receipt.notice) encoder.line(plain(receipt.notice))
  encoder.align('left')
  receipt.facts.forEach(across)
  encoder.rule({ style: 'single' })
  for (const line of receipt.lines) {
    encoder.line(plain(line.name))
    across({ label: `  ${line.detail}`, value: line.total })
    if (line.discount) encoder.line(plain(`  ${line.discount}`))
    if (line.named) encoder.line(plain(`  ${line.named}`))
  }
  encoder.rule({ style: 'single' })
  receipt.sums.forEach(across)
  across(receipt.total)
  receipt.taxes.forEach(across)
  encoder.rule({ style: 'single' })
  receipt.payments.forEach(across)
  encoder.align('center').newline()
  if (receipt.qr) encoder.qrcode(receipt.qr, { model: 2, size: 4, errorlevel: 'm' }).line(plain(receipt.qrLabel))
  if (receipt.verification) encoder.line(receipt.verification)
  for (const line of receipt.foot) encoder.line(plain(line))
}

/** Print the logo in the middle of the strip, its greys and colours as finer or coarser dots. */
function withLogo(encoder: ReceiptPrinterEncoder, { data, width, height }: Dots): void {
  encoder.align('center').image({ data, width, height }, width, height, 'atkinson').align('left')
}

function asPicture(encoder: ReceiptPrinterEncoder, receipt: Receipt, dots: number, rtl: boolean): void {
  const canvas = drawn(receipt, dots, rtl)
  // A printer takes pictures in whole bytes of eight dots.
  const height = Math.ceil(canvas.height / 8) * 8
  encoder.align('left').image(canvas, dots, height, 'threshold')
}

/** Letters that printers have no glyph for, as ones they have. What no letter is would be a command to the printer, such
 * as one that opens the drawer, whoever wrote it into a name. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').replace(/[…]/g, '...').replace(/[·×]/g, (sign) => (sign === '×' ? 'x' : '-')).replace(/[−–]/g, '-').replace(/\u00a0/g, ' ')
}
