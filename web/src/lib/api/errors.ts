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

/** No answer that counts: no network, too slow, or a server that is just starting. Asking again is safe. */
export class Unreachable extends Error {
  readonly retryAfter: number | undefined

  constructor(message = 'The server does not answer.', retryAfter?: number) {
    super(message)
    this.name = 'Unreachable'
    this.retryAfter = retryAfter
  }
}

/** Say a failure in words for a person. */
export function wordsOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
