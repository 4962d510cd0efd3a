/** Goods put aside: kept for a cart, a sale that is not paid yet, or by hand for a customer. */
import { call } from '$lib/api/client'
import type { ReservationIn, ReservationOut } from '$lib/api/generated'

export const RESERVATION_STATES = ['open', 'taken', 'released', 'expired'] as const

/** Keep goods for somebody; sent twice it keeps them once. Throws Refusal (OUT_OF_STOCK), Unreachable. */
export async function putAside(reservation: ReservationIn): Promise<ReservationOut> {
  return (await call<ReservationOut>('POST', '/api/stock/reservations', { body: reservation })).data
}

/** Put what was put aside back on sale. Throws Refusal (RESERVATION_CLOSED), Unreachable. */
export async function putBack(id: string): Promise<ReservationOut> {
  return (await call<ReservationOut>('POST', `/api/stock/reservations/${id}/release`)).data
}

/** The last moment of a day (`2026-11-22`) on this device's clock, as the server reads it; null for no day. */
export function endOf(day: string): string | null {
  return day ? new Date(`${day}T23:59:59`).toISOString() : null
}
