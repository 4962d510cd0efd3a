/** An order as its supplier sees it by a link, without a login: look at it, say what will come. */
import { call } from '$lib/api/client'
import type { AskedOrder, ConfirmByLinkIn, LinkIn } from '$lib/api/generated'
import { fromMilli, toMilli } from '$lib/money/amounts'

export type { AskedOrder }

type ConfirmIn = Omit<ConfirmByLinkIn, 'token'>

/** What a supplier fills in for a line: thousandths (null while unreadable), and the day (`YYYY-MM-DD`, '' as wanted). */
export interface Said {
  id: string
  quantityMilli: number | null
  day: string
}

/** The order behind a link. Throws Refusal where the link is no longer good, Unreachable. */
export async function readAsked(token: string): Promise<AskedOrder> {
  return (await call<AskedOrder>('POST', '/api/order-links/open', { body: { token } satisfies LinkIn, as: 'nobody' })).data
}

/** Tell the shop what will come, once or again. Throws Refusal, Unreachable. */
export async function confirmAsked(token: string, body: ConfirmIn): Promise<AskedOrder> {
  const said: ConfirmByLinkIn = { ...body, token }
  return (await call<AskedOrder>('POST', '/api/order-links/confirm', { body: said, as: 'nobody' })).data
}

/** What the form begins with: what was said before, else all that is wanted on the wanted day. */
export function beginningOf(order: AskedOrder): Said[] {
  return order.lines.map((line) => ({
    id: line.id,
    quantityMilli: toMilli(line.confirmed ?? line.quantity),
    day: line.confirmed_on ?? wantedOn(order, line) ?? '',
  }))
}

/** The day a line is wanted on: its own, else the order's. */
export function wantedOn(order: AskedOrder, line: AskedOrder['lines'][number]): string | null {
  return line.expected_on ?? order.expected_on
}

/** By how much less comes than is wanted, in thousandths; 0 where enough comes. */
export function shortMilli(line: AskedOrder['lines'][number], said: Said): number {
  return said.quantityMilli === null ? 0 : Math.max(0, toMilli(line.quantity) - said.quantityMilli)
}

/** Whether the day that was said is after the wanted one. */
export function comesLate(wanted: string | null, day: string): boolean {
  return wanted !== null && day !== '' && day > wanted
}

/** What is sent to the shop; null while a quantity is unreadable. */
export function saidBody(said: readonly Said[], note: string): ConfirmIn | null {
  if (said.some((line) => line.quantityMilli === null)) return null
  const lines = said.map(({ id, quantityMilli, day }) => ({ id, quantity: fromMilli(quantityMilli ?? 0), expected_on: day || null }))
  return { lines, note: note.trim() }
}
