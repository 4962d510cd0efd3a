/** Turns at the drawers, as the server lists them. */
import { call } from '$lib/api/client'

/** One turn at a register; amounts in minor units, known once it was counted. */
export interface Turn {
  id: string
  state: 'open' | 'closed'
  register_code: string
  business_date: string
  opened_at: string
  closed_at: string | null
  float: number
  counted: number | null
  expected: number | null
  difference: number | null
}

/** The last turns at a register, the newest first. Throws Refusal and Unreachable. */
export async function turns(registerId: string, limit = 10): Promise<Turn[]> {
  return (await call<Turn[]>('GET', '/api/register-sessions', { query: { register_id: registerId, limit } })).data
}

/** One turn; null where the server does not know it yet. */
export async function turn(id: string): Promise<Turn | null> {
  try {
    return (await call<Turn>('GET', `/api/register-sessions/${id}`)).data
  } catch {
    return null
  }
}
