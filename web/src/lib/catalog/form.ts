/** A product's form: what is typed, what is wrong with it, and what of it is sent. */
import type { AdjustIn, ProductEdit, ProductIn, ProductOut } from '$lib/api/generated'
import { fromMilli, toMilli } from '$lib/money/amounts'

import { barcodeHolds, combinations } from './products'

export const VARIANTS_MAX = 200
export const TRACKINGS = ['none', 'quantity', 'batch', 'serial'] as const

export interface AttributeTyped {
  name: string
  /** With commas between, as typed. */
  choices: string
}

/** What the form holds. Money in minor units, quantities in thousandths; empty text means nothing. */
export interface ProductForm {
  name: string
  groupId: string
  brand: string
  kind: 'goods' | 'service'
  tracking: (typeof TRACKINGS)[number]
  unit: string
  description: string
  hsn: string
  warrantyMonths: string
  minStockMilli: number | null
  reorderLevelMilli: number | null
  reorderQuantityMilli: number | null
  autoReorder: boolean
  externalRef: string
  active: boolean
  taxClassId: string
  sku: string
  barcode: string
  priceMinor: number | null
  taxIncluded: boolean
  costMinor: number | null
  /** What is there at the start, of a new product; null: nothing, or it is not known. */
  openingMilli: number | null
  /** Where that is; empty: where this device sells. */
  openingLocationId: string
  several: boolean
  attributes: AttributeTyped[]
}

const MIN_STOCK_MILLI = 5000

/** An empty form; `taxClassId` the shop's first class, `taxIncluded` its setting. */
export function blankForm(taxClassId: string, taxIncluded: boolean): ProductForm {
  return {
    name: '', groupId: '', brand: '', kind: 'goods', tracking: 'quantity', unit: 'piece', description: '', hsn: '',
    warrantyMonths: '', minStockMilli: MIN_STOCK_MILLI, reorderLevelMilli: null, reorderQuantityMilli: null, autoReorder: false,
    externalRef: '', active: true, taxClassId, sku: '', barcode: '', priceMinor: null, taxIncluded, costMinor: null,
    openingMilli: null, openingLocationId: '', several: false, attributes: [{ name: '', choices: '' }],
  }  // prettier-ignore
}

/** The form of a product as it stands. */
export function formOf(product: ProductOut): ProductForm {
  const only = product.variants.length === 1 ? product.variants[0] : undefined
  return {
    name: product.name,
    groupId: product.group_id ?? '',
    brand: product.brand,
    kind: product.kind,
    tracking: product.tracking,
    unit: product.unit,
    description: product.description,
    hsn: product.hsn ?? '',
    warrantyMonths: product.warranty_months ? String(product.warranty_months) : '',
    minStockMilli: toMilli(product.min_stock),
    reorderLevelMilli: product.reorder_level === null ? null : toMilli(product.reorder_level),
    reorderQuantityMilli: product.reorder_quantity === null ? null : toMilli(product.reorder_quantity),
    autoReorder: product.auto_reorder,
    externalRef: product.external_ref ?? '',
    active: product.active,
    taxClassId: product.tax_class.id,
    sku: only?.sku ?? '',
    barcode: only?.barcode ?? '',
    priceMinor: only?.price ?? null,
    taxIncluded: only?.tax_included ?? true,
    costMinor: only?.cost ?? null,
    openingMilli: null,
    openingLocationId: '',
    several: product.variants.length > 1,
    attributes: [],
  }
}

/** The attributes typed, without empty ones, and each choice once. */
export function attributesOf(typed: readonly AttributeTyped[]): Record<string, string[]> {
  const told = typed.map(({ name, choices }) => [name.trim(), choicesIn(choices)] as const)
  return Object.fromEntries(told.filter(([name, choices]) => name !== '' && choices.length > 0))
}

function choicesIn(text: string): string[] {
  return [...new Set(text.split(/[,،;\n]/).map((choice) => choice.trim()))].filter((choice) => choice !== '')
}

