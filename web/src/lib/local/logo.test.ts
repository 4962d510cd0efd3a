import { afterEach, beforeEach, expect, it } from 'vitest'

import { readMeta, writing } from './db'
import { keepLogo, noteLogo } from './logo'
import { freshShop, SETTINGS, standIn, type StandIn } from './testing/stand-in'
import type { Local } from './types'

let server: StandIn
let local: Local

beforeEach(async () => {
  server = await standIn()
  local = await freshShop()
})
afterEach(() => server.stop())

/** The settings say that the logo is this one. */
async function told(logo: string | null): Promise<void> {
  await writing(local, ['settings'], async (tx) => void (await tx.objectStore('settings').put({ ...SETTINGS, logo })))
}

/** The name of the logo that is kept, and the text that its file holds. */
async function kept(): Promise<[string, string] | undefined> {
  const logo = await readMeta(local, 'logo')
  return logo && [logo.hash, new TextDecoder().decode(logo.bytes)]
}

it('fetches the logo once for each that the settings name', async () => {
  server.answer(() => ({ data: 'first' }))
  await keepLogo(local)
  await told(null)
  await keepLogo(local)
  expect(server.asked).toHaveLength(0)
  await told('aa')
  await keepLogo(local)
  await keepLogo(local)
  expect(server.asked.map(({ path }) => path)).toEqual(['/api/settings/logo'])
  expect((await kept())?.[0]).toBe('aa')
  server.answer(() => ({ data: 'second' }))
  await told('bb')
  await keepLogo(local)
  expect(await kept()).toEqual(['bb', expect.stringContaining('second')])
})

it('keeps the old one while the new one does not come', async () => {
  await told('aa')
  server.answer(() => ({ data: 'first' }))
  await keepLogo(local)
  await told('bb')
  server.answer(() => ({ cut: true }))
  await expect(keepLogo(local)).rejects.toThrow('The server does not answer.')
  expect((await kept())?.[0]).toBe('aa')
})

it('drops it when the shop has none any more', async () => {
  await told('aa')
  server.answer(() => ({ data: 'first' }))
  await keepLogo(local)
  await told(null)
  await keepLogo(local)
  expect(await kept()).toBeUndefined()
})

it('has at once what was set from this device', async () => {
  await told(null)
  await noteLogo(local, 'cc', new Blob(['mine'], { type: 'image/png' }))
  await keepLogo(local)
  expect(server.asked).toHaveLength(0)
  expect(await kept()).toEqual(['cc', 'mine'])
  await noteLogo(local, null, null)
  expect([await kept(), (await local.db.get('settings', 'shop'))?.logo]).toEqual([undefined, null])
})
