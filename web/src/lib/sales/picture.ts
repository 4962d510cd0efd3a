/** A receipt as a picture: for sharing, and for printers that lack its script. */
import { encode } from 'uqr'

import { fitted, pngOf } from '$lib/pictures'

import type { Logo } from './logo'
import type { Pair, Receipt } from './receipt'

const FONT = 'system-ui, "Noto Sans", "Noto Sans Devanagari", "Noto Sans Arabic", sans-serif'
/** The place for the logo, as shares of the receipt's width. */
const LOGO_WIDTH = 0.5
const LOGO_HEIGHT = 0.2

interface Stroke {
  text: string
  value?: string
  size: number
  bold?: boolean
  centre?: boolean
  gap?: number
}

/** Draw a receipt black on white, `width` pixels wide, with the logo at its head. `rtl` for scripts that run from the right. */
export function drawn(receipt: Receipt, width: number, rtl = false, logo: Logo | null = null): HTMLCanvasElement {
  const size = Math.round(width / 22)
  const pad = Math.round(width / 24)
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d')!
  const strokes = strokesOf(receipt, size).flatMap((stroke) => wrapped(pen, stroke, width - 2 * pad))
  const qrSize = receipt.qr ? Math.round(width * 0.5) : 0
  const head = logo ? fitted(logo, { width: width * LOGO_WIDTH, height: width * LOGO_HEIGHT }) : null
  const textHeight = strokes.reduce((sum, stroke) => sum + heightOf(stroke), 0)
  canvas.width = width
  canvas.height = (head?.height ?? 0) + textHeight + qrSize + 3 * pad
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = '#000'
  pen.textBaseline = 'top'
  pen.direction = rtl ? 'rtl' : 'ltr'
  if (logo && head) pen.drawImage(logo.picture, (width - head.width) / 2, pad, head.width, head.height)
  let y = pad + (head?.height ?? 0)
  for (const stroke of strokes) {
    y += stroke.gap ?? 0
    write(pen, stroke, pad, y, width, rtl)
    y += heightOf(stroke) - (stroke.gap ?? 0)
  }
  if (receipt.qr) drawQr(pen, receipt.qr, (width - qrSize) / 2, y + pad / 2, qrSize)
  return canvas
}

/** Give a receipt as a PNG file. */
export async function pictureOf(receipt: Receipt, rtl = false, logo: Logo | null = null): Promise<File> {
  const blob = await pngOf(drawn(receipt, 720, rtl, logo))
  return new File([blob], `${receipt.number.replaceAll('/', '-')}.png`, { type: 'image/png' })
}

function strokesOf(receipt: Receipt, size: number): Stroke[] {
  const pair = (each: Pair): Stroke => ({
    text: each.label, value: each.value, size: each.strong ? Math.round(size * 1.3) : size, bold: each.strong,
  })  // prettier-ignore
  const title = receipt.mark ? `${receipt.title} · ${receipt.mark}` : receipt.title
  return [
    { text: receipt.shop, size: Math.round(size * 1.4), bold: true, centre: true },
    ...receipt.head.map((text) => ({ text, size, centre: true })),
    { text: title, size, bold: true, centre: true, gap: size },
    ...(receipt.notice ? [{ text: receipt.notice, size, centre: true }] : []),
    ...receipt.facts.map(pair),
    ...receipt.lines.flatMap((line, place): Stroke[] => [
      { text: line.name, size, bold: true, gap: place ? size * 0.3 : size },
      { text: line.detail, value: line.total, size },
      ...(line.discount ? [{ text: line.discount, size }] : []),
      ...(line.named ? [{ text: line.named, size }] : []),
    ]),
    ...receipt.sums.map((each, place) => ({ ...pair(each), gap: place ? 0 : size })),
    { ...pair(receipt.total), gap: size * 0.5 },
    ...receipt.taxes.map(pair),
    ...receipt.payments.map((each, place) => ({ ...pair(each), gap: place ? 0 : size * 0.5 })),
    ...(receipt.verification ? [{ text: receipt.verification, size: size * 0.8, centre: true, gap: size }] : []),
    ...receipt.foot.map((text, place) => ({ text, size, centre: true, gap: place ? 0 : size * 0.5 })),
  ]
}

function fontOf(stroke: Stroke): string {
  return `${stroke.bold ? 'bold ' : ''}${Math.round(stroke.size)}px ${FONT}`
}

function heightOf(stroke: Stroke): number {
  return Math.round(stroke.size * 1.4 + (stroke.gap ?? 0))
}

/** Break a text into as many lines as it needs; its value stands on the last. */
function wrapped(pen: CanvasRenderingContext2D, stroke: Stroke, room: number): Stroke[] {
  pen.font = fontOf(stroke)
  const taken = stroke.value ? pen.measureText(`${stroke.value}  `).width : 0
  const rows: string[] = ['']
  for (const word of stroke.text.split(' ')) {
    const longer = rows.at(-1) ? `${rows.at(-1)} ${word}` : word
    if (pen.measureText(longer).width <= room - taken || !rows.at(-1)) rows[rows.length - 1] = longer
    else rows.push(word)
  }
  const { gap, value, ...common } = stroke
  return rows.map((text, place) => ({
    ...common, text, gap: place ? 0 : gap, value: place === rows.length - 1 ? value : undefined,
  }))  // prettier-ignore
}

function write(pen: CanvasRenderingContext2D, stroke: Stroke, pad: number, y: number, width: number, rtl: boolean): void {
  pen.font = fontOf(stroke)
  const [start, end] = rtl ? [width - pad, pad] : [pad, width - pad]
  pen.textAlign = stroke.centre ? 'center' : 'start'
  pen.fillText(stroke.text, stroke.centre ? width / 2 : start, y)
  if (stroke.value === undefined) return
  pen.textAlign = 'end'
  pen.fillText(stroke.value, end, y)
}

function drawQr(pen: CanvasRenderingContext2D, text: string, x: number, y: number, size: number): void {
  const code = encode(text, { ecc: 'M', border: 0 })
  const cell = Math.floor(size / code.size)
  for (const [row, darks] of code.data.entries()) {
    for (const [column, dark] of darks.entries()) if (dark) pen.fillRect(x + column * cell, y + row * cell, cell, cell)
  }
}
