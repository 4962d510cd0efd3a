/**
 * The catalogue as it is kept: column arrays of up to 500 items. One record for each item takes the browser ten times
 * as long to read; joined text takes a fifth of the memory, and searching it is one `indexOf` after the other.
 */
import type { ComponentRow, Item, ItemRow, PriceRow } from './types'

export const CHUNK_ROWS = 500
const ID_LENGTH = 36
const BREAK = '\n'
const TAB = '\t'
/** Stands before and behind each barcode. */
const FENCE = '\u001f'

const ACTIVE = 1
const FAVOURITE = 2
const STOCKED = 4
const TAX_INCLUDED = 8
const GONE = 16
const SERIAL = 32
const BATCH = 64

/** One record of the table `catalogue`. Row `n` is the `n`th of every column. */
export interface Chunk {
  rows: number
  /** Ids of 36 signs each, one after the other. */
  ids: string
  productIds: string
  /** A line for each item: name, tab, sku, tab, barcodes. A gone item has an empty one. Read, shown and searched as one
   * text. */
  labels: string
  /** Words that many items share; the columns `units` to `groups` point into it. Word 0 is none. */
  words: string[]
  units: Uint16Array
  hsns: Uint16Array
  taxClasses: Uint16Array
  groups: Uint16Array
  flags: Uint8Array
  /** The first price; NaN where there is none. */
  prices: Float64Array
  minStocks: Float64Array
  /** All prices of the items that have several, or one that is still to come. */
  dated: Map<number, PriceRow[]>
  /** What the sets among them are made of. */
  sets?: Map<number, ComponentRow[]>
}

/** Make an empty chunk. */
export function emptyChunk(): Chunk {
  return {
    rows: 0, ids: '', productIds: '', labels: '', words: [''],
    units: new Uint16Array(0), hsns: new Uint16Array(0), taxClasses: new Uint16Array(0), groups: new Uint16Array(0),
    flags: new Uint8Array(0), prices: new Float64Array(0), minStocks: new Float64Array(0), dated: new Map(),
  }
}

/** Put rows into a chunk: each at its place, which may be at most one behind the last. `now` tells which prices are
 * still to come. */
export function placeRows(chunk: Chunk, placed: readonly (readonly [place: number, row: ItemRow])[], now: number): Chunk {
  const columns = opened(chunk)
  for (const [place, row] of placed) write(columns, place, row, now)
  return closed(columns)
}

/** Mark items of a chunk as gone. */
export function removeRows(chunk: Chunk, places: readonly number[]): Chunk {
  const labels = chunk.labels.split(BREAK)
  const flags = chunk.flags.slice()
  for (const place of places) {
    labels[place] = ''
    flags[place] = GONE
  }
  return { ...chunk, labels: labels.join(BREAK), flags }
}

/** Say whether an item is gone. */
export function isGone(chunk: Chunk, place: number): boolean {
  return (chunk.flags[place]! & GONE) !== 0
}

export function isFavourite(chunk: Chunk, place: number): boolean {
  return (chunk.flags[place]! & (FAVOURITE | ACTIVE)) === (FAVOURITE | ACTIVE)
}

/** Whether an item is shown to be sold. */
export function isSold(chunk: Chunk, place: number): boolean {
  return (chunk.flags[place]! & ACTIVE) !== 0
}

export function idAt(chunk: Chunk, place: number): string {
  return chunk.ids.slice(place * ID_LENGTH, (place + 1) * ID_LENGTH)
}

/** The lines of a chunk's labels. */
export function labelsOf(chunk: Chunk): string[] {
  return chunk.rows ? chunk.labels.split(BREAK) : []
}

/** Find the item with a barcode in a chunk; -1 where there is none that is sold. */
export function placeOfBarcode(chunk: Chunk, code: string): number {
  const wanted = FENCE + code + FENCE
  for (let at = chunk.labels.indexOf(wanted); at >= 0; at = chunk.labels.indexOf(wanted, at + 1)) {
    const place = chunk.labels.slice(0, at).split(BREAK).length - 1
    if (isSold(chunk, place)) return place
  }
  return -1
}

/** What a chunk says of one item (its line of the labels is given), with the price in force at `now` (milliseconds). */
export function itemAt(chunk: Chunk, place: number, label: string, stockMilli: number, now: number): Item {
  const [name = '', sku = '', codes = ''] = label.split(TAB)
  const flags = chunk.flags[place]!
  const price = priceAt(chunk, place, now)
  const stocked = (flags & STOCKED) !== 0
  const madeOf = chunk.sets?.get(place)
  return {
    id: idAt(chunk, place),
    productId: chunk.productIds.slice(place * ID_LENGTH, (place + 1) * ID_LENGTH),
    name,
    sku: sku || null,
    barcodes: codes.split(FENCE).filter(Boolean),
    groupId: chunk.words[chunk.groups[place]!] || null,
    unit: chunk.words[chunk.units[place]!] ?? '',
    hsn: chunk.words[chunk.hsns[place]!] || null,
    stocked,
    ...(flags & SERIAL ? { tracking: 'serial' as const } : flags & BATCH ? { tracking: 'batch' as const } : {}),
    ...(madeOf && { madeOf }),
    active: (flags & ACTIVE) !== 0,
    taxClassId: chunk.words[chunk.taxClasses[place]!] ?? '',
    priceMinor: price?.price_minor ?? null,
    taxIncluded: price?.tax_included ?? (flags & TAX_INCLUDED) !== 0,
    stockMilli: (stocked || madeOf) && !Number.isNaN(stockMilli) ? stockMilli : null,
    minStockMilli: chunk.minStocks[place]!,
    favourite: (flags & FAVOURITE) !== 0,
  }
}

