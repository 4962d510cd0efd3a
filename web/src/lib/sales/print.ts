/** Paper by the device's own printing: one receipt, alone on a page as long as itself. */

export type Width = 58 | 80

const PIXELS_PER_MM = 96 / 25.4
const RULES = `
@media print {
  body > :not(.printed) { display: none !important; }
  body { background: #fff !important; }
}
@media screen {
  body > .printed { position: fixed; top: 0; left: -200vw; }
}`

/**
 * Print a drawn receipt on a strip of `widthMm`. Browsers take no endless page, so the page is made as long as the
 * receipt is when it stands in that width.
 */
export async function printStrip(drawn: HTMLElement, widthMm: Width): Promise<void> {
  const strip = document.createElement('div')
  strip.className = 'printed'
  strip.append(drawn.cloneNode(true))
  strip.style.width = `${widthMm}mm`
  document.body.append(strip)
  // A picture that is still being opened would be missing on the paper.
  await Promise.all([...strip.querySelectorAll('img')].map((picture) => picture.decode().catch(() => undefined)))
  const rules = new CSSStyleSheet()
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, rules]
  rules.replaceSync(RULES)
  const heightMm = Math.ceil(strip.scrollHeight / PIXELS_PER_MM) + 4
  rules.replaceSync(`${RULES}\n@page { size: ${widthMm}mm ${heightMm}mm; margin: 0; }`)
  const clean = (): void => {
    strip.remove()
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== rules)
  }
  addEventListener('afterprint', clean, { once: true })
  print()
}

/** The width of strip that a shop's receipts have; A4 shops print strips of 80 mm at the till. */
export function widthOf(layout: string): Width {
  return layout === '58mm' ? 58 : 80
}
