/** What to say when the door stays closed, in the person's language. */
import { Refusal, TooManyRequests, Unreachable, wordsOf } from '$lib/api/errors'
import { t, type Key } from '$lib/i18n'

const KNOWN: Record<string, Key> = {
  WRONG_LOGIN: 'auth.wrong_login',
  STAFF_SUSPENDED: 'auth.suspended',
  CODE_NOT_VALID: 'auth.code_wrong',
  LINK_NOT_VALID: 'auth.link_bad',
}

/** Say why it did not work. */
export function troubleOf(failure: unknown): string {
  if (failure instanceof TooManyRequests) return t('auth.wait', { n: failure.waitSeconds })
  if (failure instanceof Unreachable) return t('state.unreachable')
  const key = failure instanceof Refusal ? KNOWN[failure.code] : undefined
  return key ? t(key) : wordsOf(failure)
}

/** The address to go on to after the login, from the page's own `?next=`; only a path of this app. */
export function nextPath(search: URLSearchParams): string {
  const next = search.get('next') ?? '/'
  return next.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : '/'
}

const LEFT_TO_RIGHT = String.fromCharCode(0x2066)
const END_OF_ISOLATE = String.fromCharCode(0x2069)

/** Keep a phone number's own direction inside a right-to-left sentence. */
export function isolated(text: string): string {
  return LEFT_TO_RIGHT + text + END_OF_ISOLATE
}
