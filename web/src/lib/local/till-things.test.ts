import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Refusal } from '$lib/api/errors'

import { heldCarts, holdCart, removeCart, resumeCart, saveWorking, workingCarts } from './carts'
import { CustomerKnown, registerCustomer } from './customers'
import { businessDate, dayIn } from './days'
import { keeping, openLocal, writeMeta, writing } from './db'
import { closeDrawer, drawer, DrawerClosed, DrawerOpen, moveCash, openDrawer } from './drawer'
import { drainNow } from './drain'
import { put } from './outbox'
import { exportOutbox, FileNotRead, importOutbox, PasswordTooShort } from './outbox-file'
import { checkPin, switchable } from './pins'
import { NoRegister, placeOfSale } from './register'
import { freshOrSeen } from './seen'
import { soldOften } from './habits'
import { forgetLoss, lostRegister, markRegister } from './storage'
import { asTill, freshShop, REGISTER, standIn, type StandIn } from './testing/stand-in'
import type { Local, StaffRow } from './types'

/** Passwords of files are made slow to guess. */
const SLOW_MS = 30_000

let server: StandIn
let local: Local

beforeEach(async () => {
  server = await standIn()
  local = await freshShop()
  await asTill(local)
})
afterEach(() => server.stop())

async function bodies(): Promise<Record<string, unknown>[]> {
  return (await local.db.getAll('outbox')).map(({ body }) => JSON.parse(body || '{}') as Record<string, unknown>)
}

test('a drawer is opened, moved in and closed without a network; the server hears of it in order', async () => {
  const opened = await openDrawer(local, { floatMinor: 50_000, staffId: 'st1' })
  await moveCash(local, { direction: 'out', amountMinor: 2_000, reason: 'Milk', staffId: 'st1' })
  await closeDrawer(local, { countedMinor: 48_000, note: 'All there', staffId: 'st1' })
  expect(await drawer(local)).toBeNull()
  const [open, move, close] = await bodies()
  expect(open).toMatchObject({ id: opened.sessionId, schema: 1, register_id: REGISTER.id, float: 50_000, business_date: opened.businessDate })
  expect(move).toMatchObject({ schema: 1, direction: 'out', amount: 2_000, reason: 'Milk', staff_id: 'st1' })
  expect(close).toMatchObject({ schema: 1, counted: 48_000, note: 'All there' })
  expect((await local.db.getAll('outbox')).map(({ path, mode, after }) => [path, mode, after])).toEqual([
    ['/api/register-sessions', 'record', undefined],
    [`/api/register-sessions/${opened.sessionId}/cash-moves`, 'record', opened.sessionId],
    [`/api/register-sessions/${opened.sessionId}/close`, 'record', opened.sessionId],
  ])
})

test('a drawer is open once, needs a till, and nothing moves in a closed one', async () => {
  await openDrawer(local, { floatMinor: 0, staffId: 'st1' })
  await expect(openDrawer(local, { floatMinor: 0, staffId: 'st1' })).rejects.toBeInstanceOf(DrawerOpen)
  expect(await bodies()).toHaveLength(1)
  await closeDrawer(local, { countedMinor: 0, staffId: 'st1' })
  await expect(closeDrawer(local, { countedMinor: 0, staffId: 'st1' })).rejects.toBeInstanceOf(DrawerClosed)
  await expect(moveCash(local, { direction: 'in', amountMinor: 1, reason: 'x', staffId: 's' })).rejects.toBeInstanceOf(DrawerClosed)
  await expect(openDrawer(await freshShop(), { floatMinor: 0, staffId: 'st1' })).rejects.toBeInstanceOf(NoRegister)
})

test('the business day is the shop’s, and never one that is over', async () => {
  expect(dayIn('Asia/Kolkata', Date.parse('2026-11-21T20:00:00Z'))).toBe('2026-11-22')
  expect(dayIn('No/Where', Date.parse('2026-11-21T20:00:00Z'))).toBe('2026-11-21')
  const settings = (await local.db.get('settings', 'shop'))!
  await keeping(local, ['settings'], async (tx) => tx.objectStore('settings').put({ ...settings, day_start_minutes: 240 }))
  expect(await businessDate(local, Date.parse('2026-11-21T20:00:00Z'))).toBe('2026-11-21')
  await writeMeta(local, 'server_date', '2026-11-23')
  expect(await businessDate(local, Date.parse('1970-01-01T00:00:00Z'))).toBe('2026-11-23')
})

test('a customer is registered here and known at once; the same phone is not registered twice', async () => {
  const mary = await registerCustomer(local, { name: ' Mary Akinyi ', phone: '0772 123456' })
  expect(await bodies()).toEqual([{ id: mary.id, name: 'Mary Akinyi', phone: '0772 123456', type: 'retail' }])
  await expect(registerCustomer(local, { name: 'Other', phone: '0772-123456' })).rejects.toBeInstanceOf(CustomerKnown)
  expect((await registerCustomer(local, { name: 'No phone' })).phone).toBeNull()
})

