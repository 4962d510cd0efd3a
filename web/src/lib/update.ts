/** Newer versions of the app: fetched in the background, taken up only when told, between sales. */

const LOOK_MS = 3_600_000
const QUIET_MS_MAX = 5_000
const WORKER = '/sw.js'

interface ScriptPolicies {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): {
    createScriptURL(address: string): unknown
  }
}

/** The service worker's address in the form that the page's Trusted Types policy lets through; no other address is. */
function workerAddress(): string {
  const types = (globalThis as { trustedTypes?: ScriptPolicies }).trustedTypes
  if (!types) return WORKER
  const policy = types.createPolicy('duka', {
    createScriptURL(address) {
      if (address !== WORKER) throw new TypeError(`Not the app's own script: ${address}`)
      return address
    },
  })
  return policy.createScriptURL(WORKER) as string
}

/** Register the service worker and look for newer versions each hour. `onWaiting` hears when one waits. Addresses without
 * TLS have no service worker: then nothing happens. */
export async function watchUpdates(onWaiting: () => void): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  await quiet()
  const registration = await navigator.serviceWorker.register(workerAddress(), { type: 'classic' })
  const tellIfWaiting = (): void => {
    // The first version has none before it: it serves at once and nothing waits.
    if (registration.waiting && navigator.serviceWorker.controller) onWaiting()
  }
  tellIfWaiting()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', tellIfWaiting)
  })
  setInterval(() => void registration.update().catch(() => undefined), LOOK_MS)
}

/** Wait until the page stands: fetching the whole app for later must not slow down what is shown now. */
async function quiet(): Promise<void> {
  if (document.readyState !== 'complete') await new Promise((done) => addEventListener('load', done, { once: true }))
  const idle = globalThis.requestIdleCallback as typeof requestIdleCallback | undefined
  if (idle) await new Promise((done) => idle(done, { timeout: QUIET_MS_MAX }))
}

/** Let the waiting version take over, and load the page anew from it. Call it between sales only. */
export async function takeUpdate(): Promise<void> {
  const waiting = (await navigator.serviceWorker?.getRegistration())?.waiting
  if (!waiting) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage({ type: 'SKIP_WAITING' })
}
