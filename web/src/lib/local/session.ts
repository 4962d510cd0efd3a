/** Who is logged in on this device: logging in and staying so, also without a network, and leaving nothing behind. */
import { call, forgetLogin, loggedIn, tellFirst } from '$lib/api/client'
import { Refusal, TooManyRequests } from '$lib/api/errors'
import type { LoggedInOut, PlaceOut, TokensOut, WhoOut } from '$lib/api/generated'
import { dropDrafts } from '$lib/forms/drafts'
import { dropSavedFilters } from '$lib/lists/saved-filters'
import { newId } from '$lib/uuid'

import { openLocal, PULLED, writing } from './db'
import { installationId, keepValue, readValue } from './device'
import { alone } from './locks'
import { queued } from './outbox'
import type { Local, Me } from './types'

/** Documents wait on this device: deliver them, or write them to a file, before logging out or changing shop. */
export class StillWaiting extends Error {
  constructor(readonly count: number) {
    super(`${count} documents still wait to be sent. Send them now, or save them to a file, before you leave.`)
    this.name = 'StillWaiting'
  }
}

export interface Credentials {
  login: string
  password: string
  country?: string
  remember?: boolean
}

/** How a login ended: `me` where the shop is clear, else the shops to choose from. */
export interface LoginResult {
  me: Me | null
  shops: PlaceOut[]
}

let shopChosen: string | null = null

/** The shop that requests are about; null until one is entered. */
export function shopId(): string | null {
  return shopChosen
}

/** What a login, sign-up or invitation sends beside its own words, so that the login belongs to this installation. */
export async function deviceWords(): Promise<{ device_id: string; device_name: string; cookie: true }> {
  return { device_id: await installationId(), device_name: deviceName(), cookie: true }
}

function deviceName(): string {
  const agent = globalThis.navigator?.userAgent ?? ''
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'CrOS', 'Linux'].find((name) => agent.includes(name))
  const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((name) => agent.includes(name))
  const known = { Edg: 'Edge', OPR: 'Opera' }[browser ?? ''] ?? browser
  return [known, system].filter(Boolean).join(', ') || 'Duka'
}

/** Log in by phone or e-mail and password. Throws Refusal and Unreachable. */
export async function login(words: Credentials): Promise<LoginResult> {
  const body = { ...words, ...(await deviceWords()) }
  const { data } = await call<LoggedInOut>('POST', '/api/auth/login', { body, as: 'nobody' })
  return takeLogin(data)
}

/** Go on from the answer of a login, a sign-up or an invitation: where there is one shop, it is entered. */
export async function takeLogin(answer: LoggedInOut): Promise<LoginResult> {
  loggedIn(answer.access_token, answer.expires_in)
  await keepValue('refresh_request', undefined)
  const open = answer.shops.filter((place) => place.status === 'active')
  return { me: open.length === 1 ? await enterShop(open[0]!.shop_id) : null, shops: answer.shops }
}

/** Enter a shop of mine; from now on requests are about it. Throws Refusal and Unreachable. */
export async function enterShop(id: string): Promise<Me> {
  shopChosen = id
  return validate()
}

/** Give who was logged in here last, at once and without a network; null when nobody is. Whether the login still
 * stands shows at the first request. */
export async function resume(): Promise<Me | null> {
  const me = (await readValue('me')) ?? null
  await payLogout()
  if (me) shopChosen = me.shop_id
  return me
}

/** Ask the server who I am and what I may do, and keep it for starts without a network. */
export async function validate(): Promise<Me> {
  const { data } = await call<WhoOut>('GET', '/api/auth/validate')
  const me: Me = {
    account_id: data.account?.id ?? '', shop_id: data.shop.id, staff_id: data.staff_id ?? '', name: data.staff_name,
    role: data.role ?? '', preset: data.preset, branch_id: data.branch_id, permissions: data.permissions,
    discount_ceiling_bp: data.discount_ceiling_bp, language: data.account?.language ?? 'en', shop: data.shop,
  }
  await keepValue('me', me)
  return me
}

export function may(me: Me | null | undefined, permission: string): boolean {
  return me != null && permission in me.permissions
}

/**
 * Get the next access token by the cookie. One tab at a time, as each refresh spends the cookie; an answer that got
 * lost is asked for again by the same id. Gives null when nobody is logged in, and Refusal to `ended` when the server
 * ended the login. Throws Unreachable.
 */
