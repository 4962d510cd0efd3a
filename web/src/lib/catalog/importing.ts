/** Bringing in a sheet of goods: tried first, then run, then undone if it was wrong. */
import { call } from '$lib/api/client'
import type { ImportOut } from '$lib/api/generated'

export const PRESETS = ['loyverse', 'square', 'odoo', 'vyapar'] as const

export const PRESET_NAMES: Record<(typeof PRESETS)[number], string> = {
  loyverse: 'Loyverse', square: 'Square', odoo: 'Odoo', vyapar: 'Vyapar',
}  // prettier-ignore

/** The system whose export the server took a sheet for; undefined where it read the titles alone. */
export function systemOf(run: Pick<ImportOut, 'preset'>): string | undefined {
  const preset = PRESETS.find((each) => each === run.preset)
  return preset && PRESET_NAMES[preset]
}

/** Read the sheet by its titles alone, whatever system it looks like. */
export const NO_PRESET = 'none'

/** The fields a column may be about, in the order people think of them. */
export const FIELDS = [
  'name', 'sku', 'barcode', 'price', 'cost', 'group', 'tax_class', 'tax_included', 'unit', 'choices', 'brand',
  'description', 'kind', 'tracking', 'hsn', 'min_stock', 'reorder_level', 'reorder_quantity', 'warranty_months',
  'external_ref', 'active',
] as const  // prettier-ignore

export interface ImportAsked {
  file: File
  /** A system of `PRESETS`, `NO_PRESET`, or null: it is recognised by its titles. */
  preset: string | null
  /** The title of a field's column where it differs; '' leaves the field out. */
  columns: Record<string, string>
  dryRun: boolean
}

const UPLOAD_MS = 300_000
const ASK_AGAIN_MS = 1000

/** Hand in a sheet. Up to 2,000 rows are done with the answer; more go on meanwhile (`state: running`). */
export async function importProducts(asked: ImportAsked): Promise<ImportOut> {
  const form = new FormData()
  form.set('file', asked.file)
  form.set('columns', JSON.stringify(asked.columns))
  form.set('dry_run', String(asked.dryRun))
  if (asked.preset) form.set('preset', asked.preset)
  return (await call<ImportOut>('POST', '/api/products/import', { form, timeoutMs: UPLOAD_MS })).data
}

export async function readImport(id: string): Promise<ImportOut> {
  return (await call<ImportOut>('GET', `/api/products/import/${id}`)).data
}

export async function undoImport(id: string): Promise<ImportOut> {
  return (await call<ImportOut>('POST', `/api/products/import/${id}/undo`, { timeoutMs: UPLOAD_MS })).data
}

/** Follow an import to its end, telling how far it has come. Ends early when `signal` says so. */
export async function followImport(
  run: ImportOut,
  told: (run: ImportOut) => void,
  signal: AbortSignal,
): Promise<ImportOut> {
  let now = run
  while ((now.state === 'running' || now.state === 'undoing') && !signal.aborted) {
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS))
    now = await readImport(now.id)
    told(now)
  }
  return now
}

/** Every column title of the sheet as the server found them: those that were understood and those that were not. */
export function titlesOf(run: Pick<ImportOut, 'columns' | 'unused'>): string[] {
  return [...new Set([...Object.values(run.columns), ...run.unused])].filter((title) => title !== '')
}

/** A sheet with the titles and one row to begin from. */
export function sampleSheet(currencyPrice: string): Blob {
  const titles = 'Name,SKU,Barcode,Price,Group,Unit,Min stock'
  return new Blob([`${titles}\r\nUSB cable 1 m,CAB-1,,${currencyPrice},Cables,piece,5\r\n`], { type: 'text/csv' })
}
