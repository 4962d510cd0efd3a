/** Purchase orders: asked for, approved, placed, closed; and the steps that a person may take with one. */
import { call } from '$lib/api/client'
import type { LowOrdered, OrderEdit, OrderIn, OrderLineOut, OrderListed, OrderOut, OrderSent } from '$lib/api/generated'
import { listed, type Listed, type Query } from '$lib/lists/listed'
import { toMilli } from '$lib/money/amounts'

export type OrderState = OrderListed['state']
export type Step = 'approve' | 'reject' | 'order' | 'receive' | 'close' | 'cancel'
export type Tone = 'plain' | 'good' | 'warning' | 'bad' | 'info' | 'accent'

export const STATES = [
  'requested', 'approved', 'ordered', 'part_received', 'received', 'closed', 'rejected', 'cancelled',
] as const satisfies readonly OrderState[]  // prettier-ignore

/** The way of an order whose goods come, step by step. */
export const WAY = ['requested', 'approved', 'ordered', 'part_received', 'received', 'closed'] as const

const STEPS: Record<Step, { from: readonly OrderState[]; permission: string }> = {
  approve: { from: ['requested'], permission: 'purchasing:approve' },
  order: { from: ['approved'], permission: 'purchasing:update' },
  receive: { from: ['ordered', 'part_received'], permission: 'purchasing:receive' },
  close: { from: ['part_received', 'received'], permission: 'purchasing:update' },
  reject: { from: ['requested'], permission: 'purchasing:approve' },
  cancel: { from: ['requested', 'approved', 'ordered'], permission: 'purchasing:update' },
}

export const TONES: Record<OrderState, Tone> = {
  requested: 'warning', approved: 'info', ordered: 'accent', part_received: 'accent', received: 'good', closed: 'plain',
  rejected: 'bad', cancelled: 'bad',
}  // prettier-ignore

/** The steps that an order allows to whoever may take them, the most likely one first. */
export function openSteps(order: { state: OrderState }, may: (permission: string) => boolean): Step[] {
  const steps = Object.entries(STEPS) as [Step, (typeof STEPS)[Step]][]
  return steps.filter(([, { from, permission }]) => from.includes(order.state) && may(permission)).map(([step]) => step)
}

/** Whether an order may still be changed: until somebody approved it. */
export function isOpenToChange(order: { state: OrderState }): boolean {
  return order.state === 'requested'
}

/** How far an order has come on its way, from 0; -1 where it was rejected or cancelled. */
export function placeOnWay(state: OrderState): number {
  return (WAY as readonly string[]).indexOf(state)
}

/** Whether the expected day (`YYYY-MM-DD`) is over and goods are still awaited. */
export function isLate(order: { state: OrderState; expected_on: string | null }, today: string): boolean {
  const awaited = order.state === 'ordered' || order.state === 'part_received'
  return awaited && order.expected_on !== null && order.expected_on < today
}

export async function listOrders(query: Query): Promise<Listed<OrderListed>> {
  return listed('/api/purchase-orders', query)
}

/** One order with its lines, what was last paid for each, and its history. Throws Refusal, Unreachable. */
export async function readOrder(id: string): Promise<OrderOut> {
  return (await call<OrderOut>('GET', `/api/purchase-orders/${id}`)).data
}

/** Ask for goods. `id` in the body makes repeating safe. */
export async function requestOrder(body: OrderIn): Promise<OrderOut> {
  return (await call<OrderOut>('POST', '/api/purchase-orders', { body })).data
}

/** Change an order that nobody approved yet; `version` is the one that was read, else 409. */
export async function changeOrder(id: string, change: OrderEdit): Promise<OrderOut> {
  return (await call<OrderOut>('PUT', `/api/purchase-orders/${id}`, { body: change })).data
}

/** Order all that runs low where this person works, or everywhere. Asked again it orders nothing twice. */
export async function orderLow(): Promise<LowOrdered> {
  return (await call<LowOrdered>('POST', '/api/purchase-orders/from-low-stock', { body: {} })).data
}

/** An order as PDF, A4. */
export async function orderPdf(id: string): Promise<Blob> {
  return (await call<Blob>('GET', `/api/purchase-orders/${id}/pdf`, { want: 'blob', timeoutMs: 60_000 })).data
}

/** Send an order as PDF by e-mail; it leaves a moment later. */
export async function mailOrder(id: string, to: string): Promise<void> {
  await call('POST', `/api/purchase-orders/${id}/send`, { body: { by: 'email', to } })
}

/** A fresh link by which the supplier sees the order and says what comes. */
export async function linkToOrder(id: string): Promise<string> {
  const { data } = await call<OrderSent>('POST', `/api/purchase-orders/${id}/send`, { body: { by: 'whatsapp' } })
  return data.link ?? ''
}

/** End all links to an order. */
export async function endLinks(id: string): Promise<void> {
  await call('DELETE', `/api/purchase-orders/${id}/links`)
}

/** How a line that the supplier confirmed differs from what was asked: `short` by so many thousandths, `late` or not. */
export function differenceOf(order: Pick<OrderOut, 'expected_on'>, line: OrderLineOut): { shortMilli: number; late: boolean } {
  const wanted = line.expected_on ?? order.expected_on
  const shortMilli = line.confirmed === null ? 0 : Math.max(0, toMilli(line.quantity) - toMilli(line.confirmed))
  return { shortMilli, late: wanted !== null && line.confirmed_on !== null && line.confirmed_on > wanted }
}

/** Take a step with an order; rejecting and cancelling need a reason. */
export async function takeStep(id: string, step: Exclude<Step, 'receive'>, reason?: string): Promise<OrderOut> {
  const body = reason === undefined ? undefined : { reason }
  return (await call<OrderOut>('POST', `/api/purchase-orders/${id}/${step}`, { body })).data
}
