import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { accessToken, call, identify } from '$lib/api/client'
import { Refusal, Unreachable } from '$lib/api/errors'
import { keepDraft, readDraft } from '$lib/forms/drafts'

import { readMeta, writeMeta, writing } from './db'
import { keepValue, noteShop, readValue } from './device'
import { put } from './outbox'
import { exportOutbox } from './outbox-file'
import { myRegister } from './register'
import { changeShop, forget, login, logout, may, renew, resume, shopId, StillWaiting } from './session'
import { asTill, freshShop, standIn, type Asked, type Reply, type StandIn } from './testing/stand-in'
import type { Local } from './types'

/** Passwords of files are made slow to guess. */
const SLOW_MS = 30_000

let server: StandIn
let ended: Refusal[]

beforeEach(async () => {
  server = await standIn()
  ended = []
  await forget(null, false)
  identify({
    renew: () => renew((why) => ended.push(why)), ended: (why) => ended.push(why), registerCredential: () => null, shopId,
    language: () => 'en',
  })
})
afterEach(() => server.stop())

const TOKENS = { access_token: 'token-1', expires_in: 900, session_id: 's', device_id: 'd', refresh_token: null }
const PLACE = { shop_id: 'shop-1', status: 'active', name: 'Njeri Phones' }
const WHO = {
  account: { id: 'a1', language: 'sw' }, staff_id: 'st1', staff_name: 'Njeri', role: 'Owner', preset: 'owner',
  branch_id: null, permissions: { 'sales:create': 'shop' }, discount_ceiling_bp: 1000,
  shop: { id: 'shop-1', name: 'Njeri Phones', currency: 'KES', country: 'KE', time_zone: 'Africa/Nairobi' },
}

function house(shops = [PLACE]): (asked: Asked) => Reply {
  return ({ path }) => {
    if (path === '/api/auth/login') return { data: { ...TOKENS, account: WHO.account, shops } }
    if (path === '/api/auth/validate') return { data: WHO }
    if (path === '/api/auth/refresh') return { data: { ...TOKENS, access_token: 'token-2' } }
    return { data: {} }
  }
}

test('a login with one shop enters it, is this installation’s, and is remembered for starts offline', async () => {
  server.answer(house())
  const { me } = await login({ login: '0772 123456', password: 'secret' })
  expect(me).toMatchObject({ staff_id: 'st1', name: 'Njeri', language: 'sw', shop: { currency: 'KES' } })
  const [asked, who] = server.asked
  const sent = JSON.parse(asked?.body ?? '') as Record<string, unknown>
  expect(sent).toMatchObject({ cookie: true, device_id: await readValue('installation_id') })
  expect(who?.headers).toMatchObject({ authorization: 'Bearer token-1', 'x-shop-id': 'shop-1' })
  server.answer(() => ({ cut: true }))
  expect(await resume()).toEqual(me)
  expect([may(me, 'sales:create'), may(me, 'staff:read'), may(null, 'sales:create')]).toEqual([true, false, false])
})

test('with several shops nothing is entered until one is chosen; suspended places do not count', async () => {
  server.answer(house([PLACE, { ...PLACE, shop_id: 'shop-2' }]))
  expect((await login({ login: 'a@b.c', password: 'x' })).me).toBeNull()
  expect((await changeShop(null, 'shop-1')).shop_id).toBe('shop-1')
  server.answer(house([PLACE, { ...PLACE, shop_id: 'shop-2', status: 'suspended' }]))
  expect((await login({ login: 'a@b.c', password: 'x' })).me?.shop_id).toBe('shop-1')
})

test('a lost answer of a refresh is asked for again by the same id', async () => {
  await keepValue('me', WHO as never)
  server.answer(() => ({ cut: true }))
  await expect(renew(() => undefined)).rejects.toBeInstanceOf(Unreachable)
  server.answer(house())
  expect(await renew(() => undefined)).toEqual({ token: 'token-2', expiresIn: 900 })
  await renew(() => undefined)
  const ids = server.asked.map(({ body }) => (JSON.parse(body) as { request_id: string }).request_id)
  expect(ids[0]).toBe(ids[1])
  expect(ids[2]).not.toBe(ids[1])
  expect(server.asked[0]?.headers['x-requested-with']).toBeTruthy()
})

test('one refresh serves all who wait for it', async () => {
  await keepValue('me', WHO as never)
  server.answer(house())
  expect(await Promise.all([accessToken(), accessToken(), accessToken()])).toEqual(['token-2', 'token-2', 'token-2'])
  expect(server.asked).toHaveLength(1)
})

test('nobody who never logged in asks for a token', async () => {
  expect(await renew(() => undefined)).toBeNull()
  expect(server.asked).toHaveLength(0)
})

test('a replaced device is told by whom and when', async () => {
  await keepValue('me', WHO as never)
  const details = { device: 'Safari, iPhone', at: '2026-11-21T10:00:00Z' }
  server.answer(() => ({ status: 401, error: { code: 'SESSION_REPLACED', message: 'You were logged out.', details } }))
  await expect(call('GET', '/api/products')).rejects.toBeInstanceOf(Refusal)
  expect(ended.map(({ code }) => code)).toContain('SESSION_REPLACED')
  expect(ended[0]?.details).toEqual(details)
})

