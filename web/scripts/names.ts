/** Python's names and the app's: the tests send the same values to both. */

/** Write every key as the app does: `net_minor` -> `netMinor`. The caller says what it expects to find. */
export function camel<T>(value: unknown): T {
  return renamed(value, (key) => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())) as T
}

/** Write every key as Python does: `netMinor` -> `net_minor`. */
export function snake(value: unknown): unknown {
  return renamed(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

function renamed(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, found]) => [name(key), renamed(found, name)]))
}
