/** Newer versions of the app: fetched in the background, taken up only when told, between sales. */

const LOOK_MS = 3_600_000

/** Register the service worker and look for newer versions each hour. `onWaiting` hears when one waits. Addresses without
 * TLS have no service worker: then nothing happens. */
export async function watchUpdates(onWaiting: () => void): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const registration = await navigator.serviceWorker.register('/sw.js', { type: 'classic' })
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

/** Let the waiting version take over, and load the page anew from it. Call it between sales only. */
export async function takeUpdate(): Promise<void> {
  const waiting = (await navigator.serviceWorker?.getRegistration())?.waiting
  if (!waiting) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage({ type: 'SKIP_WAITING' })
}
