/** Everything that is sold, in memory: found by typing, by barcode, by group, with prices and stock as last known. */
import {
  CHUNK_ROWS, emptyChunk, idAt, isFavourite, isGone, itemAt, labelsOf, placeOfBarcode, placeRows, removeRows, type Chunk,
} from './chunks'
import { keeping, readMeta } from './db'
import { fold } from './fold'
import { findIn } from './search'
import type { Write } from './schema'
import type { Catalogue, ComponentRow, GroupRow, Item, ItemRow, Local, StockRow, TaxClassRow } from './types'

/** So many ids are looked up one by one; for more a map is made. */
const FEW = 20

/** What a device keeps of the catalogue, with the means to renew it. */
export class Shelf implements Catalogue {
  private chunks: Chunk[] = []
  /** The labels of chunks of which something was shown, as lists. */
  private labels = new Map<number, string[]>()
  /** Where each id stands (chunk x 500 + row); made when much changes at once. */
  private slots: Map<string, number> | null = null
  private groupRows: GroupRow[] = []
  private classes = new Map<string, TaxClassRow>()
  /** By location, then chunk: what lies there; NaN where it is not counted. */
  private stocks = new Map<string, Float64Array[]>()
  private changedChunks = new Set<number>()
  private changedStocks = new Set<string>()
  private soldOften = new Map<string, number>()
  private gone = 0
  /** The first places by name, as the till shows them when nothing is typed; empty when items changed. */
  private first: number[] = []
  /** Where this till sells from. */
  locationId: string | null = null
  /** The latest moment that the server named, in milliseconds: by a clock that was set back it is no earlier. */
  toldMs = 0
  private nowMs = (): number => Math.max(Date.now(), this.toldMs)
  /** Rises with each change. */
  version = 0

  get size(): number {
    return this.rows - this.gone
  }

  private get rows(): number {
    const last = this.chunks.at(-1)
    return last ? (this.chunks.length - 1) * CHUNK_ROWS + last.rows : 0
  }

  /** Take over what was read from the device, or what another shelf holds. */
  fill(chunks: Chunk[], stocks: Map<string, Float64Array[]>): void {
    this.chunks = chunks
    this.labels.clear()
    this.slots = null
    this.first = []
    this.stocks = stocks
    this.gone = chunks.reduce((sum, chunk) => sum + chunk.flags.filter((_, place) => isGone(chunk, place)).length, 0)
    this.changedChunks.clear()
    this.changedStocks.clear()
    this.version += 1
  }

  /** Take another shelf's goods in place of this one's; groups and tax classes stay until they are read anew. */
  takeOver(other: Shelf): void {
    this.fill(other.chunks, other.stocks)
    this.toldMs = other.toldMs
  }

  /** Find what is sold by words of its name, sku or barcode; the best first. Without text: everything by name. `offset` and
   * `limit` cut the list; 24 unless told. */
  search(text: string, options: { groupId?: string; limit?: number; offset?: number } = {}): Item[] {
    const { groupId, limit = 24, offset = 0 } = options
    const groups = groupId ? this.within(groupId) : null
    const words = fold(text)
    const found = words || groups ? findIn(this.chunks, words, groups, offset + limit) : this.firstOnes(offset + limit)
    return found.slice(offset).map((slot) => this.itemIn(slot))
  }

  private firstOnes(count: number): number[] {
    if (this.first.length < Math.min(count, this.size)) this.first = findIn(this.chunks, '', null, count)
    return this.first.slice(0, count)
  }

  byBarcode(code: string): Item | undefined {
    const wanted = code.trim()
    for (const [turn, chunk] of this.chunks.entries()) {
      const place = wanted ? placeOfBarcode(chunk, wanted) : -1
      if (place >= 0) return this.itemIn(turn * CHUNK_ROWS + place)
    }
    return undefined
  }

  item(id: string): Item | undefined {
    const slot = this.slotOf(id)
    return slot === undefined ? undefined : this.itemIn(slot)
  }

  /** What is sold with one tap: what was chosen for it, then what was sold most here in the last days. */
  favourites(limit: number): Item[] {
    const chosen: number[] = []
    for (const [turn, chunk] of this.chunks.entries()) {
      for (let place = 0; place < chunk.rows; place += 1) {
        if (isFavourite(chunk, place)) chosen.push(turn * CHUNK_ROWS + place)
      }
    }
    const often = [...this.soldOften].sort((one, other) => other[1] - one[1])
    const slots = new Set([...chosen, ...often.map(([id]) => this.slotOf(id)).filter((slot) => slot !== undefined)])
    return [...slots].map((slot) => this.itemIn(slot)).filter((item) => item.active).slice(0, limit)
  }

