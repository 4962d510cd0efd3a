import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'

import { loggedIn } from '$lib/api/client'
import { whenWritten } from './save'

const ADDRESS = '/api/sales?format=csv&export=7'
const PROMISE = JSON.stringify({ success: true, data: { id: '7', state: 'waiting', rows_written: 1, address: ADDRESS } })

let stop: () => void = () => undefined
afterEach(() => stop())

/** A server that gives these answers one after the other; it notes what it was asked for. */
async function answering(...answers: ((response: ServerResponse) => void)[]): Promise<string[]> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answers.shift()?.(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  vi.stubGlobal('location', { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  stop = () => (server.closeAllConnections(), server.close())
  loggedIn('token', 900)
  return asked
}

const promised = (response: ServerResponse) => response.writeHead(202, { 'Content-Type': 'application/json' }).end(PROMISE)
const file = (response: ServerResponse) => response.writeHead(200, { 'Content-Type': 'text/csv' }).end('Number\r\n')
const refusing = (status: number, code: string) => (response: ServerResponse) =>
  response
    .writeHead(status, { 'Content-Type': 'application/json' })
    .end(JSON.stringify({ success: false, error: { code, message: code, details: {} } }))
const first = new Blob([PROMISE], { type: 'application/json' })

test('a file that is there at once is the file', async () => {
  const asked = await answering()
  const short = new Blob(['Number'], { type: 'text/csv' })
  expect(await whenWritten(short, 1)).toBe(short)
  expect(asked).toEqual([])
})

test('a promised file is asked for until it is written, through a busy server', async () => {
  const asked = await answering(promised, refusing(429, 'TOO_MANY_FILES'), refusing(503, 'UNAVAILABLE'), promised, file)
  expect(await (await whenWritten(first, 1)).text()).toBe('Number\r\n')
  expect(asked).toEqual(Array(5).fill(ADDRESS))
})

test('what could not be written is said', async () => {
  await answering(promised, refusing(410, 'EXPORT_FAILED'))
  await expect(whenWritten(first, 1)).rejects.toMatchObject({ code: 'EXPORT_FAILED' })
})
