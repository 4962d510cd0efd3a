/** The app's life: how it starts, who enters, what runs while somebody is here, and how they leave. */
import { accessToken, identify, quiet } from '$lib/api/client'
import { Refusal, Unreachable } from '$lib/api/errors'
import type { LoggedInOut } from '$lib/api/generated'
// Here the parts that draw nothing meet what is drawn.
// eslint-disable-next-line no-restricted-imports
import { app } from '$lib/app.svelte'
import { renewLogin } from '$lib/early'
import { language, locale, preferred, setLanguage } from '$lib/i18n'
import { loadCatalogue, readShelf, sellFrom, type Shelf } from '$lib/local/catalogue'
import { openLocal, readMeta } from '$lib/local/db'
import { noteShop } from '$lib/local/device'
import type { Draining } from '$lib/local/drain'
import { drawer } from '$lib/local/drawer'
import { soldOften } from '$lib/local/habits'
import { recordLeftOver, waiting, watchOutbox } from '$lib/local/outbox'
import type { Pulled, Pulling } from '$lib/local/pull'
import { leaveRegister, myRegister, placeOfSale, renewCredential, setUpRegister, withRegister } from '$lib/local/register'
import * as session from '$lib/local/session'
import { askToKeep } from '$lib/local/storage'
import { hear, tell, type Told } from '$lib/local/tabs'
import type { Local, Me, MyRegister } from '$lib/local/types'

/** What runs while somebody is here. */
interface Running {
  local: Local
  shelf: Shelf
  /** Null until the engine is here. */
  pulling: Pulling | null
  stop: () => void
}

const CATALOGUE_KINDS = ['item', 'stock', 'group', 'tax_class']
const ENGINE_AGAIN_MS = 2_000
/** How long news wait for what the first page asked for. */
const QUIET_MS = 2_000

let running: Running | null = null
let firstPage: Promise<unknown> = Promise.resolve()
/** Delivering goes on whoever is logged in: a register's documents need nobody. */
const draining = new Map<string, { local: Local; loop: Draining }>()
let askedToKeep = false

/** Start the app: who was here last is shown at once with what this device holds; everything else comes after it.
 * `page` ends when the first page's code is here. */
export async function start(page: Promise<unknown>): Promise<void> {
  firstPage = page
  identify({
    renew: () => renewLogin((why) => void ended(why)),
    ended: (why) => void ended(why),
    registerCredential: () => app.register?.credential ?? null,
    shopId: session.shopId,
    language,
  })
  app.online = navigator.onLine
  const spoken = preferred()
  const [me] = await Promise.all([session.resume(), spoken === 'en' ? null : setLanguage(spoken, { keep: false })])
  if (me) await enter(me)
  else app.me = null
  hear(heard)
  watchOutbox(outboxChanged)
  listenToTheDevice()
  void watchUpdates().catch(() => undefined)
  if (!me) await deliverForNobody()
}

/** Log in. Gives the shops to choose from where there are several: then `enterShop`. Throws Refusal and Unreachable. */
export async function logIn(words: session.Credentials): Promise<session.LoginResult> {
  return entered(await session.login(words))
}

/** Go on from the answer of a sign-up or an invitation, as after a login. */
export async function takeLogin(answer: LoggedInOut): Promise<session.LoginResult> {
  return entered(await session.takeLogin(answer))
}

/** Enter one of my shops after a login, or change to another one. Throws StillWaiting, Refusal and Unreachable. */
export async function enterShop(shopId: string): Promise<void> {
  const me = await session.changeShop(app.local, shopId)
  await entered({ me, shops: [] })
}

/** Log out. Throws StillWaiting while documents wait that are in no file. */
export async function leave(): Promise<void> {
  await session.logout(app.local, stopRunning)
  gone(null)
  tell({ kind: 'left', farewell: null })
}

/** Make this device a till of a branch. Throws Refusal and Unreachable. */
export async function becomeTill(branchId: string, name: string): Promise<MyRegister> {
  return registered(await setUpRegister(hereOrFail(), branchId, name))
}

