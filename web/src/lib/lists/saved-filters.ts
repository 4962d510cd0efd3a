/** The filters that a person saved for their lists: on this device, for their account alone, until they log out. */
const PREFIX = 'duka.filters.'
const SAVED_MAX = 20

export interface Choice {
  search: string
  values: Record<string, string>
}

export type SavedFilter = Choice & { name: string }

/** Give what an account saved for a list. */
export function savedFilters(accountId: string, list: string): SavedFilter[] {
  try {
    return JSON.parse(localStorage.getItem(keyOf(accountId, list)) ?? '[]') as SavedFilter[]
  } catch {
    return []
  }
}

/** Keep these as what an account saved for a list; the oldest beyond 20 go. Gives what was kept. */
export function saveFilters(accountId: string, list: string, filters: readonly SavedFilter[]): SavedFilter[] {
  const kept = filters.slice(-SAVED_MAX)
  try {
    localStorage.setItem(keyOf(accountId, list), JSON.stringify(kept))
  } catch {
    // No space, or storage is switched off: they last as long as the page.
  }
  return kept
}

/** Forget all saved filters: they can hold names that were searched for, and somebody else comes next. */
export function dropSavedFilters(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key)
  } catch {
    // Nothing was kept then.
  }
}

function keyOf(accountId: string, list: string): string {
  return `${PREFIX}${accountId}.${list}`
}
