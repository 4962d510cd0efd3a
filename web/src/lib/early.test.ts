import 'fake-indexeddb/auto'

import { beforeEach, describe, expect, it, vi } from 'vitest'

import { keepValue } from '$lib/local/device'
import type { Me } from '$lib/local/types'

const ME = { shop_id: 'a3f1c2d4-0000-7000-8000-000000000001' } as Me
const TOKENS = { access_token: 'fresh', expires_in: 900 }
let answers: { status: number; body: unknown }[] = []
let asked: string[] = []

/** The module as a page that is opened anew has it. */
async function opened(path: string): Promise<typeof import('./early')> {
  vi.resetModules()
  vi.stubGlobal('location', new URL(path, 'http://duka.test'))
  return import('./early')
}

beforeEach(async () => {
  answers = []
  asked = []
  vi.stubGlobal('fetch', async (url: URL) => {
    asked.push(url.pathname)
    const next = answers.shift()
    if (!next) throw new TypeError('offline')
    return Response.json(next.body, { status: next.status })
  })
  await keepValue('me', ME)
  await keepValue('refresh_request', undefined)
})

const given = { status: 200, body: { success: true, data: TOKENS } }
const refused = { status: 401, body: { success: false, error: { code: 'SESSION_ENDED', message: 'It is over.' } } }
const nobody = (): never => expect.fail('the login has not ended')

describe('the login of a page that waits for the server', () => {
  it('is renewed once, early', async () => {
    answers = [given]
    const { askEarly, renewLogin } = await opened('/dashboard')
    askEarly()
    expect(await renewLogin(nobody)).toMatchObject({ token: 'fresh' })
    expect(asked).toEqual(['/api/auth/refresh'])
  })

  it('is renewed again the next time', async () => {
    answers = [given, given]
    const { askEarly, renewLogin } = await opened('/dashboard')
    askEarly()
    await renewLogin(nobody)
    await renewLogin(nobody)
    expect(asked).toHaveLength(2)
  })

  it('has ended where the server says so', async () => {
    answers = [refused]
    const { askEarly, renewLogin } = await opened('/dashboard')
    askEarly()
    const ended = vi.fn()
    expect(await renewLogin(ended)).toBeNull()
    expect(ended).toHaveBeenCalledOnce()
    expect(asked).toHaveLength(1)
  })

  it('is asked for anew after the network was away', async () => {
    const { askEarly, renewLogin } = await opened('/dashboard')
    askEarly()
    await expect(renewLogin(nobody)).rejects.toThrow()
    answers = [given]
    expect(await renewLogin(nobody)).toMatchObject({ token: 'fresh' })
  })
})

it('asks nothing where nobody is logged in', async () => {
  await keepValue('me', undefined)
  const { askEarly, renewLogin } = await opened('/login')
  askEarly()
  expect(await renewLogin(nobody)).toBeNull()
  expect(asked).toEqual([])
})
