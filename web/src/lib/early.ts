/**
 * The login is renewed while the app itself is still on its way: on a weak network that saves half a second of whoever
 * waits for the server. A till that has its goods needs nothing of the server to show them: it renews later.
 */
import type { Refusal } from '$lib/api/errors'
import { openLocal, readMeta } from '$lib/local/db'
import { readValue } from '$lib/local/device'
import { renew } from '$lib/local/session'

type Token = Awaited<ReturnType<typeof renew>>

const TILL = '/sales/new'

let asked: Promise<Token> | null = null
let askedAtMs = 0
let refusal: Refusal | null = null

/** Begin to renew the login, where somebody is logged in and the screen waits for the server. */
export function askEarly(): void {
  askedAtMs = Date.now()
  asked = waitsForServer().then((waits) => (waits ? renew((why) => (refusal = why)) : null))
  // Who takes the answer hears of a failure.
  asked.catch(() => undefined)
}

/** Say whether the screen shows nothing before the server has answered. */
async function waitsForServer(): Promise<boolean> {
  const me = await readValue('me')
  if (!me) return false
  if (location.pathname !== TILL) return true
  const local = await openLocal(me.shop_id)
  const cursor = await readMeta(local, 'cursor')
  local.db.close()
  if (cursor !== undefined) return false
  // A till without goods waits for what pulls them; who needs it then hears of a failure.
  void import('$lib/engine').catch(() => undefined)
  return true
}

/** Renew the login: the first time by what was asked early. As `session.renew`, which says what it gives and throws. */
export async function renewLogin(ended: (why: Refusal) => void): Promise<Token> {
  const early = asked
  asked = null
  const token = early ? await early : null
  if (refusal) {
    ended(refusal)
    refusal = null
    return null
  }
  // Its time began to run when it was asked for.
  const passedSeconds = Math.ceil((Date.now() - askedAtMs) / 1000)
  return token ? { ...token, expiresIn: token.expiresIn - passedSeconds } : renew(ended)
}
