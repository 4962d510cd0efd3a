/** My own account: name, how I log in, PIN, and the devices I am logged in on. */
import { call } from '$lib/api/client'
import type { DukaShopsAuthSchemasSessionOut, MeEdit, MeOut, OtpOut } from '$lib/api/generated'

export type { MeOut }
export type DeviceSession = DukaShopsAuthSchemasSessionOut

/** My profile. Throws Refusal, Unreachable, as everything here. */
export async function readMe(): Promise<MeOut> {
  return (await call<MeOut>('GET', '/api/me')).data
}

/** Change what is named; another phone or e-mail needs its code and my password. */
export async function changeMe(change: MeEdit): Promise<MeOut> {
  return (await call<MeOut>('PUT', '/api/me', { body: change })).data
}

/** Send a code to a phone that I want to log in with; a demo's answer carries it. */
export async function sendPhoneCode(phone: string, country: string): Promise<OtpOut> {
  const body = { phone, country, purpose: 'change_phone' }
  return (await call<OtpOut>('POST', '/api/auth/otp', { body })).data
}

/** Send a code to an address that I want to log in with. */
export async function sendEmailCode(email: string, password: string): Promise<void> {
  await call('POST', '/api/me/email', { body: { email, password } })
}

/** Choose another password; all my other devices are logged out. */
export async function changePassword(now: string, next: string): Promise<void> {
  await call('POST', '/api/me/password', { body: { current_password: now, password: next } })
}

/** Choose the digits by which I take my turn at a till. */
export async function choosePin(pin: string, password: string): Promise<void> {
  await call('PUT', '/api/me/pin', { body: { pin, current_password: password } })
}

export async function clearPin(): Promise<void> {
  await call('DELETE', '/api/me/pin')
}

/** The devices I am logged in on, this one first. */
export async function mySessions(): Promise<DeviceSession[]> {
  const { data } = await call<DeviceSession[]>('GET', '/api/auth/sessions')
  return data.toSorted((one, other) => Number(other.current) - Number(one.current))
}

export async function endSession(id: string): Promise<void> {
  await call('DELETE', `/api/auth/sessions/${id}`)
}

const PIN_DIGITS = /^[0-9]{4,6}$/
const ROW = '01234567890'

/** What is wrong with a PIN, as the key of a text; null if nothing. The server has the last word. */
export function pinTrouble(pin: string): 'pin.digits' | 'pin.repeats' | 'pin.run' | null {
  if (!PIN_DIGITS.test(pin)) return 'pin.digits'
  if (/^(.{1,3})\1+$/.test(pin)) return 'pin.repeats'
  return ROW.includes(pin) || [...ROW].reverse().join('').includes(pin) ? 'pin.run' : null
}