export type Problem = 'needed' | 'barcode' | 'number' | 'too_many'

/** What is wrong with a form before it is sent, by field of the API. */
export function problemsIn(form: ProductForm, fresh: boolean): Partial<Record<string, Problem>> {
  const problems: Partial<Record<string, Problem>> = {}
  if (!form.name.trim()) problems['name'] = 'needed'
  if (!form.unit.trim()) problems['unit'] = 'needed'
  if (form.warrantyMonths && !/^\d{1,3}$/.test(form.warrantyMonths.trim())) problems['warranty_months'] = 'number'
  if (!form.several && !barcodeHolds(form.barcode.trim())) problems['barcode'] = 'barcode'
  if (fresh && form.priceMinor === null) problems['price'] = 'needed'
  if (fresh && form.several) {
    const made = combinations(attributesOf(form.attributes)).length
    if (Object.keys(attributesOf(form.attributes)).length === 0) problems['attributes'] = 'needed'
    if (made > VARIANTS_MAX) problems['attributes'] = 'too_many'
  }
  return problems
}

/** The body that puts a new product on sale. */
export function newProduct(form: ProductForm, id: string): ProductIn {
  const common = { id, ...shared(form), name: form.name.trim(), kind: form.kind, tracking: form.tracking }
  const money = { price: form.priceMinor, tax_included: form.taxIncluded, cost: form.costMinor ?? undefined }
  const body = { ...common, ...money, tax_class_id: form.taxClassId || undefined, sku: form.sku.trim() || undefined }
  if (form.several) return { ...body, attributes: attributesOf(form.attributes), generate: true }
  return { ...body, barcode: form.barcode.trim() || undefined }
}

function shared(form: ProductForm): Omit<ProductIn, 'name' | 'id'> {
  return {
    group_id: form.groupId || null,
    brand: form.brand.trim(),
    unit: form.unit.trim(),
    description: form.description.trim(),
    hsn: form.hsn.trim() || null,
    warranty_months: Number(form.warrantyMonths) || 0,
    min_stock: fromMilli(form.minStockMilli ?? 0),
    reorder_level: form.reorderLevelMilli === null ? null : fromMilli(form.reorderLevelMilli),
    reorder_quantity: form.reorderQuantityMilli === null ? null : fromMilli(form.reorderQuantityMilli),
    auto_reorder: form.autoReorder,
    external_ref: form.externalRef.trim() || null,
    active: form.active,
  }
}

/** The body that changes a product: only what differs from what was read. Empty when nothing does. */
export function changeOf(before: ProductForm, form: ProductForm): ProductEdit {
  const whole = (each: ProductForm): ProductEdit => ({
    ...(shared(each) as ProductEdit),
    name: each.name.trim(),
    tracking: each.tracking,
    tax_class_id: each.taxClassId,
    ...(before.several ? {} : one(each)),
  })
  const was = whole(before)
  const entries = Object.entries(whole(form)).filter(([name, value]) => value !== was[name as keyof ProductEdit])
  return Object.fromEntries(entries) as ProductEdit
}

function one(form: ProductForm): ProductEdit {
  return {
    sku: form.sku.trim(),
    barcode: form.barcode.trim() || null,
    price: form.priceMinor ?? undefined,
    tax_included: form.taxIncluded,
    cost: form.costMinor ?? undefined,
  }
}

/** Whether a new product's first stock can be told with it: one variant, and counted by quantity. Batches and serial
 * numbers are received one by one. */
export function takesOpening(form: ProductForm): boolean {
  return form.kind === 'goods' && form.tracking === 'quantity' && !form.several
}

/** The body that writes a new product's first stock; null where none was told. `id` is the adjustment's own, `here` where
 * it stands unless another place was chosen. */
export function openingOf(form: ProductForm, id: string, here: string | null): AdjustIn | null {
  if (!takesOpening(form) || !form.openingMilli) return null
  return { id, quantity: fromMilli(form.openingMilli), reason: 'opening', location_id: form.openingLocationId || here }
}
