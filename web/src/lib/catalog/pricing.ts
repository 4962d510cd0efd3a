/** Many prices changed at once: worked out, looked at, applied, taken back. Amounts are minor units. */
import { call } from '$lib/api/client'
import type { PriceChangeIn, PriceChangeOut } from '$lib/api/generated'

export type ChangeState = PriceChangeOut['state']

const WORK_MS = 120_000
const ASK_AGAIN_MS = 1_000
const at = (id: string, step = ''): string => `/api/price-changes/${id}${step}`

/** Which items, as the form asks. */
export type Which = 'group' | 'brand' | 'text' | 'everything'

export interface PriceForm {
  which: Which
  groupId: string
  brand: string
  text: string
  way: 'up' | 'down'
  by: 'percent' | 'amount'
  /** As typed: `5` or `2.5`. */
  percent: string
  amountMinor: number | null
  roundToMinor: number | null
  endingMinor: number | null
  rounding: 'nearest' | 'up' | 'down'
  /** `YYYY-MM-DD`, or '' for at once. */
  from: string
  note: string
}

export const BLANK_CHANGE: PriceForm = {
  which: 'group', groupId: '', brand: '', text: '', way: 'up', by: 'percent', percent: '', amountMinor: null,
  roundToMinor: null, endingMinor: null, rounding: 'nearest', from: '', note: '',
}  // prettier-ignore

const PERCENT = /^\d{1,3}([.,]\d{1,2})?$/

/** Read a percentage that a person typed into basis points; null when it is none. */
export function percentBp(text: string): number | null {
  const typed = text.trim()
  return PERCENT.test(typed) ? Math.round(Number(typed.replace(',', '.')) * 100) : null
}

/** Say what of a form is missing or wrong, by field. */
export function faultsIn(form: PriceForm): Partial<Record<'which' | 'by' | 'rounding', true>> {
  const named = { group: form.groupId, brand: form.brand.trim(), text: form.text.trim(), everything: 'yes' }[form.which]
  const bp = percentBp(form.percent)
  // Rounding alone is a change too; nobody lowers by a hundred percent.
  const blank = form.by === 'percent' ? form.percent.trim() === '' : !form.amountMinor
  const right = form.by === 'amount' || (bp !== null && (form.way === 'up' || bp < 10_000))
  return {
    ...(named ? {} : { which: true as const }),
    ...((blank ? form.roundToMinor : right) ? {} : { by: true as const }),
    ...((form.endingMinor ?? 0) < (form.roundToMinor ?? 1) ? {} : { rounding: true as const }),
  }
}

/** Write a form as the server takes it. `midnight` turns a day into the moment it begins. */
export function changeOf(form: PriceForm, id: string, midnight: (day: string) => string): PriceChangeIn {
  const sign = form.way === 'up' ? 1 : -1
  const items = {
    group: { group_id: form.groupId }, brand: { brand: form.brand.trim() }, text: { q: form.text.trim() },
    everything: { everything: true },
  }[form.which]  // prettier-ignore
  const how = form.by === 'percent' ? { percent_bp: sign * (percentBp(form.percent) ?? 0) } : { amount: sign * (form.amountMinor ?? 0) }
  return {
    id, ...items, ...how, note: form.note.trim(),
    ...(form.roundToMinor ? { round_to: form.roundToMinor, ending: form.endingMinor ?? 0, rounding: form.rounding } : {}),
    ...(form.from ? { price_from: midnight(form.from) } : {}),
  }  // prettier-ignore
}

/** The moment at which a day begins in a time zone, as ISO 8601. */
export function beginOf(day: string, zone: string | undefined): string {
  const utc = Date.parse(`${day}T00:00:00Z`)
  const shown = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric',
  }).formatToParts(utc)  // prettier-ignore
  const part = (type: string): number => Number(shown.find((each) => each.type === type)?.value)
  const ahead = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - utc
  return new Date(utc - ahead).toISOString()
}

/** Work new prices out; nothing changes yet. Throws Refusal, Unreachable. */
export async function workOut(change: PriceChangeIn): Promise<PriceChangeOut> {
  return (await call<PriceChangeOut>('POST', '/api/price-changes', { body: change, timeoutMs: WORK_MS })).data
}

export async function readChange(id: string): Promise<PriceChangeOut> {
  return (await call<PriceChangeOut>('GET', at(id))).data
}

/** Let the prices begin. Throws Refusal PRICES_MOVED where one was changed since. */
export async function applyChange(id: string): Promise<PriceChangeOut> {
  return (await call<PriceChangeOut>('POST', at(id, '/apply'), { timeoutMs: WORK_MS })).data
}

/** Work out how to give an applied change's prices back: a change of its own, to be looked at and applied. */
export async function undoChange(id: string): Promise<PriceChangeOut> {
  return (await call<PriceChangeOut>('POST', at(id, '/undo'), { timeoutMs: WORK_MS })).data
}

export async function dropChange(id: string): Promise<void> {
  await call('DELETE', at(id))
}

/** Follow a change on which a job works, telling how far it has come. Ends early when `signal` says so. */
export async function followChange(change: PriceChangeOut, told: (now: PriceChangeOut) => void, signal: AbortSignal): Promise<void> {
  let now = change
  while ((now.state === 'drafting' || now.state === 'applying') && !signal.aborted) {
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS))
    now = await readChange(now.id)
    if (!signal.aborted) told(now)
  }
}
