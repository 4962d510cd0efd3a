/** What this device knows of stock, over all the places that the person may see. */
import { CHUNK_ROWS, idAt } from '$lib/local/chunks'
import type { Local } from '$lib/local/types'

export interface Known {
  /** Thousandths, all places together. */
  milli: number
  /** At its product's warning level, or below, all places together. */
  low: boolean
}

/** Sum what lies anywhere of some variants, as last heard; those that are counted nowhere are left out. */
export async function stockEverywhere(local: Local, variantIds: readonly string[]): Promise<Map<string, Known>> {
  const [chunks, turns, columns, keys] = await Promise.all([
    local.db.getAll('catalogue'),
    local.db.getAllKeys('catalogue'),
    local.db.getAll('stock'),
    local.db.getAllKeys('stock'),
  ])
  const byTurn = Map.groupBy(columns.map((column, place) => ({ column, turn: Number(keys[place]!.split(':')[1]) })), (each) => each.turn)
  const known = new Map<string, Known>()
  for (const id of variantIds) {
    for (const [order, chunk] of chunks.entries()) {
      const place = placeOf(chunk, id)
      if (place < 0) continue
      const counted = (byTurn.get(turns[order]!) ?? []).map(({ column }) => column[place] ?? NaN).filter(Number.isFinite)
      if (counted.length === 0) break
      const milli = counted.reduce((sum, each) => sum + each, 0)
      known.set(id, { milli, low: milli <= (chunk.minStocks[place] ?? 0) })
      break
    }
  }
  return known
}

function placeOf(chunk: Parameters<typeof idAt>[0], id: string): number {
  const at = chunk.ids.indexOf(id)
  const place = at / id.length
  return at >= 0 && place < CHUNK_ROWS && idAt(chunk, place) === id ? place : -1
}