/** Give this till a new credential, after the server refused the old one. Throws Refusal and Unreachable. */
export async function renewTill(): Promise<MyRegister> {
  return registered(await renewCredential(hereOrFail()))
}

/** Forget this device's till after it was closed; it can become another one. */
export async function stopBeingTill(): Promise<void> {
  await leaveRegister(hereOrFail())
  app.register = null
  tell({ kind: 'register' })
}

/** Deliver what waits, now. */
export function deliver(): void {
  for (const { loop } of draining.values()) loop.nudge()
}

/** Deliver what waits and ask the server for news, now: pulling to refresh. */
export function syncNow(): void {
  deliver()
  running?.pulling?.nudge()
}

async function entered(result: session.LoginResult): Promise<session.LoginResult> {
  if (result.me) {
    app.farewell = null
    await enter(result.me)
    tell({ kind: 'entered' })
  }
  return result
}

async function enter(me: Me): Promise<void> {
  stopRunning()
  const local = draining.get(me.shop_id)?.local ?? (await openLocal(me.shop_id, () => location.reload()))
  const [register, open, shelf] = await Promise.all([myRegister(local), drawer(local), loadCatalogue(local)])
  shelf.locationId = register?.locationId || shelf.locationId
  app.local = local
  app.catalogue = shelf
  app.register = register
  app.drawer = open
  app.seller = null
  app.me = me
  run(local, shelf)
}

function run(local: Local, shelf: Shelf): void {
  const mine: Running = { local, shelf, pulling: null, stop: () => undefined }
  running = mine
  void keepRunning(mine)
}

/** Begin to hear, pull and deliver. What this device can show already is shown before, */
async function keepRunning(mine: Running): Promise<void> {
  const { local, shelf } = mine
  // and what the page asks for comes before news.
  if (shelf.size > 0) await firstPage.then(painted).then(() => quiet(QUIET_MS)).then(painted)
  // With nothing to show yet, what is asked first comes while the engine is on its way.
  else void accessToken().catch(() => null)
  const { startLive, startPulling } = await engine()
  if (running !== mine) return
  const pulling = startPulling(local, shelf, {
    registerId: () => app.register?.id ?? null,
    onProgress: (share) => (app.loading = share < 1 ? share : null),
    onPage: () => (app.changed += 1),
    onDone: (pulled) => void pulledNow(local, shelf, pulled),
    onFailure: (failure) => {
      app.loading = null
      if (failure instanceof Unreachable) app.online = false
    },
  })
  const deaf = startLive(local.shopId, {
    onChange: () => pulling.nudge(),
    onReplaced: ({ code, message, device, at }) => void ended(new Refusal(code, message, 401, {}, { device, at })),
  })
  mine.pulling = pulling
  mine.stop = () => (pulling.stop(), deaf())
  void withRegister(local, () => recordLeftOver(local)).then(() => keepDelivering(local))
  void noteShop(local.shopId)
  void counts(local)
  void soldOften(local).then((often) => shelf.learn(often))
  void whoAmI(local)
}

/** Fetch the engine; on a network that comes and goes, until it is here. */
async function engine(): Promise<typeof import('$lib/engine')> {
  for (;;) {
    try {
      return await import('$lib/engine')
    } catch {
      await new Promise((done) => setTimeout(done, ENGINE_AGAIN_MS))
    }
  }
}

/** Wait until what was drawn is seen. A page in the background is not painted, so it is not waited for long. */
async function painted(): Promise<void> {
  await new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done))
    setTimeout(done, 500)
  })
}

async function whoAmI(local: Local): Promise<void> {
  try {
    const me = await session.validate()
    if (running?.local === local && me.shop_id === local.shopId) app.me = me
  } catch (failure) {
    // Offline what was known last counts; an ended login is told to `ended`.
    if (failure instanceof Unreachable) app.online = false
  }
}

async function pulledNow(local: Local, shelf: Shelf, pulled: Pulled): Promise<void> {
  app.online = navigator.onLine // an answer may come in after the network went
  if (pulled.elsewhere) return
  if (pulled.kinds.includes('branch') || pulled.kinds.includes('register')) await ownThings(local)
  await sellFrom(local, shelf, await placeOfSale(local, app.register, app.me?.branch_id ?? null))
  await counts(local)
  if (pulled.kinds.length) {
    app.changed += 1
    tell({ kind: 'pulled', kinds: pulled.kinds })
  }
}

