/** Switching who sells by PIN, with or without a network: the till keeps only what checks a PIN. */
import { keeping, readMeta } from './db'
import type { Local, StaffRow } from './types'
import { without } from './without'

const TRIES = 5
const FIRST_WAIT_SECONDS = 30
const WAIT_SECONDS_MAX = 900

export type Checked =
  | { outcome: 'right'; staff: StaffRow }
  | { outcome: 'wrong'; triesLeft: number }
  | { outcome: 'wait'; seconds: number }
  /** Nobody of this id, suspended, or without a PIN. */
  | { outcome: 'unknown' }

/** Give the colleagues who can switch in at this till, by name. */
export async function switchable(local: Local): Promise<StaffRow[]> {
  const rows = await local.db.getAll('staff')
  return rows.filter((row) => row.status === 'active' && row.pin).sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** Check a colleague's PIN. After five wrong ones in a row the next waits 30 seconds, then twice as long each time. */
export async function checkPin(local: Local, staffId: string, pin: string, now = Date.now()): Promise<Checked> {
  const staff = await local.db.get('staff', staffId)
  if (!staff?.pin || staff.status !== 'active') return { outcome: 'unknown' }
  const tries = (await readMeta(local, 'pin_tries')) ?? {}
  const before = tries[staffId] ?? { count: 0, until: 0 }
  if (before.until > now) return { outcome: 'wait', seconds: Math.ceil((before.until - now) / 1000) }
  if (await fits(pin, staff.pin)) {
    await note(local, staffId, null)
    return { outcome: 'right', staff }
  }
  const count = before.count + 1
  const waitSeconds = count < TRIES ? 0 : Math.min(WAIT_SECONDS_MAX, FIRST_WAIT_SECONDS * 2 ** (count - TRIES))
  await note(local, staffId, { count, until: waitSeconds ? now + waitSeconds * 1000 : 0 })
  if (waitSeconds) return { outcome: 'wait', seconds: waitSeconds }
  return { outcome: 'wrong', triesLeft: TRIES - count }
}

async function note(local: Local, staffId: string, tries: { count: number; until: number } | null): Promise<void> {
  await keeping(local, ['meta'], async (tx) => {
    const all = ((await tx.objectStore('meta').get('pin_tries')) ?? {}) as Record<string, unknown>
    const others = without(all, staffId)
    await tx.objectStore('meta').put(tries ? { ...others, [staffId]: tries } : others, 'pin_tries')
  })
}

/** PBKDF2 with SHA-256 (RFC 8018); salt and hash are hexadecimal. */
async function fits(pin: string, kept: { salt: string; iterations: number; hash: string }): Promise<boolean> {
  const expected = bytesOf(kept.hash)
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  const way = { name: 'PBKDF2', hash: 'SHA-256', salt: bytesOf(kept.salt), iterations: kept.iterations }
  const found = new Uint8Array(await crypto.subtle.deriveBits(way, key, expected.length * 8))
  return found.every((byte, place) => byte === expected[place])
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
