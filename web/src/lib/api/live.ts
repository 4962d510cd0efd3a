/** Being told at once that something changed: one stream of server-sent events for all tabs of this installation. */
import { accessToken, send } from './client'
import { Unreachable } from './errors'

import { alone } from '../local/locks'
import { hear, tell } from '../local/tabs'

/** The server gives a sign of life each 20 seconds; after so long without one the connection is dead. */
const SILENT_MS = 50_000
const COME_AGAIN_MS = 3_000
const LONGEST_WAIT_MS = 60_000
const LIFE_MS = 20 * 60_000

export interface Replaced {
  code: string
  message: string
  device: string | null
  at: string | null
}

export interface Listener {
  /** Something of the shop changed; no kinds: anything may have. */
  onChange: (kinds: string[]) => void
  /** The login is over. */
  onReplaced: (why: Replaced) => void
}

/** Listen from now on; gives what ends it. The tab that got the lock holds the stream and tells the others. */
export function startLive(shopId: string, listener: Listener): () => void {
  const ended = new AbortController()
  const deaf = hear((told) => {
    if (told.kind === 'live') pass({ event: told.event, data: told.data }, listener)
  })
  void alone(`duka-live-${shopId}`, () => listen(listener, ended.signal)).catch(() => undefined)
  return () => {
    deaf()
    ended.abort()
  }
}

interface Event {
  event: string
  data: string
  id?: string
}

async function listen(listener: Listener, signal: AbortSignal): Promise<void> {
  let last: string | undefined
  let failures = 0
  while (!signal.aborted) {
    try {
      for await (const event of stream(last, signal)) {
        failures = 0
        last = event.id ?? last
        if (!event.event) continue
        tell({ kind: 'live', event: event.event, data: event.data })
        pass(event, listener)
        if (event.event === 'session_replaced') return
      }
    } catch {
      // Whatever cut it off: it is opened again, and told what happened meanwhile.
    }
    failures += 1
    await pause(Math.min(LONGEST_WAIT_MS, COME_AGAIN_MS * 2 ** Math.min(failures - 1, 5)), signal)
  }
}

function pass(event: Event, listener: Listener): void {
  if (event.event === 'changed') listener.onChange((JSON.parse(event.data) as { kinds: string[] }).kinds)
  if (event.event === 'session_replaced') listener.onReplaced(JSON.parse(event.data) as Replaced)
}

/** Read one connection's events until it ends. A comment comes as an event without a name. */
async function* stream(last: string | undefined, signal: AbortSignal): AsyncGenerator<Event> {
  if ((await accessToken()) === null) throw new Unreachable()
  const silence = new AbortController()
  const headers = last === undefined ? undefined : { 'Last-Event-ID': last }
  const both = AbortSignal.any([signal, silence.signal])
  let clock = setTimeout(() => silence.abort(), SILENT_MS)
  const answer = await send('GET', '/api/live', { headers, signal: both, timeoutMs: LIFE_MS })
  if (!answer.ok || !answer.body) {
    clearTimeout(clock)
    await answer.body?.cancel()
    throw new Unreachable()
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let text = ''; ; ) {
      const { value, done } = await reader.read()
      if (done) return
      clearTimeout(clock)
      clock = setTimeout(() => silence.abort(), SILENT_MS)
      const parts = (text + value).replaceAll('\r\n', '\n').split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) yield parse(part)
    }
  } finally {
    clearTimeout(clock)
    await reader.cancel().catch(() => undefined)
  }
}

/** Read one event of the stream (HTML standard, 9.2.6). */
export function parse(part: string): Event {
  const event: Event = { event: '', data: '' }
  for (const line of part.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    if (name === 'event') event.event = value
    if (name === 'id') event.id = value
    if (name === 'data') event.data += event.data ? `\n${value}` : value
  }
  return event
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true })
  })
}
