/** How safely this device keeps what is written to it, and how to notice that it did not. */
const REGISTER_MARK = 'duka-register-'

/** Ask the browser not to throw this app's data away. Call it after the first sale or when the app is installed: asked
 * too early, browsers say no. Says whether the data is safe. */
export async function askToKeep(): Promise<boolean> {
  const storage = globalThis.navigator?.storage
  if (!storage?.persist) return false
  return (await storage.persisted()) || (await storage.persist())
}

export interface Space {
  usedBytes: number
  leftBytes: number
  /** The browser promised not to throw the data away. */
  kept: boolean
  /** So little is left that selling may soon fail. */
  short: boolean
}

const SHORT_BYTES = 20_000_000

/** Say how much space there is; null where the browser does not tell. */
export async function space(): Promise<Space | null> {
  const storage = globalThis.navigator?.storage
  if (!storage?.estimate) return null
  const { quota = 0, usage = 0 } = await storage.estimate()
  const left = Math.max(0, quota - usage)
  return { usedBytes: usage, leftBytes: left, kept: (await storage.persisted?.()) ?? false, short: left < SHORT_BYTES }
}

/** Note outside the database that this device is a till, so that its loss is noticed. */
export function markRegister(shopId: string, code: string): void {
  try {
    globalThis.localStorage?.setItem(REGISTER_MARK + shopId, code)
  } catch {
    // Without it a loss is not told; everything else works.
  }
}

/** The code of the till that this device was in a shop, where its database is gone with what it had not delivered;
 * null when all is well. `hasRegister`: whether the database still has a register. */
export function lostRegister(shopId: string, hasRegister: boolean): string | null {
  try {
    return hasRegister ? null : (globalThis.localStorage?.getItem(REGISTER_MARK + shopId) ?? null)
  } catch {
    return null
  }
}

/** The loss was told to a person. */
export function forgetLoss(shopId: string): void {
  try {
    globalThis.localStorage?.removeItem(REGISTER_MARK + shopId)
  } catch {
    // It is told again next time.
  }
}

interface SyncRegistration {
  sync?: { register(tag: string): Promise<void> }
}

export const SYNC_TAG = 'duka-drain'

/** Ask the browser to wake the app when there is a network again, also when it is closed by then. Chromium only. */
export async function askToBeWoken(): Promise<void> {
  const workers = globalThis.navigator?.serviceWorker
  if (!workers?.controller) return
  try {
    await ((await workers.ready) as SyncRegistration).sync?.register(SYNC_TAG)
  } catch {
    // Not allowed here: the open app delivers by itself.
  }
}
