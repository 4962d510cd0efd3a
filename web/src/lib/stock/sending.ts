/** Which pieces leave with a line, as somebody scans or types them. */
import type { TransferLineIn } from '$lib/api/generated'
import { serialsIn } from '$lib/catalog/sets'
import type { Item } from '$lib/local/types'

/** Read what was typed for goods that are not all alike: serial numbers one after the other, or one batch for the whole
 * line. Nothing for goods that are. */
export function pieces(typed: string, tracking: Item['tracking']): Pick<TransferLineIn, 'serials' | 'batches'> {
  if (tracking === 'serial') return { serials: serialsIn(typed) }
  const number = typed.trim()
  return tracking === 'batch' && number ? { batches: [{ number }] } : {}
}
