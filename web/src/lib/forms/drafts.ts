/** What was typed into a form and not saved yet, kept while the tab is open. */
const PREFIX = 'draft:'

/** Keep a form's values under a name; a value that cannot be kept is let go. */
export function keepDraft(name: string, values: unknown): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(values))
  } catch {
    // No space, or storage is switched off: the form itself still holds what was typed.
  }
}

/** Give what was kept, or null. */
export function readDraft<T>(name: string): T | null {
  try {
    const text = sessionStorage.getItem(PREFIX + name)
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

/** Let what was kept go on from a newer version of the thing, whose change does not concern what was typed. */
export function carryDraft(name: string, version: number): void {
  const kept = readDraft<{ values: unknown }>(name)
  if (kept) keepDraft(name, { ...kept, version })
}

/** Forget what was kept: it is saved, or not wanted. */
export function dropDraft(name: string): void {
  try {
    sessionStorage.removeItem(PREFIX + name)
  } catch {
    // Nothing was kept then.
  }
}

/** Forget all that was kept: somebody else comes to this screen. */
export function dropDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key)
  } catch {
    // Nothing was kept then.
  }
}
