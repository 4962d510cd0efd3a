/** Any list of the API: a page of it, or the whole of it as a file. */
import { call, type Options, type PageInfo } from '$lib/api/client'

export type Query = NonNullable<Options['query']>

/** A page of a list; its `total` counts all rows where that was asked for. */
export interface Listed<Row> {
  rows: Row[]
  page: PageInfo
}

export type FileFormat = 'csv' | 'xlsx'

const EXPORT_MS = 180_000

/** One page of a list. Throws Refusal, Unreachable. */
export async function listed<Row>(path: string, query: Query): Promise<Listed<Row>> {
  const { data, page } = await call<Row[]>('GET', path, { query })
  return { rows: data, page: page ?? { next_cursor: null, limit: data.length, total: data.length } }
}

/** A whole list as a file, up to 10,000 rows and more as the shop's limits allow. Throws Refusal, Unreachable. */
export async function listAsFile(path: string, query: Query, format: FileFormat): Promise<Blob> {
  const asked = { ...query, format, limit: undefined, cursor: undefined, total: undefined }
  return (await call<Blob>('GET', path, { query: asked, want: 'blob', timeoutMs: EXPORT_MS })).data
}

/** Rows a person picked as CSV: titles first, a byte order mark so that spreadsheets read every script. */
export function asCsv(titles: string[], rows: (string | number | null)[][]): Blob {
  const lines = [titles, ...rows].map((cells) => cells.map(cell).join(','))
  return new Blob(['﻿', lines.join('\r\n'), '\r\n'], { type: 'text/csv' })
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  // A cell that begins like a formula is kept from being one.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
