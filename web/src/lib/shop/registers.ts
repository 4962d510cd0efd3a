/** The shop's tills as its owner looks after them: numbers, credentials, closing. */
import { call } from '$lib/api/client'
import type { Range, RegisterIn, RegisterOut, RegisterWithCredential, SeriesNumbers } from '$lib/api/generated'
import { wholeList } from '$lib/lists/whole'

export type { RegisterOut, SeriesNumbers }

/** All registers, closed ones too. Throws Refusal, Unreachable, as everything here. */
export async function allRegisters(): Promise<RegisterOut[]> {
  return wholeList('/api/registers', { sort: 'code' })
}

/** Register one that the server numbers, for API clients; a device's till registers itself. */
export async function addRegister(register: RegisterIn): Promise<RegisterWithCredential> {
  return (await call<RegisterWithCredential>('POST', '/api/registers', { body: register })).data
}

export async function renameRegister(id: string, name: string, version: number): Promise<RegisterOut> {
  return (await call<RegisterOut>('PUT', `/api/registers/${id}`, { body: { name, version } })).data
}

/** From now on nothing that the till delivers is taken: for a stolen device. */
export async function revokeCredential(id: string): Promise<RegisterOut> {
  return (await call<RegisterOut>('DELETE', `/api/registers/${id}/credential`)).data
}

/** Close a till for good; awaited numbers become a hole that the server declares and signs. */
export async function closeRegister(id: string, reason: string): Promise<RegisterOut> {
  return (await call<RegisterOut>('POST', `/api/registers/${id}/close`, { body: { reason } })).data
}

/** Which of a till's numbers arrived and which are awaited. */
export async function numbersOf(id: string): Promise<SeriesNumbers[]> {
  return (await call<SeriesNumbers[]>('GET', `/api/registers/${id}/series`)).data
}

/** How a till stands: one word for its badge. */
export function standingOf(register: RegisterOut): 'closed' | 'replaced' | 'cut_off' | 'open' {
  if (register.closed_at) return 'closed'
  if (register.replaced_at) return 'replaced'
  return register.kind === 'installation' && !register.has_credential ? 'cut_off' : 'open'
}

/** Write ranges of numbers: `7, 9–12`. */
export function rangesText(ranges: readonly Range[]): string {
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`)).join(', ')
}