test('the cart in hand survives a reload', async () => {
  await saveWorking(local, 'in-hand', { lines: [1] })
  local.db.close()
  expect((await workingCarts(await openLocal(local.shopId))).map(({ content }) => content)).toEqual([{ lines: [1] }])
})

const CART = { id: 'cart-1', name: 'Blue shirt', branchId: 'b1', staffId: 'st1', content: { lines: [] } }

test('a cart that was held and taken up again before the server heard of it is not told at all', async () => {
  await holdCart(local, CART)
  expect((await heldCarts(local)).map(({ name }) => name)).toEqual(['Blue shirt'])
  expect(await bodies()).toHaveLength(2)
  expect((await resumeCart(local, 'cart-1'))?.name).toBe('Blue shirt')
  expect(await bodies()).toHaveLength(0)
  expect(await heldCarts(local)).toEqual([])
})

test('of two tills the server decides who takes a cart up; without it the till goes on', async () => {
  await holdCart(local, CART)
  await writing(local, ['outbox'], async (tx) => tx.objectStore('outbox').clear())
  server.answer(() => ({ status: 409, error: { code: 'CART_TAKEN' } }))
  await expect(resumeCart(local, 'cart-1')).rejects.toBeInstanceOf(Refusal)
  expect(await heldCarts(local)).toHaveLength(1)
  server.answer(() => ({ cut: true }))
  expect((await resumeCart(local, 'cart-1'))?.id).toBe('cart-1')
  await removeCart(local, 'cart-1')
  expect((await local.db.getAll('outbox')).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /api/carts/cart-1/resume', 'DELETE /api/carts/cart-1',
  ])
  expect(await resumeCart(local, 'nobody')).toBeUndefined()
})

test('a PIN lets in; five wrong ones wait, and the wait grows', async () => {
  const staff = await pinOf('4711')
  await keeping(local, ['staff'], async (tx) => tx.objectStore('staff').put(staff))
  const now = Date.parse('2026-11-21T10:00:00Z')
  expect((await switchable(local)).map(({ name }) => name)).toEqual(['Okello'])
  expect((await checkPin(local, 'st2', '4711', now)).outcome).toBe('right')
  for (const triesLeft of [4, 3, 2, 1]) expect(await checkPin(local, 'st2', '0000', now)).toEqual({ outcome: 'wrong', triesLeft })
  expect(await checkPin(local, 'st2', '0000', now)).toEqual({ outcome: 'wait', seconds: 30 })
  expect(await checkPin(local, 'st2', '4711', now + 10_000)).toEqual({ outcome: 'wait', seconds: 20 })
  expect(await checkPin(local, 'st2', '0000', now + 31_000)).toEqual({ outcome: 'wait', seconds: 60 })
  expect((await checkPin(local, 'st2', '4711', now + 92_000)).outcome).toBe('right')
  expect(await checkPin(local, 'st2', '0000', now + 93_000)).toEqual({ outcome: 'wrong', triesLeft: 4 })
  expect(await checkPin(local, 'nobody', '4711', now)).toEqual({ outcome: 'unknown' })
})

async function pinOf(pin: string): Promise<StaffRow> {
  const salt = new Uint8Array(16).fill(7)
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 1000 }, key, 256)
  const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return {
    id: 'st2', name: 'Okello', role_name: 'Cashier', branch_id: 'b1', permissions: {}, discount_ceiling_bp: 0,
    pin: { salt: hex(salt), iterations: 1000, hash: hex(new Uint8Array(bits)) }, status: 'active',
  }
}

test('another till of the shop delivers what a file brought, with the credential that came with it', async () => {
  await writing(local, ['outbox'], (tx) =>
    put(tx, { id: 's1', kind: 'sale', method: 'POST', path: '/api/sales', body: '{"id": "s1"}', mode: 'record', madeAt: '', label: '' }),
  )
  await expect(exportOutbox(local, 'short')).rejects.toBeInstanceOf(PasswordTooShort)
  const file = await exportOutbox(local, 'correct horse')
  expect(file).not.toContain(REGISTER.credential)
  expect(file).not.toContain('/api/sales')
  // The same shop on another device: its own database, another register.
  local.db.close()
  const other = { ...(await freshShop()), shopId: local.shopId }
  await asTill(other, { ...REGISTER, id: 'r2', code: 'T2', credential: 'duka_reg_other' })
  await expect(importOutbox(other, file, 'wrong password')).rejects.toMatchObject({ why: 'password' })
  await expect(importOutbox(other, '{"some": "file"}', 'x')).rejects.toMatchObject({ why: 'not_ours' })
  await expect(importOutbox(await freshShop(), file, 'correct horse')).rejects.toBeInstanceOf(FileNotRead)
  expect(await importOutbox(other, file, 'correct horse')).toBe(1)
  expect(await importOutbox(other, file, 'correct horse')).toBe(0)
  server.answer(() => ({ status: 201, data: {} }))
  expect(await drainNow(other)).toMatchObject({ delivered: 1, left: 0 })
  expect(server.asked[0]).toMatchObject({ body: '{"id": "s1"}', headers: { authorization: `Bearer ${REGISTER.credential}` } })
}, SLOW_MS)

