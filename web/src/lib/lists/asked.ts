/** What a list's address asks for: its words after `?` as filters, and back. */

/** Read the filters out of an address: only the named ones, and only those that say something. */
export function filtersIn(search: URLSearchParams, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (search.get(name) ? [[name, search.get(name)!] as const] : [])))
}

/** The words to put into the address for these filters; those that are off are cleared. */
export function wordsFor(
  names: readonly string[], now: { search: string; values: Record<string, string> },
): Record<string, string | null> {
  const words = Object.fromEntries(names.map((name) => [name, now.values[name] || null]))
  return { ...words, q: now.search || null }
}

/** Read an amount of the address, minor units; null where it says none. */
export function amountIn(values: Record<string, string>, name: string): number | null {
  const value = Number(values[name])
  return values[name] && Number.isSafeInteger(value) ? value : null
}