  /** Learn how often items were sold here, by their ids. */
  learn(soldOften: Map<string, number>): void {
    this.soldOften = soldOften
    this.version += 1
  }

  groups(): GroupRow[] {
    return this.groupRows
  }

  taxClass(id: string): TaxClassRow | undefined {
    return this.classes.get(id)
  }

  taxClasses(): TaxClassRow[] {
    return [...this.classes.values()]
  }

  setGroups(rows: readonly GroupRow[]): void {
    this.groupRows = [...rows].sort((one, other) => one.position - other.position || (one.name < other.name ? -1 : 1))
    this.version += 1
  }

  setTaxClasses(rows: readonly TaxClassRow[]): void {
    this.classes = new Map(rows.map((row) => [row.id, row]))
    this.version += 1
  }

  /** Take in new and changed items, and drop those that are gone. */
  apply(rows: readonly ItemRow[], gone: readonly string[], now = this.nowMs()): void {
    const placed = new Map<number, [place: number, row: ItemRow][]>()
    let next = this.rows
    const fresh = new Map<string, number>()
    if (rows.length + gone.length > FEW) this.slots ??= this.allSlots()
    for (const row of rows) {
      let slot = this.slotOf(row.id) ?? fresh.get(row.id)
      if (slot === undefined) fresh.set(row.id, (slot = next++))
      const turn = Math.floor(slot / CHUNK_ROWS)
      const ones = placed.get(turn) ?? []
      ones.push([slot % CHUNK_ROWS, row])
      placed.set(turn, ones)
    }
    for (const [turn, ones] of [...placed].sort((one, other) => one[0] - other[0])) {
      this.replace(turn, placeRows(this.chunks[turn] ?? emptyChunk(), ones, now))
    }
    for (const [id, slot] of fresh) this.slots?.set(id, slot)
    for (const id of gone) this.remove(id)
    this.version += 1
  }

  private remove(id: string): void {
    const slot = this.slotOf(id)
    if (slot === undefined) return
    const turn = Math.floor(slot / CHUNK_ROWS)
    this.replace(turn, removeRows(this.chunks[turn]!, [slot % CHUNK_ROWS]))
    this.slots?.delete(id)
    this.gone += 1
  }

  /** Take in what may be sold where: what lies there less what is put aside. Items that are not known are left out. */
  applyStock(rows: readonly StockRow[]): void {
    if (rows.length > FEW) this.slots ??= this.allSlots()
    for (const row of rows) {
      const slot = this.slotOf(row.variant_id)
      if (slot === undefined) continue
      const turn = Math.floor(slot / CHUNK_ROWS)
      this.stockOf(row.location_id, turn)[slot % CHUNK_ROWS] = row.quantity_milli - (row.reserved_milli ?? 0)
      this.changedStocks.add(`${row.location_id}:${turn}`)
    }
    this.version += 1
  }

  /** Take off what was sold here and the server has not told of yet; it is not kept. */
  takeOff(variantId: string, quantityMilli: number): void {
    const slot = this.slotOf(variantId)
    if (slot === undefined || !this.locationId) return
    const madeOf = this.madeOf(slot)
    if (madeOf) {
      for (const one of madeOf) this.takeOff(one.variant_id, (quantityMilli * one.quantity_milli) / 1000)
      return
    }
    const column = this.stockOf(this.locationId, Math.floor(slot / CHUNK_ROWS))
    column[slot % CHUNK_ROWS]! -= quantityMilli
    this.version += 1
  }

  /** Write what changed into the caller's transaction over `catalogue` and `stock`; `whole`: in place of all that is
   * there. */
  async save(tx: Write, whole = false): Promise<void> {
    if (whole) await Promise.all([tx.objectStore('catalogue').clear(), tx.objectStore('stock').clear()])
    const turns = whole ? this.chunks.keys() : this.changedChunks
    for (const turn of turns) await tx.objectStore('catalogue').put(this.chunks[turn]!, turn)
    for (const [location, columns] of this.stocks) {
      for (const [turn, column] of columns.entries()) {
        const key = `${location}:${turn}`
        if (column && (whole || this.changedStocks.has(key))) await tx.objectStore('stock').put(column, key)
      }
    }
    this.changedChunks.clear()
    this.changedStocks.clear()
  }

  private replace(turn: number, chunk: Chunk): void {
    this.chunks[turn] = chunk
    this.first = []
    this.labels.delete(turn)
    this.changedChunks.add(turn)
  }

