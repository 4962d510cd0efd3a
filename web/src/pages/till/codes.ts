/** What a code says that no item has as its barcode: a GS1 code, a label of the shop's scale, the number of a receipt. */
import { app } from '$lib/app.svelte'
import { readGs1, readScaleLabel, sameBarcodes, type CodeFacts } from '$lib/catalog/gs1'
import { t } from '$lib/i18n'
import type { Item, Local } from '$lib/local/types'
import { digitsOf } from '$lib/money/amounts'
import { setSerials } from '$lib/sales/cart'
import { toast } from '$ui/toast.svelte'

import { RECEIPT, till } from './till.svelte'

interface Said {
  item: Item
  facts: CodeFacts
}

/** Put in the cart what a code stands for, with its weight, batch or serial number; find the sale of a receipt; say so
 * where nothing has it. */
export async function takeContent(local: Local | null, code: string, quantityMilli: number): Promise<void> {
  const settings = await local?.db.get('settings', 'shop')
  const said = byGtin(code) ?? byScale(code, settings?.scale_codes ?? [])
  if (said) put(said, quantityMilli)
  else if (RECEIPT.test(code)) till.show({ kind: 'return', number: code })
  else toast(t('till.unknown_code', { code }), { kind: 'warning' })
}

function byGtin(code: string): Said | null {
  const read = readGs1(code, till.day, digitsOf(till.shop?.currency ?? ''))
  const item = read && itemOf(sameBarcodes(read.gtin))
  return item ? { item, facts: read.facts } : null
}

function byScale(code: string, patterns: readonly string[]): Said | null {
  const label = readScaleLabel(code, patterns)
  const item = label && (itemOf(label.barcodes) ?? bySku(label.skus))
  return item ? { item, facts: label.facts } : null
}

function itemOf(barcodes: readonly string[]): Item | undefined {
  return barcodes.map((each) => app.catalogue?.byBarcode(each)).find(Boolean)
}

function bySku(skus: readonly string[]): Item | undefined {
  return skus.flatMap((sku) => app.catalogue?.search(sku, { limit: 20 }).filter((item) => item.sku === sku) ?? [])[0]
}

function put({ item, facts }: Said, quantityMilli: number): void {
  if (facts.expiry !== null && facts.expiry < till.day) {
    toast(t('till.expired_code', { name: item.name }), { kind: 'warning' })
    return
  }
  till.add(item, facts.quantityMilli ?? forPrice(item, facts.priceMinor) ?? quantityMilli, (item.tracking === 'batch' && facts.batch) || undefined)
  const line = till.cart.lines.find((each) => each.id === till.touched)
  if (item.tracking === 'serial' && facts.serial && line?.variantId === item.id) {
    till.change(setSerials(till.cart, line.id, [...(line.serials ?? []), facts.serial].join(' ')))
  }
}

/** How much costs what the label says; null where it says no price. */
function forPrice(item: Item, priceMinor: number | null): number | null {
  return priceMinor && item.priceMinor ? Math.max(1, Math.round((priceMinor * 1000) / item.priceMinor)) : null
}
