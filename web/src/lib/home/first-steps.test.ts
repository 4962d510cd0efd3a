import { afterEach, beforeEach, expect, test } from 'vitest'

import { emptyChunk } from '$lib/local/chunks'
import { writing } from '$lib/local/db'
import { asTill, freshShop, standIn, type StandIn } from '$lib/local/testing/stand-in'
import type { Local } from '$lib/local/types'

import type { DashboardOut } from './dashboard'
import { concernsSteps, dismiss, doneOf, knownBy, readHeld, someoneIsInvited, STEPS } from './first-steps'

let server: StandIn
let local: Local

beforeEach(async () => {
  server = await standIn()
  server.answer(() => ({ data: [{ id: 'me' }] }))
  local = await freshShop()
})
afterEach(() => server.stop())

const BOARD = { drawers: [], month: { count: 0 }, sales: { days: [{ count: 0 }] } } as unknown as DashboardOut

test('a new shop has everything before it', async () => {
  await writing(local, ['registers'], async (tx) => tx.objectStore('registers').put({ id: 'r0', kind: 'server' } as never))
  expect(Object.values(doneOf(knownBy(await readHeld(local, 'a1'), BOARD, false)))).toEqual(STEPS.map(() => false))
})

test('each step is ticked by what is there', async () => {
  await asTill(local)
  await writing(local, ['settings', 'registers', 'catalogue'], async (tx) => {
    await tx.objectStore('catalogue').put(emptyChunk(), 0)
    await tx.objectStore('settings').put({ id: 'shop', tax_id: '1000123456' } as never)
    await tx.objectStore('registers').put({ id: 'r1', kind: 'installation', closed_at: null } as never)
  })
  const held = await readHeld(local, 'a1')
  expect(doneOf(knownBy(held, BOARD, true))).toEqual({ products: true, tax: true, till: true, sale: false, staff: false })
  const later = { ...BOARD, month: { count: 3 } } as DashboardOut
  expect(doneOf(knownBy(held, later, false))).toMatchObject({ till: true, sale: true })
})

test('who works here counts, and who was only invited; without a network nobody is known to be', async () => {
  await writing(local, ['staff'], async (tx) => {
    for (const id of ['me', 'st2']) await tx.objectStore('staff').put({ id } as never)
  })
  expect((await readHeld(local, 'a1')).hasStaff).toBe(true)
  expect(await someoneIsInvited()).toBe(false)
  server.answer(() => ({ data: [{ id: 'me' }, { id: 'invited' }] }))
  expect(await someoneIsInvited()).toBe(true)
  server.answer(() => ({ cut: true }))
  expect(await someoneIsInvited()).toBe(false)
})

test('they are for who may take them all, and for nobody who dismissed them', async () => {
  const owner = { 'products:create': 'shop', 'settings:update': 'shop', 'registers:create': 'shop', 'sales:create': 'shop', 'staff:create': 'shop' } as const
  expect([concernsSteps({ permissions: owner }), concernsSteps({ permissions: { 'sales:create': 'shop' } })]).toEqual([true, false])
  await dismiss(local, 'a1')
  expect([(await readHeld(local, 'a1')).dismissed, (await readHeld(local, 'a2')).dismissed]).toEqual([true, false])
  await dismiss(local, 'a1', false)
  expect((await readHeld(local, 'a1')).dismissed).toBe(false)
})
