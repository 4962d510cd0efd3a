/** The server said no: `code` names what happened, `fields` says which values to mend. */
export class Refusal extends Error {
  readonly code: string
  readonly status: number
  readonly fields: Record<string, string[]>
  readonly details: Record<string, unknown>
  /** Seconds after which asking again makes sense, where the server said so. */
  readonly retryAfter: number | undefined

  constructor(
    code: string,
    message: string,
    status: number,
    fields: Record<string, string[]> = {},
    details: Record<string, unknown> = {},
    retryAfter?: number,
  ) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.status = status
    this.fields = fields
    this.details = details
    this.retryAfter = retryAfter
  }
}

const WAIT_UNTOLD_SECONDS = 30

/** The server is there and asks for patience: too many requests came, or too many wrong tries. Nothing was done. */
export class TooManyRequests extends Refusal {
  /** Seconds after which asking again makes sense. */
  readonly waitSeconds: number

  constructor(code: string, message: string, details: Record<string, unknown> = {}, waitSeconds = WAIT_UNTOLD_SECONDS) {
    super(code, message, 429, {}, details, waitSeconds)
    this.name = 'TooManyRequests'
    this.waitSeconds = waitSeconds
  }
}

/** No answer that counts: no network, too slow, or a server that is just starting. Asking again is safe. */
export class Unreachable extends Error {
  readonly retryAfter: number | undefined

  constructor(message = 'The server does not answer.', retryAfter?: number) {
    super(message)
    this.name = 'Unreachable'
    this.retryAfter = retryAfter
  }
}

type Values = Record<string, string | number>

/** Say the text `problem.<code>` in the person's language; null where it has none. */
export type Phrasebook = (code: string, values: Values) => string | null

let phrasebook: Phrasebook = () => null

/** Say from which words failures are told; `lib/i18n` does it for the app. Without one they are told in English. */
export function tellFrom(book: Phrasebook): void {
  phrasebook = book
}

/** Say a failure in words for a person: in their language where it has a text for the code, else in the words that came
 * with it. */
export function wordsOf(failure: unknown): string {
  if (failure instanceof Refusal) return phrasebook(failure.code, facts(failure)) ?? failure.message
  if (!(failure instanceof Error)) return String(failure)
  return phrasebook(codeOf(failure), facts(failure)) ?? failure.message
}

/** Say a refusal that was written down, by its code. */
export function told(refusal: { code: string; message: string }): string {
  return phrasebook(refusal.code, {}) ?? refusal.message
}

/** The code of a failure made on this device, as the server writes its own: its own one, else its name's, with the reason
 * where it has several (`DeviceFull` -> `DEVICE_FULL`, `FileNotRead` -> `FILE_NOT_READ.password`). */
function codeOf(failure: Error & { code?: unknown; why?: unknown; reason?: unknown }): string {
  if (typeof failure.code === 'string') return failure.code
  const name = failure.name.replace(/(?<!^)(?=[A-Z])/g, '_').toUpperCase()
  const why = failure.why ?? failure.reason
  return typeof why === 'string' ? `${name}.${why}` : name
}

/** What a failure's text can tell: the numbers and words that came with it. */
function facts(failure: Error): Values {
  const told = failure instanceof Refusal ? { ...failure.details, wait: failure.retryAfter } : failure
  const plain = Object.entries(told).filter(([, fact]) => typeof fact === 'string' || typeof fact === 'number')
  return Object.fromEntries(plain) as Values
}
