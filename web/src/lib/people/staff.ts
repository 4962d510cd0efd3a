/** Who works in the shop: invited, moved, suspended, readmitted, removed. */
import { call } from '$lib/api/client'
import type { EntryOut, StaffEdit, StaffIn, StaffInvited, StaffOut } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'
import { wholeList } from '$lib/lists/whole'

export type { StaffIn, StaffInvited, StaffOut }

/** One member of staff. Throws Refusal, Unreachable, as everything here. */
export async function readStaff(id: string): Promise<StaffOut> {
  return (await call<StaffOut>('GET', `/api/staff/${id}`)).data
}

/** Everybody who works here now, for choosing somebody. */
export async function everybody(): Promise<StaffOut[]> {
  return wholeList('/api/staff', { status: 'active' })
}

/** Send an invitation by phone, e-mail or both; a demo's answer carries the link's secret. */
export async function inviteStaff(invited: StaffIn): Promise<StaffInvited> {
  return (await call<StaffInvited>('POST', '/api/staff', { body: invited })).data
}

/** Change name, role or branch; `version` is the one that was read, else 409. */
export async function changeStaff(id: string, change: StaffEdit): Promise<StaffOut> {
  return (await call<StaffOut>('PUT', `/api/staff/${id}`, { body: change })).data
}

/** Shut somebody out from their next request on. Refused with `LAST_OWNER` where nobody could manage the shop then. */
export async function suspendStaff(id: string, reason: string): Promise<StaffOut> {
  return (await call<StaffOut>('POST', `/api/staff/${id}/suspend`, { body: { reason } })).data
}

export async function activateStaff(id: string): Promise<StaffOut> {
  return (await call<StaffOut>('POST', `/api/staff/${id}/activate`)).data
}

/** Send a link or code for a new password; who was only invited gets the invitation again. */
export async function resetPassword(id: string): Promise<StaffInvited> {
  return (await call<StaffInvited>('POST', `/api/staff/${id}/reset-password`)).data
}

/** Take away the PIN of somebody who forgot it. */
export async function clearPinOf(id: string): Promise<void> {
  await call('DELETE', `/api/staff/${id}/pin`)
}

export async function removeStaff(id: string): Promise<void> {
  await call('DELETE', `/api/staff/${id}`)
}

/** What somebody changed, the newest first. */
export async function activityOf(id: string, query: Query): Promise<Listed<EntryOut>> {
  return listed(`/api/staff/${id}/activity`, query)
}

export type Tone = 'good' | 'warning' | 'bad' | 'plain'

/** How a state is shown. */
export function toneOf(status: StaffOut['status']): Tone {
  return ({ invited: 'warning', active: 'good', suspended: 'bad', deleted: 'plain' } as const)[status]
}

/** Say whether an invitation has what it needs; the name of the first wrong field, else null. */
export function missingIn(invited: { name: string; phone: string; email: string; role_id: string }): string | null {
  if (!invited.name.trim()) return 'name'
  if (!invited.phone.trim() && !invited.email.trim()) return 'phone'
  return invited.role_id ? null : 'role_id'
}
