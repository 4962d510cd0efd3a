/** Goods on their way from one location to another: asked for, approved, sent, received. */
import { call } from '$lib/api/client'
import type { TransferIn, TransferLineOut, TransferOut, TransferPlaceOut, TransferRow } from '$lib/api/generated'
import { askOrKeep, type Desk } from '$lib/local/paper'
import { toMilli } from '$lib/money/amounts'
import { newId } from '$lib/uuid'

export const TRANSFER_STATES = ['requested', 'approved', 'dispatched', 'received', 'rejected', 'cancelled'] as const
export type TransferState = (typeof TRANSFER_STATES)[number]

/** The way of a transfer that goes well. */
export const WAY = ['requested', 'approved', 'dispatched', 'received'] as const

export type Act = 'approve' | 'reject' | 'dispatch' | 'receive' | 'cancel'
export type Fate = 'loss' | 'sender'

/** What somebody may do, and in which branch they work; null: in all. */
export interface Who {
  branchId: string | null
  may: (permission: string) => boolean
}

const RIGHTS: Record<Act, string> = {
  approve: 'stock:approve', reject: 'stock:approve', dispatch: 'stock:transfer', receive: 'stock:receive', cancel: 'stock:transfer',
}

const OPEN: Partial<Record<TransferState, readonly Act[]>> = {
  requested: ['approve', 'reject', 'cancel'], approved: ['dispatch', 'cancel'], dispatched: ['receive'],
}

type Ends = Pick<TransferRow, 'from_branch_id' | 'from_branch_name' | 'from_location_name' | 'to_branch_id' | 'to_branch_name' | 'to_location_name'>

/** Name both ends of a transfer, with their branches where these differ. */
export function endsOf(transfer: Ends): { from: string; to: string } {
  const same = transfer.from_branch_id === transfer.to_branch_id
  const named = (branch: string, location: string): string => (same ? location : `${branch} · ${location}`)
  return {
    from: named(transfer.from_branch_name, transfer.from_location_name), to: named(transfer.to_branch_name, transfer.to_location_name),
  }  // prettier-ignore
}

/** Which side somebody stands on. */
export function sideOf(transfer: Pick<TransferRow, 'from_branch_id' | 'to_branch_id'>, branchId: string | null): 'sender' | 'receiver' | 'both' {
  if (branchId === null || transfer.from_branch_id === transfer.to_branch_id) return 'both'
  return transfer.from_branch_id === branchId ? 'sender' : 'receiver'
}

/** Say what somebody can do with a transfer now: the sender lets go and sends, the receiver receives, either calls it off. */
export function actsFor(transfer: Pick<TransferRow, 'state' | 'from_branch_id' | 'to_branch_id'>, who: Who): Act[] {
  const side = sideOf(transfer, who.branchId)
  const mine = (act: Act): boolean => act === 'cancel' || side === 'both' || side === (act === 'receive' ? 'receiver' : 'sender')
  return (OPEN[transfer.state] ?? []).filter((act) => who.may(RIGHTS[act]) && mine(act))
}

/** How far a transfer has come on its way, as a place in `WAY`; one that was stopped stays where it was stopped. */
export function placeOf(transfer: Pick<TransferOut, 'state' | 'steps'>): number {
  const known = (WAY as readonly string[]).indexOf(transfer.state)
  if (known >= 0) return known
  return Math.max(0, ...transfer.steps.map((step) => (WAY as readonly string[]).indexOf(step.state_to)))
}

/** How much of a line is meant now, in thousandths: what arrived, else what left, else what was asked for. */
export function meantMilli(line: Pick<TransferLineOut, 'requested' | 'dispatched' | 'received'>): number {
  return toMilli(line.received ?? line.dispatched ?? line.requested)
}

/** What arrived of each line, as the receiver counts it. */
export interface Arrival {
  quantityMilli: number | null
  fate: Fate | ''
}

/** Begin from everything as it left. */
export function asSent(lines: readonly TransferLineOut[]): Record<string, Arrival> {
  return Object.fromEntries(lines.map((line) => [line.id, { quantityMilli: meantMilli(line), fate: '' as const }]))
}

