/** What a change of many prices was asked for, read back from what the server keeps of it. */
import type { PriceChangeOut } from '$lib/api/generated'

export interface Asked {
  /** Which items: what names the words, and the name that goes into them. */
  which: { kind: 'everything' | 'group' | 'brand' | 'text' | 'chosen'; name: string; n: number }
  percentBp: number
  amountMinor: number
  roundToMinor: number
  endingMinor: number
}

/** Read what was asked; null for a change that takes another one back. `groupName` names a group by its id. */
export function askedOf(change: Pick<PriceChangeOut, 'asked' | 'undoes_id'>, groupName: (id: string) => string): Asked | null {
  if (change.undoes_id) return null
  const { group_ids: groups, variant_ids: variants, brand, q, percent_bp, amount, round_to, ending } = change.asked as Partial<{
    group_ids: string[] | null
    variant_ids: string[] | null
    brand: string | null
    q: string | null
    percent_bp: number
    amount: number
    round_to: number
    ending: number
  }>
  const which: Asked['which'] = groups?.length
    ? { kind: 'group', name: groupName(groups[0]!), n: groups.length }
    : brand
      ? { kind: 'brand', name: brand, n: 1 }
      : q
        ? { kind: 'text', name: q, n: 1 }
        : variants?.length
          ? { kind: 'chosen', name: '', n: variants.length }
          : { kind: 'everything', name: '', n: 0 }
  return { which, percentBp: percent_bp ?? 0, amountMinor: amount ?? 0, roundToMinor: round_to ?? 1, endingMinor: ending ?? 0 }
}
