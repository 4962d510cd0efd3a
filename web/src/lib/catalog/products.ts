/** Goods and services on sale: listed, shown, put on sale, changed; their variants and prices. */
import { call } from '$lib/api/client'
import type { ProductEdit, ProductIn, ProductOut, VariantEdit, VariantIn, VariantOut } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'

export async function listProducts(query: Query): Promise<Listed<ProductOut>> {
  return listed('/api/products', query)
}

export async function readProduct(id: string): Promise<ProductOut> {
  return (await call<ProductOut>('GET', `/api/products/${id}`)).data
}

/** Put a product on sale, with one price or several variants. Throws Refusal (SKU_TAKEN, BARCODE_TAKEN ...). */
export async function addProduct(product: ProductIn): Promise<ProductOut> {
  return (await call<ProductOut>('POST', '/api/products', { body: product })).data
}

/** Change a product: absent fields stay. `version` is the one that was read, else 409. */
export async function changeProduct(id: string, change: ProductEdit): Promise<ProductOut> {
  return (await call<ProductOut>('PUT', `/api/products/${id}`, { body: change })).data
}

/** Delete a product; one with a history is taken off sale instead: the answer says which. */
export async function deleteProduct(id: string): Promise<'deleted' | 'deactivated'> {
  return (await call<{ outcome: 'deleted' | 'deactivated' }>('DELETE', `/api/products/${id}`)).data.outcome
}

export async function addVariant(productId: string, variant: VariantIn): Promise<ProductOut> {
  return (await call<ProductOut>('POST', `/api/products/${productId}/variants`, { body: variant })).data
}

/** Change one variant; `version` is the variant's own. */
export async function changeVariant(productId: string, variantId: string, change: VariantEdit): Promise<ProductOut> {
  return (await call<ProductOut>('PUT', `/api/products/${productId}/variants/${variantId}`, { body: change })).data
}

export async function deleteVariant(productId: string, variantId: string): Promise<void> {
  await call('DELETE', `/api/products/${productId}/variants/${variantId}`)
}

/** The prices of a product's variants that are on sale, from the lowest to the highest; null where none has one. */
export function priceSpan(product: Pick<ProductOut, 'variants'>): { leastMinor: number; mostMinor: number } | null {
  const prices = product.variants.flatMap((variant) => (variant.active && variant.price !== null ? [variant.price] : []))
  if (prices.length === 0) return null
  return { leastMinor: Math.min(...prices), mostMinor: Math.max(...prices) }
}

/** What is earned on each unit, in minor units and as basis points of the net price; null without cost or price. */
export function marginOf(
  variant: Pick<VariantOut, 'price' | 'tax_included' | 'cost'>,
  taxBp: number,
): { earnedMinor: number; marginBp: number } | null {
  if (variant.price === null || variant.cost == null || variant.price === 0) return null
  const net = variant.tax_included ? Math.round((variant.price * 10_000) / (10_000 + taxBp)) : variant.price
  const earned = net - variant.cost
  return { earnedMinor: earned, marginBp: Math.round((earned * 10_000) / net) }
}

/** Every combination of a product's attributes, in the order they are typed: `[{size: 'S', colour: 'red'}, ...]`. */
export function combinations(attributes: Record<string, string[]>): Record<string, string>[] {
  return Object.entries(attributes)
    .filter(([, values]) => values.length > 0)
    .reduce<Record<string, string>[]>(
      (made, [name, values]) => made.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
      [{}],
    )
}

/** Say whether a barcode of 8, 12, 13 or 14 digits has the right check digit (GS1 General Specifications 7.9); other
 * codes are taken as they are. */
export function barcodeHolds(code: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(code)) return true
  const digits = Array.from(code, Number).reverse()
  const sum = digits.reduce((total, digit, place) => total + digit * (place % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}
