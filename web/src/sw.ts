/** The service worker: the app starts from this device, without a network too, and delivers when it is closed. */
import { addPlugins, matchPrecache, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching'

import { drainAll } from './lib/local/background'

/** Of the browser's worker only what is used here: its own types clash with those of pages. */
interface Worker {
  __WB_MANIFEST: (PrecacheEntry | string)[]
  clients: { claim(): Promise<void>; matchAll(which: { type: 'window' }): Promise<{ postMessage(told: unknown): void }[]> }
  skipWaiting(): Promise<void>
  addEventListener(type: string, heard: (event: WorkerEvent) => void): void
}

interface WorkerEvent {
  data?: { type?: string }
  tag?: string
  request: Request
  waitUntil(work: Promise<unknown>): void
  respondWith(answer: Promise<Response>): void
}

declare const self: Worker

const SHELL = '/index.html'
/** Parts of the app that are fetched when they are first used, such as the barcode reader. */
const PARTS = 'duka-parts'
const SYNC_TAG = 'duka-drain'

// A page of another kind is never kept in a file's place: whoever asked for the file would keep it for ever.
addPlugins([{ cacheWillUpdate: async ({ request, response }) => (isFile(request, response) ? response : null) }])
precacheAndRoute(self.__WB_MANIFEST, { cleanURLs: false, directoryIndex: '' })

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return
  // A word with an ending is a file that somebody opens by itself, no page of the app.
  if (request.mode === 'navigate' && !/\.\w+$/.test(url.pathname)) event.respondWith(shell(request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(part(request))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.delete(PARTS).then(() => self.clients.claim()))
})

self.addEventListener('message', (event) => {
  if (event.data?.type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting())
})

self.addEventListener('sync', (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(wake())
})

async function shell(request: Request): Promise<Response> {
  return (await matchPrecache(SHELL)) ?? fetch(request)
}

/** A part that is not precached: from this device, else fetched and kept. A missing one is answered as missing. */
async function part(request: Request): Promise<Response> {
  const known = await caches.match(request)
  if (known) return known
  const answer = await fetch(request)
  if (answer.ok && isFile(request, answer)) await (await caches.open(PARTS)).put(request, answer.clone())
  return answer
}

function isFile(request: Request, answer: Response): boolean {
  const isPage = (answer.headers.get('Content-Type') ?? '').startsWith('text/html')
  return answer.status === 200 && (!isPage || new URL(request.url).pathname === SHELL)
}

/** The network is back: an open app delivers by itself, else it is done here. Throwing has the browser try again. */
async function wake(): Promise<void> {
  const open = await self.clients.matchAll({ type: 'window' })
  for (const client of open) client.postMessage({ type: 'DRAIN' })
  if (!open.length && (await drainAll())) throw new Error('Some documents still wait.')
}
