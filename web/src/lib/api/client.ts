/** The app's only way to the server: every request, its login and its failures pass here. */
import { Refusal, TooManyRequests, Unreachable } from './errors'

export interface PageInfo {
  next_cursor: string | null
  limit: number
  total: number | null
}

export interface Answered<T> {
  data: T
  status: number
  headers: Headers
  page?: PageInfo
  message: string
}

type Word = string | number | boolean | null | undefined

export interface Options {
  body?: unknown
  /** The body's text as it is: what an outbox keeps is sent byte for byte. */
  text?: string
  /** Files. */
  form?: FormData
  query?: Record<string, Word | Word[]>
  headers?: Record<string, string>
  /** Milliseconds after which nobody waits any longer; 20,000 unless told. */
  timeoutMs?: number
  /** Whose right counts: the logged-in person's (default), this register's, or nobody's. */
  as?: 'person' | 'register' | 'nobody'
  want?: 'json' | 'blob'
  signal?: AbortSignal
  /** This is itself what the server has to be told before anything else (`tellFirst`). */
  first?: boolean
}

interface Envelope {
  data?: unknown
  page?: PageInfo
  message?: string
  error?: { code: string; message: string; details?: Record<string, unknown> }
}

interface Login {
  token: string
  /** When the token stops being good, in milliseconds. */
  until: number
}

/** How the client learns who asks; `lib/local/session.ts` fills it in. */
export interface Identity {
  /** Gives the next access token, or null when the login has ended. */
  renew: () => Promise<{ token: string; expiresIn: number } | null>
  /** Told once when the server says that the login is over. */
  ended: (why: Refusal) => void
  registerCredential: () => string | null
  shopId: () => string | null
  language: () => string
}

const BEFORE_THE_END_MS = 30_000
const OVER = ['SESSION_REPLACED', 'SESSION_ENDED', 'STAFF_SUSPENDED']
const LATER = [502, 503, 504]
const TOO_MANY = 429

let login: Login | null = null
let owed: (() => Promise<void>) | null = null
let renewing: Promise<Login | null> | null = null
let identity: Identity | null = null
let unanswered = 0

/** Say how to log in anew and what to do when a login has ended. */
export function identify(who: Identity): void {
  identity = who
}

/** Keep the access token of a fresh login: in memory only, where a reload forgets it. */
export function loggedIn(token: string, expiresIn: number): void {
  login = { token, until: Date.now() + expiresIn * 1000 }
}

/** Say what the server has to be told before anything else is asked of it; null: nothing. What it throws, the request that
 * waits for it throws. */
export function tellFirst(work: (() => Promise<void>) | null): void {
  owed = work
}

/** Forget the access token. */
export function forgetLogin(): void {
  login = null
}

/** Give a token that is good for now, renewed when needed; null when nobody is logged in. */
export async function accessToken(): Promise<string | null> {
  if (login && login.until - BEFORE_THE_END_MS > Date.now()) return login.token
  renewing ??= renew().finally(() => (renewing = null))
  return (await renewing)?.token ?? null
}

async function renew(): Promise<Login | null> {
  const next = await identity?.renew()
  if (next) loggedIn(next.token, next.expiresIn)
  else login = null
  return login
}

/**
 * Ask the server. `path` begins with `/api`.
 * Throws Refusal when it says no, the Refusal TooManyRequests when it asks for patience, Unreachable when it gives no
 * answer that counts (also for 502, 503, 504).
 */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<Answered<T>> {
  if (owed && !options.first) await owed()
  unanswered += 1
  const answer = await send(method, path, options).finally(() => (unanswered -= 1))
  if (answer.ok && options.want === 'blob') {
    return { data: (await answer.blob()) as T, status: answer.status, headers: answer.headers, message: '' }
  }
  const envelope = await read(answer)
  if (answer.ok) {
    const { data, page, message = '' } = envelope
    return { data: data as T, status: answer.status, headers: answer.headers, page, message }
  }
  const failure = failureOf(answer, envelope)
  if (failure instanceof Refusal && OVER.includes(failure.code) && (options.as ?? 'person') === 'person') {
    login = null
    identity?.ended(failure)
  }
  throw failure
}

/** The bare answer, for streams. Throws Unreachable; TypeError for an address elsewhere, which must not get a token. */
export async function send(method: string, path: string, options: Options): Promise<Response> {
  const url = new URL(path, location.origin)
  if (url.origin !== location.origin) throw new TypeError(`${url.origin} is not this app's server.`)
  for (const [name, value] of Object.entries(options.query ?? {})) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== '') url.searchParams.append(name, String(each))
    }
  }
  const headers = new Headers(options.headers)
  headers.set('Accept-Language', identity?.language() ?? 'en')
  const body = options.form ?? options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  if (body !== undefined && !options.form) headers.set('Content-Type', 'application/json')
  await identifyIn(headers, options.as ?? 'person')
  const clock = AbortSignal.timeout(options.timeoutMs ?? 20_000)
  const signal = options.signal ? AbortSignal.any([options.signal, clock]) : clock
  try {
    return await fetch(url, { method, headers, body, signal, credentials: 'same-origin', cache: 'no-store' })
  } catch (failure) {
    if (options.signal?.aborted) throw failure
    throw new Unreachable()
  }
}

/** Wait until all that was asked is answered, at most so many milliseconds. */
export async function quiet(mostMs: number): Promise<void> {
  for (const end = Date.now() + mostMs; unanswered > 0 && Date.now() < end; ) await new Promise((done) => setTimeout(done, 50))
}

async function identifyIn(headers: Headers, as: 'person' | 'register' | 'nobody'): Promise<void> {
  if (as === 'nobody') return
  const token = as === 'register' ? (identity?.registerCredential() ?? null) : await accessToken()
  if (token) headers.set('Authorization', `Bearer ${token}`)
  const shop = identity?.shopId()
  if (shop && as === 'person') headers.set('X-Shop-ID', shop)
}

async function read(answer: Response): Promise<Envelope> {
  try {
    return (await answer.json()) as Envelope
  } catch {
    // A proxy's page, or an answer cut off on its way.
    if (answer.ok) throw new Unreachable()
    return {}
  }
}

function failureOf(answer: Response, envelope: Envelope): Refusal | Unreachable {
  const wait = secondsUntil(answer.headers.get('Retry-After'))
  const told = envelope.error
  if (LATER.includes(answer.status)) return new Unreachable(told?.message, wait)
  const details = told?.details ?? {}
  if (answer.status === TOO_MANY) {
    return new TooManyRequests(told?.code ?? 'RATE_LIMITED', told?.message ?? 'Too many requests.', details, wait)
  }
  const fields = told?.code === 'VALIDATION_ERROR' ? (details as Record<string, string[]>) : {}
  const code = told?.code ?? (answer.status >= 500 ? 'SERVER_ERROR' : 'UNREADABLE_ANSWER')
  return new Refusal(code, told?.message ?? `The server answered ${answer.status}.`, answer.status, fields, details, wait)
}

/** Read a `Retry-After`: seconds, or the moment itself (RFC 9110, 10.2.3). */
function secondsUntil(told: string | null): number | undefined {
  if (!told) return undefined
  const seconds = /^\d+$/.test(told) ? Number(told) : Math.ceil((Date.parse(told) - Date.now()) / 1000)
  return seconds > 0 ? seconds : undefined
}