async function counts(local: Local): Promise<void> {
  const [wait, syncedAt, exceptions, unread] = await Promise.all([
    waiting(local), readMeta(local, 'synced_at'), readMeta(local, 'exceptions'), readMeta(local, 'unread'),
  ])
  app.waiting = wait
  app.syncedAt = syncedAt ?? null
  app.exceptions = exceptions ?? 0
  app.unread = unread ?? 0
}

async function ownThings(local: Local): Promise<void> {
  const [register, open] = await Promise.all([myRegister(local), drawer(local)])
  app.register = register
  app.drawer = open
}

async function keepDelivering(local: Local): Promise<void> {
  const { startDraining } = await engine()
  const known = draining.get(local.shopId)
  if (known) return known.loop.nudge()
  const loop = startDraining(local, () => void counts(local).then(() => (app.changed += 1)))
  draining.set(local.shopId, { local, loop })
}

async function deliverForNobody(): Promise<void> {
  const { shopsThatWait } = await engine()
  for (const local of await shopsThatWait()) {
    if (running?.local.shopId === local.shopId || draining.has(local.shopId)) local.db.close()
    else await keepDelivering(local)
  }
}

function outboxChanged(): void {
  const local = running?.local
  if (!local) return
  if (!askedToKeep) void askToKeep().catch(() => false)
  askedToKeep = true
  void counts(local)
  void ownThings(local).then(() => (app.changed += 1))
  tell({ kind: 'outbox' })
  void keepDelivering(local)
}

/** The server ended the login: another device took over, or the person was suspended. What was sold here stays, and is
 * still delivered; what came from the server is wiped. */
async function ended(why: Refusal): Promise<void> {
  if (app.me === null) return
  const local = app.local
  const farewell = farewellOf(why)
  gone(farewell)
  tell({ kind: 'left', farewell })
  await session.forget(local, false)
}

/** Why the login ended, with the moment as people here write it. */
function farewellOf(why: Refusal): string {
  const { at } = why.details
  if (typeof at !== 'string') return why.message
  const moment = new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at))
  return why.message.replace(at, moment)
}

function gone(farewell: string | null): void {
  stopRunning()
  app.farewell = farewell
  app.local = app.catalogue = app.register = app.drawer = app.seller = null
  app.loading = null
  app.me = null
}

function stopRunning(): void {
  running?.stop()
  running = null
}

async function registered(register: MyRegister): Promise<MyRegister> {
  app.register = register
  tell({ kind: 'register' })
  syncNow()
  return register
}

function hereOrFail(): Local {
  if (!app.local) throw new Error('Nobody is logged in.')
  return app.local
}

async function heard(told: Told): Promise<void> {
  if (told.kind === 'left') {
    if (app.me) gone(told.farewell)
    await session.forget(null, false)
  }
  if (told.kind === 'entered' && !app.me) location.reload()
  const here = running
  if (!here) return
  if (told.kind === 'pulled') {
    if (told.kinds.some((kind) => CATALOGUE_KINDS.includes(kind))) await readShelf(here.local, here.shelf)
    await counts(here.local)
    app.changed += 1
  }
  if (told.kind === 'outbox' || told.kind === 'register') {
    await Promise.all([counts(here.local), ownThings(here.local)])
    app.changed += 1
  }
}

async function watchUpdates(): Promise<void> {
  const update = await import('$lib/update')
  await update.watchUpdates(() => (app.updateWaiting = true))
}

function listenToTheDevice(): void {
  addEventListener('online', () => {
    app.online = true
    syncNow()
  })
  addEventListener('offline', () => (app.online = false))
  addEventListener('focus', syncNow)
  addEventListener('appinstalled', () => void askToKeep().catch(() => false))
  navigator.serviceWorker?.addEventListener('message', (event) => {
    if ((event.data as { type?: string } | null)?.type === 'DRAIN') syncNow()
  })
}