/** The price in force at `now`: the last that has begun. */
function priceAt(chunk: Chunk, place: number, now: number): { price_minor: number; tax_included: boolean } | null {
  const dated = chunk.dated.get(place)
  if (dated) return dated.findLast((price) => Date.parse(price.valid_from) <= now) ?? null
  const priceMinor = chunk.prices[place]!
  if (Number.isNaN(priceMinor)) return null
  return { price_minor: priceMinor, tax_included: (chunk.flags[place]! & TAX_INCLUDED) !== 0 }
}

interface Columns {
  chunk: Chunk
  ids: string[]
  productIds: string[]
  labels: string[]
  wordPlaces: Map<string, number>
}

function opened(chunk: Chunk): Columns {
  const grown: Chunk = {
    ...chunk,
    words: [...chunk.words],
    units: room(chunk.units, Uint16Array), hsns: room(chunk.hsns, Uint16Array),
    taxClasses: room(chunk.taxClasses, Uint16Array), groups: room(chunk.groups, Uint16Array),
    flags: room(chunk.flags, Uint8Array), prices: room(chunk.prices, Float64Array),
    minStocks: room(chunk.minStocks, Float64Array), dated: new Map(chunk.dated), sets: new Map(chunk.sets),
  }
  return {
    chunk: grown,
    ids: cut(chunk.ids), productIds: cut(chunk.productIds), labels: labelsOf(chunk),
    wordPlaces: new Map(chunk.words.map((word, place) => [word, place])),
  }
}

function room<T extends Uint8Array | Uint16Array | Float64Array>(column: T, Kind: new (length: number) => T): T {
  const grown = new Kind(CHUNK_ROWS)
  grown.set(column)
  return grown
}

function cut(joined: string): string[] {
  return joined.match(/.{36}/g) ?? []
}

function closed({ chunk, ids, productIds, labels }: Columns): Chunk {
  const rows = ids.length
  return {
    ...chunk,
    rows,
    ids: ids.join(''), productIds: productIds.join(''), labels: labels.join(BREAK),
    units: chunk.units.slice(0, rows), hsns: chunk.hsns.slice(0, rows), taxClasses: chunk.taxClasses.slice(0, rows),
    groups: chunk.groups.slice(0, rows), flags: chunk.flags.slice(0, rows), prices: chunk.prices.slice(0, rows),
    minStocks: chunk.minStocks.slice(0, rows),
  }
}

function write(columns: Columns, place: number, row: ItemRow, now: number): void {
  const { chunk } = columns
  const codes = row.barcodes.map(clean)
  columns.ids[place] = row.id
  columns.productIds[place] = row.product_id
  const fenced = codes.length ? FENCE + codes.join(FENCE) + FENCE : ''
  columns.labels[place] = [clean(row.name), clean(row.sku ?? ''), fenced].join(TAB)
  chunk.units[place] = wordPlace(columns, row.unit)
  chunk.hsns[place] = wordPlace(columns, row.hsn ?? '')
  chunk.taxClasses[place] = wordPlace(columns, row.tax_class_id)
  chunk.groups[place] = wordPlace(columns, row.group_id ?? '')
  chunk.minStocks[place] = row.min_stock_milli
  const first = row.prices[0]
  chunk.prices[place] = first?.price_minor ?? Number.NaN
  chunk.flags[place] =
    (row.active ? ACTIVE : 0) | (row.favourite ? FAVOURITE : 0) | (row.tracking === 'none' ? 0 : STOCKED) |
    (row.tracking === 'serial' ? SERIAL : row.tracking === 'batch' ? BATCH : 0) | (first?.tax_included ? TAX_INCLUDED : 0)
  if (row.prices.some((price, turn) => turn > 0 || Date.parse(price.valid_from) > now)) chunk.dated.set(place, row.prices)
  else chunk.dated.delete(place)
  if (row.components) chunk.sets!.set(place, row.components)
  else chunk.sets!.delete(place)
}

/** One space between words, and none of the signs that the columns are made with. */
function clean(text: string): string {
  return text.replace(/[\s\u001f]+/g, ' ').trim()
}

function wordPlace({ chunk, wordPlaces }: Columns, word: string): number {
  const known = wordPlaces.get(word)
  if (known !== undefined) return known
  chunk.words.push(word)
  wordPlaces.set(word, chunk.words.length - 1)
  return chunk.words.length - 1
}