test('a forged file makes nobody do what a till does not', async () => {
  const item = { id: 'x1', kind: 'cart', method: 'POST', body: '', mode: 'plain', madeAt: '', label: '' } as const
  const forgeries = [
    { path: '/api/staff/st1/suspend' }, { path: 'https://elsewhere.example/api/carts' }, { path: '//elsewhere.example/api/carts' },
    { path: '/api/carts/../staff/st1/suspend' }, { path: '/api/carts/%2e%2e/roles' }, { path: '/api/customers/c1' },
    { method: 'DELETE' as const, path: '/api/customers' }, { mode: 'record' as const, path: '/api/roles', registerId: 'r9' },
    { mode: 'record' as const, method: 'PUT' as const, path: '/api/sales', registerId: 'r9' }, { mode: 'record' as const, path: '/api/sales' },
    { mode: 'constructor' as 'plain', path: '/api/carts' },
  ]
  const [other, own] = [await freshShop(), await freshShop()]
  for (const forged of forgeries) {
    await writing(other, ['outbox'], async (tx) => {
      await tx.objectStore('outbox').clear()
      await put(tx, { ...item, ...forged })
    })
    const file = await exportOutbox({ ...other, shopId: local.shopId }, 'correct horse')
    await expect(importOutbox(local, file, 'correct horse')).rejects.toMatchObject({ why: 'not_ours' })
  }
  // A sale under this till's own number, which it did not make.
  await asTill(own)
  const sale = { ...item, kind: 'sale', mode: 'record', path: '/api/sales', registerId: REGISTER.id } as const
  await writing(own, ['outbox'], (tx) => put(tx, sale))
  const file = await exportOutbox({ ...own, shopId: local.shopId }, 'correct horse')
  expect(await importOutbox(local, file, 'correct horse')).toBe(0)
  expect(await bodies()).toEqual([])
}, SLOW_MS)

test('what a person does goes to the app\'s own server and nowhere else', async () => {
  const { call } = await import('$lib/api/client')
  for (const path of ['https://elsewhere.example/api/x', '//elsewhere.example/api/x']) {
    await expect(call('GET', path)).rejects.toBeInstanceOf(TypeError)
  }
  expect(server.asked).toEqual([])
})

test('a list shows its last answer with its age when the server does not answer', async () => {
  const ask = async () => {
    const answer = await import('$lib/api/client').then(({ call }) => call<number[]>('GET', '/api/x', { as: 'nobody' }))
    return answer.data
  }
  server.answer(() => ({ cut: true }))
  await expect(freshOrSeen(local, 'x', ask)).rejects.toThrow('does not answer')
  server.answer(() => ({ data: [1, 2] }))
  expect(await freshOrSeen(local, 'x', ask)).toEqual({ data: [1, 2], at: null })
  await expect.poll(() => local.db.count('seen')).toBe(1)
  server.answer(() => ({ cut: true }))
  const seen = await freshOrSeen(local, 'x', ask)
  expect(seen.data).toEqual([1, 2])
  expect(Date.parse(seen.at ?? '')).not.toBeNaN()
  server.answer(() => ({ status: 403, error: { code: 'FORBIDDEN' } }))
  await expect(freshOrSeen(local, 'x', ask)).rejects.toBeInstanceOf(Refusal)
})

test('a till whose database is gone is noticed, until a person was told', () => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  expect(lostRegister('shop-1', false)).toBeNull()
  markRegister('shop-1', 'T4')
  expect(lostRegister('shop-1', true)).toBeNull()
  expect(lostRegister('shop-1', false)).toBe('T4')
  forgetLoss('shop-1')
  expect(lostRegister('shop-1', false)).toBeNull()
})

test('what is sold often is counted from the sales on the device', async () => {
  await writing(local, ['sales'], async (tx) => {
    for (const [id, items] of Object.entries({ a: ['tea', 'milk'], b: ['tea', null] })) {
      const sale = { lines: items.map((variant_id) => ({ variant_id })) }
      const row = { id, number: id, business_date: '2026-11-21', made_at: '', sale, mine: null, delivery: 'delivered' }
      await tx.objectStore('sales').put(row as never)
    }
  })
  expect(await soldOften(local)).toEqual(new Map([['tea', 2], ['milk', 1]]))
})

test('a device sells from its till’s place, else its person’s branch, else the only one there is', async () => {
  const branch = (id: string) => ({ id, name: id, phone: null, address: null, state_code: null, showroom_location_id: `room-${id}` })
  await writing(local, ['branches'], async (tx) => void (await tx.objectStore('branches').put(branch('b1'))))
  expect(await placeOfSale(local, null, null)).toBe('room-b1')
  await writing(local, ['branches'], async (tx) => void (await tx.objectStore('branches').put(branch('b2'))))
  expect(await placeOfSale(local, null, 'b2')).toBe('room-b2')
  expect(await placeOfSale(local, null, null)).toBeNull()
  expect(await placeOfSale(local, REGISTER, 'b2')).toBe('l1')
})
