import { afterEach, beforeEach, expect, test } from 'vitest'

import { invoiceHash } from '$lib/money/canonical'

import { writing } from './db'
import { credentialRefused } from './drain'
import {
  credentialOf, giveBackNumber, leaveRegister, myRegister, nextNumber, NoRegister, NumberTaken, renewCredential,
  setUpRegister, takeNumber, takeSaleNumber, withRegister,
} from './register'
import { asTill, freshShop, REGISTER, SETTINGS, standIn, type StandIn } from './testing/stand-in'
import type { Local, NextNumber } from './types'

let server: StandIn
let local: Local

beforeEach(async () => {
  server = await standIn()
  local = await freshShop()
})
afterEach(() => server.stop())

const MADE = {
  id: 'r1', branch_id: 'b1', code: 'T7', codes: { invoice: 'T7', credit_note: 'T7C', debit_note: 'T7D' }, name: 'Counter',
  kind: 'installation', installation_id: 'i1', credential: 'duka_reg_secret',
}

async function next(day = '2026-11-21', kind: NextNumber['kind'] = 'invoice'): Promise<NextNumber> {
  return nextNumber(local.db.transaction(['heads', 'credentials', 'settings']) as never, kind, day)
}

test('a device becomes a till once; its credential is not readable in the database', async () => {
  server.answer(() => ({ status: 201, data: MADE }))
  await writing(local, ['branches'], async (tx) => {
    await tx.objectStore('branches').put({
      id: 'b1', name: 'Main', phone: null, address: null, state_code: null, showroom_location_id: 'l9',
    })
  })
  const register = await setUpRegister(local, 'b1', 'Counter')
  expect(register).toMatchObject({ code: 'T7', credential: 'duka_reg_secret', locationId: 'l9' })
  expect(await setUpRegister(local, 'b1', 'Counter')).toEqual(register)
  expect(server.asked).toHaveLength(1)
  const stored = await local.db.get('credentials', 'r1')
  expect(stored?.credential.iv).toHaveLength(12)
  expect(new TextDecoder().decode(stored?.credential.bytes)).not.toContain('secret')
  expect(await credentialOf(local, undefined)).toBe('duka_reg_secret')
})

test('an answer that got lost leads to the same register with another credential', async () => {
  const ids: unknown[] = []
  server.answer(({ body }) => {
    ids.push((JSON.parse(body) as { id: string }).id)
    return { cut: true }
  })
  await expect(setUpRegister(local, 'b1', 'Counter')).rejects.toThrow()
  server.answer(({ path, body }) => {
    if (path.endsWith('/credential')) return { data: { ...MADE, credential: 'duka_reg_second' } }
    ids.push((JSON.parse(body) as { id: string }).id)
    return { status: 409, error: { code: 'IDEMPOTENCY_CONFLICT' } }
  })
  expect((await setUpRegister(local, 'b1', 'Counter')).credential).toBe('duka_reg_second')
  expect(new Set(ids).size).toBe(1)
})

test('a series counts from 1 without gaps, each financial year anew, and hashes hang together', async () => {
  await asTill(local)
  const bytes = new TextEncoder().encode('{}')
  const given: string[] = []
  for (const day of ['2027-03-30', '2027-03-31', '2027-04-01']) {
    await withRegister(local, () =>
      writing(local, ['heads', 'credentials', 'settings'], async (tx) => {
        const number = await nextNumber(tx, 'invoice', day)
        await takeNumber(tx, number, invoiceHash(number.previousHash, number.series, number.counter, bytes))
        given.push(`${number.series}/${number.counter}/${number.previousHash.slice(0, 6)}`)
      }),
    )
  }
  const first = invoiceHash('0'.repeat(64), 'T1/2627', 1, bytes)
  expect(given).toEqual([`T1/2627/1/000000`, `T1/2627/2/${first.slice(0, 6)}`, 'T1/2728/1/000000'])
  expect((await next('2027-04-01', 'credit_note')).series).toBe('T1C/2728')
})

test('of two tabs that take the same number one is refused, and writes nothing', async () => {
  await asTill(local)
  const same = await next()
  await writing(local, ['heads'], (tx) => takeNumber(tx, same, 'aa'))
  await expect(
    writing(local, ['heads', 'meta'], async (tx) => {
      await tx.objectStore('meta').put('printed', 'cursor')
      await takeNumber(tx, same, 'bb')
    }),
  ).rejects.toBeInstanceOf(NumberTaken)
  expect(await local.db.get('meta', 'cursor')).toBeUndefined()
  expect(await next()).toMatchObject({ counter: 2, previousHash: 'aa' })
})

test('a refused number is free again, but not when a later one was given', async () => {
  await asTill(local)
  const [one] = [await next()]
  await writing(local, ['heads'], (tx) => takeNumber(tx, one, 'aa'))
  await writing(local, ['heads'], (tx) => giveBackNumber(tx, one))
  expect(await next()).toEqual(one)
  await writing(local, ['heads'], (tx) => takeNumber(tx, one, 'cc'))
  const two = await next()
  await writing(local, ['heads'], (tx) => takeNumber(tx, two, 'dd'))
  await expect(writing(local, ['heads'], (tx) => giveBackNumber(tx, one))).rejects.toBeInstanceOf(NumberTaken)
})

test('numbers given at the same time in one register are all different', async () => {
  await asTill(local)
  const take = () =>
    withRegister(local, () =>
      writing(local, ['heads', 'credentials', 'settings'], async (tx) => {
        const number = await nextNumber(tx, 'invoice', '2026-11-21')
        await takeNumber(tx, number, String(number.counter).padStart(64, '0'))
        return number.counter
      }),
    )
  expect(await Promise.all([take(), take(), take(), take()])).toEqual([1, 2, 3, 4])
})

test('incomplete sales have a plain counter of their own', async () => {
  await asTill(local)
  const take = () => writing(local, ['heads', 'credentials'], takeSaleNumber)
  expect([await take(), await take()]).toEqual(['T1-1', 'T1-2'])
  expect((await next()).counter).toBe(1)
})

test('a device that is no till gives no numbers', async () => {
  await writing(local, ['settings'], async (tx) => void (await tx.objectStore('settings').put(SETTINGS)))
  await expect(next()).rejects.toBeInstanceOf(NoRegister)
  expect(await myRegister(local)).toBeNull()
})

test('a new credential takes the old one’s place, and the refusal is forgotten', async () => {
  await asTill(local, { ...REGISTER, id: 'r1' })
  await writing(local, ['meta'], async (tx) => {
    await tx.objectStore('meta').put({ registerId: 'r1', at: '' }, 'credential_refused')
  })
  server.answer(() => ({ data: { ...MADE, credential: 'duka_reg_new' } }))
  expect((await renewCredential(local)).credential).toBe('duka_reg_new')
  expect(await credentialRefused(local)).toBe(false)
})

test('a till that was left still has the credential for what it did not deliver', async () => {
  await asTill(local)
  await leaveRegister(local)
  expect(await myRegister(local)).toBeNull()
  expect(await credentialOf(local, REGISTER.id)).toBe(REGISTER.credential)
})