/** How much more (or, below zero, less) of a line arrived than left, in thousandths; 0 while nothing is typed. */
export function differenceMilli(line: TransferLineOut, arrival: Arrival | undefined): number {
  return arrival?.quantityMilli == null ? 0 : arrival.quantityMilli - meantMilli(line)
}

/** Say whether each line is counted and each difference has a fate. */
export function canReceive(lines: readonly TransferLineOut[], arrivals: Record<string, Arrival>): boolean {
  return lines.every((line) => {
    const arrival = arrivals[line.id]
    return arrival?.quantityMilli != null && (differenceMilli(line, arrival) === 0 || arrival.fate !== '')
  })
}

const at = (id: string, step = ''): string => `/api/transfers/${id}${step}`

/** Ask for goods. Throws Refusal (NOT_YOUR_BRANCH, NOT_STOCKED ...), Unreachable. */
export async function requestTransfer(transfer: TransferIn): Promise<TransferOut> {
  return (await call<TransferOut>('POST', '/api/transfers', { body: transfer })).data
}

/** Send goods off that nobody asked for first, in one paper; gives null where it waits on this device. Throws Refusal
 * (OUT_OF_STOCK, SERIALS_REQUIRED, NOT_YOUR_BRANCH ...). `label` is what it is called while it waits. */
export async function sendNow(desk: Desk, transfer: TransferIn & { id: string }, label: string): Promise<TransferOut | null> {
  const paper = { id: transfer.id, kind: 'transfer', path: '/api/transfers', label } as const
  return askOrKeep<TransferOut>(desk, { ...paper, body: { ...transfer, sent: true } })
}

/** Where goods can go from and to, in all branches. */
export async function readPlaces(): Promise<TransferPlaceOut[]> {
  return (await call<TransferPlaceOut[]>('GET', '/api/transfers/places')).data
}

export async function readTransfer(id: string): Promise<TransferOut> {
  return (await call<TransferOut>('GET', at(id))).data
}

export async function approveTransfer(id: string): Promise<TransferOut> {
  return (await call<TransferOut>('POST', at(id, '/approve'))).data
}

/** Turn a request down, or call a transfer off. */
export async function stopTransfer(id: string, act: 'reject' | 'cancel', reason: string): Promise<TransferOut> {
  return (await call<TransferOut>('POST', at(id, `/${act}`), { body: { reason } })).data
}

/** Send the goods off; `quantities` in thousandths by line, a line that is not named leaves as asked for. Gives null for
 * a paper that waits on this device. */
export async function sendOff(desk: Desk, transfer: TransferOut, quantities: Record<string, number | null>): Promise<TransferOut | null> {
  const changed = transfer.lines.filter((line) => quantities[line.id] != null && quantities[line.id] !== toMilli(line.requested))
  const lines = changed.map((line) => ({ line_id: line.id, quantity: quantities[line.id]! / 1000 }))
  return tell(desk, transfer, '/dispatch', lines)
}

/** Receive the goods as they arrived; gives null for a paper that waits on this device. Throws Refusal
 * (DIFFERENCE_UNNAMED, OUT_OF_STOCK ...). */
export async function receive(desk: Desk, transfer: TransferOut, arrivals: Record<string, Arrival>): Promise<TransferOut | null> {
  const differing = transfer.lines.filter((line) => differenceMilli(line, arrivals[line.id]) !== 0)
  const lines = differing.map((line) => {
    const { quantityMilli, fate } = arrivals[line.id]!
    return { line_id: line.id, quantity: quantityMilli! / 1000, difference: fate || null }
  })
  return tell(desk, transfer, '/receive', lines)
}

async function tell(desk: Desk, transfer: TransferOut, step: '/dispatch' | '/receive', lines: object[]): Promise<TransferOut | null> {
  const [id, ends] = [newId(), endsOf(transfer)]
  const paper = { id, kind: 'transfer', path: at(transfer.id, step), label: `${ends.from} → ${ends.to}` } as const
  return askOrKeep<TransferOut>(desk, { ...paper, body: { id, lines } })
}