  private stockOf(locationId: string, turn: number): Float64Array {
    let columns = this.stocks.get(locationId)
    if (!columns) this.stocks.set(locationId, (columns = []))
    return (columns[turn] ??= new Float64Array(CHUNK_ROWS).fill(Number.NaN))
  }

  private itemIn(slot: number): Item {
    const turn = Math.floor(slot / CHUNK_ROWS)
    const place = slot % CHUNK_ROWS
    const chunk = this.chunks[turn]!
    let labels = this.labels.get(turn)
    if (!labels) this.labels.set(turn, (labels = labelsOf(chunk)))
    return itemAt(chunk, place, labels[place]!, this.stockIn(slot), this.nowMs())
  }

  private madeOf(slot: number): ComponentRow[] | undefined {
    return this.chunks[Math.floor(slot / CHUNK_ROWS)]!.sets?.get(slot % CHUNK_ROWS)
  }

  /** What lies of an item where this till sells; of a set, how many its components are enough for. NaN: not counted. */
  private stockIn(slot: number | undefined): number {
    if (slot === undefined) return Number.NaN
    const enough = this.madeOf(slot)?.map((one) => Math.floor(this.stockIn(this.slotOf(one.variant_id)) / one.quantity_milli))
    if (enough) return Math.min(...enough) * 1000
    return this.stocks.get(this.locationId!)?.[Math.floor(slot / CHUNK_ROWS)]?.[slot % CHUNK_ROWS] ?? Number.NaN
  }

  private slotOf(id: string): number | undefined {
    if (this.slots) return this.slots.get(id)
    for (const [turn, chunk] of this.chunks.entries()) {
      // A match that is not at the beginning of an id goes over the border of two.
      for (let at = chunk.ids.indexOf(id); at >= 0; at = chunk.ids.indexOf(id, at + 1)) {
        if (at % id.length === 0 && !isGone(chunk, at / id.length)) return turn * CHUNK_ROWS + at / id.length
      }
    }
    return undefined
  }

  private allSlots(): Map<string, number> {
    const slots = new Map<string, number>()
    for (const [turn, chunk] of this.chunks.entries()) {
      for (let place = 0; place < chunk.rows; place += 1) {
        if (!isGone(chunk, place)) slots.set(idAt(chunk, place), turn * CHUNK_ROWS + place)
      }
    }
    return slots
  }

  /** A group with all that lie in it. */
  private within(groupId: string): Set<string> {
    const wanted = new Set([groupId])
    for (let before = 0; before < wanted.size; ) {
      before = wanted.size
      for (const group of this.groupRows) if (group.parent_id && wanted.has(group.parent_id)) wanted.add(group.id)
    }
    return wanted
  }
}

/** Read the catalogue from the device. */
export async function loadCatalogue(local: Local): Promise<Shelf> {
  const shelf = new Shelf()
  await readShelf(local, shelf)
  return shelf
}

/** Read the catalogue from the device anew, into the shelf that the screens hold. */
export async function readShelf(local: Local, shelf: Shelf): Promise<void> {
  const tx = local.db.transaction(['catalogue', 'stock', 'groups', 'tax_classes'])
  const [chunks, keys, columns, groups, classes] = await Promise.all([
    tx.objectStore('catalogue').getAll(),
    tx.objectStore('stock').getAllKeys(),
    tx.objectStore('stock').getAll(),
    tx.objectStore('groups').getAll(),
    tx.objectStore('tax_classes').getAll(),
  ])
  const stocks = new Map<string, Float64Array[]>()
  for (const [turn, key] of keys.entries()) {
    const [location = '', chunk = '0'] = key.split(':')
    const known = stocks.get(location) ?? []
    known[Number(chunk)] = columns[turn]!
    stocks.set(location, known)
  }
  shelf.fill(chunks, stocks)
  shelf.setGroups(groups)
  shelf.setTaxClasses(classes)
  shelf.locationId = (await readMeta(local, 'stock_location')) ?? shelf.locationId
  shelf.toldMs = Date.parse((await readMeta(local, 'synced_at')) ?? '') || shelf.toldMs
}

/** Say from which location this device sells, so that its stock is shown. */
export async function sellFrom(local: Local, shelf: Shelf, locationId: string | null): Promise<void> {
  if (shelf.locationId === locationId) return
  shelf.locationId = locationId
  await keeping(local, ['meta'], async (tx) => {
    if (locationId) await tx.objectStore('meta').put(locationId, 'stock_location')
  })
}