export async function renew(ended: (why: Refusal) => void): Promise<{ token: string; expiresIn: number } | null> {
  return alone('duka-refresh', async () => {
    if (!shopChosen && !(await readValue('me'))) return null
    const requestId = (await readValue('refresh_request')) ?? newId()
    await keepValue('refresh_request', requestId)
    try {
      const { data } = await call<TokensOut>('POST', '/api/auth/refresh', {
        body: { request_id: requestId }, as: 'nobody', headers: { 'X-Requested-With': 'duka' },
      })
      await keepValue('refresh_request', undefined)
      return { token: data.access_token, expiresIn: data.expires_in }
    } catch (failure) {
      if (!(failure instanceof Refusal)) throw failure
      await keepValue('refresh_request', undefined)
      if (failure.status !== 401) throw failure
      ended(failure)
      return null
    }
  })
}

/** How many documents would be left behind: those that wait and are in no file. */
export async function leftBehind(local: Local): Promise<number> {
  return (await queued(local)).filter((item) => !item.exportedAt).length
}

/** Log out and wipe what this device holds of the shop's people. Without a network it is wiped as well; the server is told
 * as soon as it answers, before anything else is asked of it, and until then nobody gets in by the old login. `leaving` is
 * called before it is wiped: what writes here has to end. Throws StillWaiting while documents wait that are in no file. */
export async function logout(local: Local | null, leaving: () => void = () => undefined): Promise<void> {
  const count = local ? await leftBehind(local) : 0
  if (count) throw new StillWaiting(count)
  // Noted before it is tried: whatever ends the app meanwhile, the server is told.
  await keepValue('logout_owed', true)
  await tellLogout().catch(() => undefined)
  leaving()
  await forget(local, true)
}

/** Tell the server that who was here logged out, by the cookie. Throws what the client throws while that is not settled. */
async function tellLogout(): Promise<void> {
  // Meanwhile another tab may have told it.
  if (!(await readValue('logout_owed'))) return tellFirst(null)
  try {
    await call('POST', '/api/auth/logout', { headers: { 'X-Requested-With': 'duka' }, body: {}, as: 'nobody', first: true })
  } catch (failure) {
    // Any other no means that there is no such login any more.
    const settled = failure instanceof Refusal && !(failure instanceof TooManyRequests) && failure.status < 500
    if (!settled) throw failure
  }
  await keepValue('logout_owed', undefined)
  tellFirst(null)
}

/** See to it that a logout the server does not know of yet is told first, and at once where there is a network. */
async function payLogout(): Promise<void> {
  if (!(await readValue('logout_owed'))) return
  const told = (): Promise<void> => alone('duka-logout', tellLogout)
  tellFirst(told)
  const tryIt = (): void => void told().catch(() => globalThis.addEventListener?.('online', tryIt, { once: true }))
  tryIt()
}

/** Change to another shop of mine. Throws StillWaiting as `logout` does, Refusal and Unreachable. */
export async function changeShop(local: Local | null, id: string): Promise<Me> {
  const count = local ? await leftBehind(local) : 0
  if (count) throw new StillWaiting(count)
  return enterShop(id)
}

/**
 * Forget who was logged in and wipe what came from the server, of every shop on this device. The outbox, the numbers and
 * the register's credential stay: what was sold here is still delivered. `carts`: also what was begun, carts and forms,
 * and the lists' saved filters, since somebody else may come next.
 */
export async function forget(local: Local | null, carts: boolean): Promise<void> {
  forgetLogin()
  shopChosen = null
  await keepValue('me', undefined)
  await keepValue('refresh_request', undefined)
  if (carts) {
    dropDrafts()
    dropSavedFilters()
  }
  if (local) await wipe(local, carts)
  // Whoever works in several shops may have been in others before this one.
  for (const id of (await readValue('shops')) ?? []) {
    if (id === local?.shopId) continue
    const other = await openLocal(id)
    await wipe(other, carts)
    other.db.close()
  }
  await payLogout()
}

async function wipe(local: Local, carts: boolean): Promise<void> {
  await writing(local, [...PULLED, 'working', 'seen', 'meta'], async (tx) => {
    for (const store of PULLED) if (store !== 'sales') await tx.objectStore(store).clear()
    // What is not delivered yet keeps its receipt.
    for (const sale of await tx.objectStore('sales').getAll()) {
      if (sale.delivery === 'delivered') await tx.objectStore('sales').delete(sale.id)
    }
    await tx.objectStore('seen').clear()
    if (carts) await tx.objectStore('working').clear()
    // How often a PIN was tried stays: logging in anew gives nobody more tries.
    for (const name of ['cursor', 'synced_at', 'exceptions', 'unread', 'logo']) await tx.objectStore('meta').delete(name)
  })
}
