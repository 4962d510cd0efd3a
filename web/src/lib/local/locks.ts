/** One thing at a time, across all tabs of the app where the browser can tell them apart. */
const chains = new Map<string, Promise<unknown>>()

/** Do a work while nobody else with the same name does. Without Web Locks it waits for its own tab only. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks
  if (locks) return (await locks.request(name, work)) as T
  const before = chains.get(name) ?? Promise.resolve()
  const mine = before.then(work, work)
  chains.set(name, mine.catch(() => undefined))
  return mine
}

/** Do a work if nobody else with the same name does; say whether it was done. */
export async function ifFree(name: string, work: () => Promise<void>): Promise<boolean> {
  const locks = globalThis.navigator?.locks
  if (!locks) {
    await alone(name, work)
    return true
  }
  return (await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work()
    return lock !== null
  })) as boolean
}

/** Wait until nobody does the work with this name any more. Ends with an AbortError when `signal` says so. */
export async function onceFree(name: string, signal: AbortSignal): Promise<void> {
  const locks = globalThis.navigator?.locks
  if (locks) await locks.request(name, { signal }, async () => undefined)
  else await chains.get(name)
}
