/** An item added at the till: a name and a price, sold at once. */
import { addProduct } from '$lib/catalog/products'
import type { ItemRow } from '$lib/local/types'

/** In force whatever this device's clock says, until the item comes with the next pull. */
const ALWAYS = '1970-01-01T00:00:00.000Z'

/**
 * Add an item to the catalogue and give it as this device keeps it. Its stock is not counted until somebody says so:
 * what was never counted would be sold out at once. Throws Refusal and Unreachable.
 */
export async function addQuickItem(name: string, priceMinor: number): Promise<ItemRow> {
  const product = await addProduct({ name, price: priceMinor, tracking: 'none' })
  const variant = product.variants[0]!
  return {
    id: variant.id,
    product_id: product.id,
    name: variant.name,
    sku: variant.sku,
    barcodes: variant.barcode ? [variant.barcode] : [],
    group_id: product.group_id,
    unit: product.unit,
    hsn: product.hsn,
    kind: product.kind,
    tracking: product.tracking,
    active: true,
    tax_class_id: product.tax_class.id,
    prices: [{ price_minor: variant.price ?? priceMinor, tax_included: variant.tax_included ?? true, valid_from: ALWAYS }],
    min_stock_milli: 0,
    favourite: false,
  }
}
