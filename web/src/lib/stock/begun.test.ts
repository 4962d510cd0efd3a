import { afterEach, beforeEach, expect, test } from 'vitest'

import { keeping } from '$lib/local/db'
import { PLACES_KEY } from '$lib/local/field'
import { askOrKeep, type Desk } from '$lib/local/paper'
import { drainNow } from '$lib/local/drain'
import { asTill, freshShop, standIn, type StandIn } from '$lib/local/testing/stand-in'
import type { Local } from '$lib/local/types'

import { countsBegun, entriesHere, transfersBegun, type Known } from './begun'
import { beginCount, enter } from './counts'
import { pieces } from './sending'
import { sendNow } from './transfers'

const TRANSFER = {
  id: 'transfer-1', from_location_id: 'town', to_location_id: 'market', note: 'Saturday',
  lines: [{ variant_id: 'cable', quantity: 1.1 }, { variant_id: 'phone', quantity: 2.2, serials: ['S1', 'S2'] }],
}  // prettier-ignore

let server: StandIn
let local: Local
let desk: Desk
let known: Known

beforeEach(async () => {
  server = await standIn()
  local = await freshShop()
  await asTill(local)
  desk = { local, online: false, staffId: 'okello' }
  known = { local, catalogue: null, approves: true }
  const place = (id: string, name: string) => ({ id, name, kind: 'showroom', branch_id: `b-${id}`, branch_name: `Branch ${name}` })
  const data = [place('town', 'Town'), place('market', 'Market')]
  await keeping(local, ['seen'], async (tx) => {
    await tx.objectStore('seen').put({ key: PLACES_KEY, at: new Date().toISOString(), data })
  })
})
afterEach(() => server.stop())

test('a transfer that left is shown as the server will show it, until it has it', async () => {
  expect(await sendNow(desk, TRANSFER, 'Town → Market')).toBeNull()
  const [begun] = await transfersBegun(known)
  expect(begun).toMatchObject({
    refusal: null,
    shown: {
      id: 'transfer-1', state: 'dispatched', from_location_name: 'Town', to_branch_name: 'Branch Market', note: 'Saturday',
      requested_by: 'okello', line_count: 2, quantity: 3.3,
      lines: [{ variant_id: 'cable', dispatched: 1.1 }, { serials: ['S1', 'S2'] }],
      steps: [{ step: 'request' }, { step: 'approve' }, { step: 'dispatch', staff_id: 'okello' }],
    },
  })  // prettier-ignore
  const [unapproved] = await transfersBegun({ ...known, approves: false })
  expect(unapproved?.shown.steps.map((each) => each.step)).toEqual(['request', 'dispatch'])
  server.answer(() => ({ status: 201, data: {} }))
  await drainNow(local)
  expect(JSON.parse(server.asked[0]!.body)).toMatchObject({ sent: true, id: 'transfer-1', staff_id: 'okello' })
  expect(await transfersBegun(known)).toEqual([])
})

test('what was set aside says why', async () => {
  await sendNow(desk, TRANSFER, 'Town → Market')
  server.answer(() => ({ status: 409, error: { code: 'IDEMPOTENCY_CONFLICT' } }))
  await drainNow(local)
  expect((await transfersBegun(known))[0]?.refusal).toEqual(expect.any(String))
})

test('a count that was begun and what was counted of it are shown, the newest first', async () => {
  expect(await beginCount(desk, { id: 'count-1', location_id: 'market', blind: true }, 'Market')).toBeNull()
  const piece = { variantId: 'cable', name: 'Cable', unit: 'piece', shelf: 'A3', recount: false }
  const when = '2026-11-22T08:00:00.000Z'
  expect(await enter(desk, 'count-1', [{ ...piece, id: 'e1', quantityMilli: 9000, countedAt: when }], 'Market')).toBe(false)
  expect(await enter(desk, 'count-1', [{ ...piece, id: 'e2', quantityMilli: 2500, shelf: '' }], 'Market')).toBe(false)
  expect(await countsBegun(known)).toMatchObject([
    { refusal: null, shown: { id: 'count-1', state: 'counting', location_name: 'Market', scope: 'full', blind: true, started_by: 'okello' } },
  ])
  expect(await entriesHere(known, 'count-1')).toMatchObject([
    { id: 'e2', quantity: 2.5, shelf: '' }, { id: 'e1', quantity: 9, shelf: 'A3', at: when },
  ])  // prettier-ignore
  expect(await entriesHere(known, 'count-2')).toEqual([])
})

test('other papers about goods begin nothing', async () => {
  await askOrKeep(desk, { id: 'p1', kind: 'transfer', path: '/api/transfers/t/receive', body: { lines: [] }, label: '' })
  expect(await transfersBegun(known)).toEqual([])
})

test('which pieces leave is read as it was scanned', () => {
  expect(pieces('s1, s2\nS1', 'serial')).toEqual({ serials: ['S1', 'S2'] })
  expect([pieces(' L7 ', 'batch'), pieces(' ', 'batch')]).toEqual([{ batches: [{ number: 'L7' }] }, {}])
  expect(pieces('s1', undefined)).toEqual({})
})
