import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'

import { loggedIn } from './client'
import { parse, startLive, type Replaced } from './live'

let stop: () => void = () => undefined
afterEach(() => stop())

/** A server whose streams are written by the test; it notes with which last id each was opened. */
async function streams(): Promise<{ opened: (string | undefined)[]; next: () => Promise<ServerResponse> }> {
  const opened: (string | undefined)[] = []
  const waiting: ((response: ServerResponse) => void)[] = []
  const here: ServerResponse[] = []
  const server = createServer((request, response) => {
    opened.push(request.headers['last-event-id'] as string | undefined)
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('retry: 3000\n\n')
    const one = waiting.shift()
    if (one) one(response)
    else here.push(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  vi.stubGlobal('location', { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const ends: (() => void)[] = [() => (server.closeAllConnections(), server.close())]
  stop = () => ends.forEach((end) => end())
  loggedIn('token', 900)
  return { opened, next: () => new Promise((done) => (here.length ? done(here.shift()!) : waiting.push(done))) }
}

test('changes are told as they come, also when cut anywhere, and a lost stream goes on where it was', async () => {
  const server = await streams()
  const kinds: string[][] = []
  let heard: () => void = () => undefined
  const end = startLive('live-1', { onChange: (told) => (kinds.push(told), heard()), onReplaced: () => undefined })
  const first = await server.next()
  const one = new Promise<void>((done) => (heard = done))
  first.write(': still here\n\nevent: chan')
  first.write('ged\nid: 7\ndata: {"position":7,"kinds":["sale.created"]}\n\n')
  await one
  const again = new Promise<void>((done) => (heard = done))
  first.end()
  const second = await server.next()
  second.write('event: changed\nid: 9\ndata: {"position":9,"kinds":[]}\n\n')
  await again
  expect(kinds).toEqual([['sale.created'], []])
  expect(server.opened).toEqual([undefined, '7'])
  end()
}, 10_000)

test('a device that was replaced hears by whom, and the stream is not opened again', async () => {
  const server = await streams()
  const told = new Promise<Replaced>((done) => startLive('live-2', { onChange: () => undefined, onReplaced: done }))
  const stream = await server.next()
  stream.end('event: session_replaced\ndata: {"code":"SESSION_REPLACED","message":"Over.","device":"iPhone","at":"2026-11-21T10:00:00Z"}\n\n')
  expect(await told).toEqual({ code: 'SESSION_REPLACED', message: 'Over.', device: 'iPhone', at: '2026-11-21T10:00:00Z' })
  expect(server.opened).toHaveLength(1)
})

test('an event is read by its lines', () => {
  expect(parse('event: a\nid: 1\ndata: x\ndata: y')).toEqual({ event: 'a', id: '1', data: 'x\ny' })
  expect(parse(': still here')).toEqual({ event: '', data: '' })
})
