/** The door: what somebody does before they are inside. Each verb throws Refusal and Unreachable. */
import { call } from '$lib/api/client'
import { Refusal } from '$lib/api/errors'
import type { InvitationOut, JoinedOut, LoggedInOut, OtpOut, SignUpIn } from '$lib/api/generated'
import { deviceWords } from '$lib/local/session'

/** Somebody of a demo's shop, whom a visitor may be. */
export interface DemoPerson {
  role: string
  name: string
  phone: string
  password: string
}

export interface Demo {
  shop: string
  logins: DemoPerson[]
}

/** What a new shop begins with; the rest follows from the country. */
export type NewShop = Pick<SignUpIn, 'code' | 'phone' | 'password' | 'owner_name' | 'shop_name' | 'kind' | 'country'>

/** Send a code to a phone. The answer holds the code itself on servers that are for trying out. */
export async function askCode(phone: string, purpose: 'sign_up' | 'password_reset', country: string): Promise<OtpOut> {
  const { data } = await call<OtpOut>('POST', '/api/auth/otp', { body: { phone, purpose, country }, as: 'nobody' })
  return data
}

/** Make the account and its shop; the answer is a login to go on from. */
export async function signUp(shop: NewShop): Promise<LoggedInOut> {
  const body = { ...shop, ...(await deviceWords()), remember: true }
  const { data } = await call<LoggedInOut>('POST', '/api/auth/register', { body, as: 'nobody' })
  return data
}

/** Have a link (to an e-mail) or a code (to a phone) sent for a new password. */
export async function forgot(login: string, country: string): Promise<void> {
  await call('POST', '/api/auth/password/forgot', { body: { login, country }, as: 'nobody' })
}

export type Proof = { token: string } | { login: string; code: string; country: string }

/** Set a new password with the link's token or the phone's code; every login of the account ends. */
export async function reset(proof: Proof, password: string): Promise<void> {
  await call('POST', '/api/auth/password/reset', { body: { ...proof, password }, as: 'nobody' })
}

/** What an invitation's link invites to. */
export async function lookAtInvitation(token: string): Promise<InvitationOut> {
  const { data } = await call<InvitationOut>('GET', `/api/auth/invitations/${encodeURIComponent(token)}`, { as: 'nobody' })
  return data
}

/** Take the place; it is no login yet. `password` where the person has no account. */
export async function acceptInvitation(token: string, words: { password?: string; name?: string }): Promise<JoinedOut> {
  const path = `/api/auth/invitations/${encodeURIComponent(token)}/accept`
  const { data } = await call<JoinedOut>('POST', path, { body: words, as: 'nobody' })
  return data
}

/** The demo's people; null where this is no demo. */
export async function demo(): Promise<Demo | null> {
  try {
    return (await call<Demo>('GET', '/api/demo', { as: 'nobody' })).data
  } catch (failure) {
    if (failure instanceof Refusal) return null
    throw failure
  }
}