async function shopWithEverything(): Promise<Local> {
  const local = await freshShop()
  await asTill(local)
  await writing(local, ['customers', 'sales', 'outbox', 'heads', 'meta', 'working', 'drawer'], async (tx) => {
    await tx.objectStore('customers').put({ id: 'c1', name: 'Mary', words: ['mary'] } as never)
    const sale = { number: '1', business_date: '2026-11-21', made_at: '', sale: null, mine: null }
    await tx.objectStore('sales').put({ ...sale, id: 'told', delivery: 'delivered' })
    await tx.objectStore('sales').put({ ...sale, id: 's1', delivery: 'waiting' })
    await tx.objectStore('heads').put({ series: 'T1/2627', counter: 4, hash: 'aa' })
    await tx.objectStore('meta').put('c1', 'cursor')
    await tx.objectStore('working').put({ id: 'in-hand', updatedAt: '', content: {} })
    await put(tx, {
      id: 's1', kind: 'sale', method: 'POST', path: '/api/sales', body: '{}', mode: 'record', madeAt: '', label: '',
    })
  })
  return local
}

test('logging out with waiting documents is refused, and possible once they are in a file', async () => {
  const local = await shopWithEverything()
  server.answer(house())
  await expect(logout(local)).rejects.toMatchObject({ name: 'StillWaiting', count: 1 })
  await expect(changeShop(local, 'shop-1')).rejects.toBeInstanceOf(StillWaiting)
  expect(server.asked).toHaveLength(0)
  await exportOutbox(local, 'a long password')
  await logout(local)
  expect(await local.db.count('outbox')).toBe(1)
}, SLOW_MS)

test('what ends a login wipes the people, and keeps what exists nowhere else', async () => {
  const local = await shopWithEverything()
  await keepValue('me', WHO as never)
  const tries = { st2: { count: 6, until: 1_000 } }
  await writeMeta(local, 'pin_tries', tries)
  await forget(local, false)
  expect(await readMeta(local, 'pin_tries')).toEqual(tries)
  expect(await resume()).toBeNull()
  expect(shopId()).toBeNull()
  expect(await local.db.count('customers')).toBe(0)
  expect(await local.db.getAllKeys('sales')).toEqual(['s1'])
  expect(await local.db.get('meta', 'cursor')).toBeUndefined()
  expect(await local.db.count('outbox')).toBe(1)
  expect((await local.db.get('heads', 'T1/2627'))?.counter).toBe(4)
  expect((await myRegister(local))?.code).toBe('T1')
  expect(await local.db.count('working')).toBe(1)
  await forget(local, true)
  expect(await local.db.count('working')).toBe(0)
})

test('whoever changed from another shop leaves nothing of that one either', async () => {
  const before = await shopWithEverything()
  await noteShop(before.shopId)
  await logout(await freshShop())
  expect(await before.db.count('customers')).toBe(0)
  expect(await before.db.get('meta', 'cursor')).toBeUndefined()
  expect(await before.db.count('outbox')).toBe(1)
})

test('what was typed into a form is gone for whoever comes next, and there when the same person comes back', async () => {
  vi.stubGlobal('sessionStorage', {
    setItem(key: string, value: string) { this[key] = value },
    getItem(key: string) { return this[key] ?? null },
    removeItem(key: string) { Reflect.deleteProperty(this, key) },
  } as Record<string, unknown>)
  keepDraft('customer', { name: 'Amina' })
  await forget(null, false)
  expect(readDraft('customer')).toEqual({ name: 'Amina' })
  await forget(null, true)
  expect(readDraft('customer')).toBeNull()
  vi.stubGlobal('sessionStorage', undefined)
})

test('a logout that the server could not hear of is told first, before the next login', async () => {
  const local = await freshShop()
  await keepValue('me', WHO as never)
  server.answer(() => ({ cut: true }))
  await logout(local)
  expect(await resume()).toBeNull()
  await expect(login({ login: 'a@b.c', password: 'x' })).rejects.toBeInstanceOf(Unreachable)
  expect(server.asked.filter(({ path }) => path === '/api/auth/login')).toEqual([])
  server.asked.length = 0
  server.answer(house())
  await login({ login: 'a@b.c', password: 'x' })
  expect(server.asked.map(({ path }) => path)).toEqual(['/api/auth/logout', '/api/auth/login', '/api/auth/validate'])
  expect(server.asked[0]?.headers).toMatchObject({ 'x-requested-with': 'duka' })
  expect(await readValue('logout_owed')).toBeUndefined()
})

test('a login that is over already needs no logout', async () => {
  await keepValue('me', WHO as never)
  server.answer(({ path }) => (path === '/api/auth/logout' ? { status: 401, error: { code: 'UNAUTHENTICATED' } } : {}))
  await logout(await freshShop())
  expect(await readValue('logout_owed')).toBeUndefined()
})
