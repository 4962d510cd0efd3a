/** How the shop stands now. */
import { call } from '$lib/api/client'
import type { DashboardOut, Day } from '$lib/api/generated'

export type { DashboardOut, Day }

/** Ask for the figures of one branch, or of all that the person reaches. Throws Refusal, Unreachable. */
export async function readDashboard(branchId: string | null): Promise<DashboardOut> {
  return (await call<DashboardOut>('GET', '/api/dashboard', { query: { branch_id: branchId } })).data
}

/** How much more or less than before, in whole percent; null where there is nothing to compare with. */
export function changePercent(now: number, before: number): number | null {
  return before === 0 ? null : Math.round(((now - before) / Math.abs(before)) * 100)
}

/** Whether none of its parts is for the reader. */
export function showsNothing(board: DashboardOut): boolean {
  const { sales, month, owed, drawers, mine, stock, attention } = board
  const parts = [sales, month, owed, drawers, mine, stock, ...Object.values(attention)]
  return parts.every((part) => part === null)
}

/** Write a day of the chart: `12` or, for the first and each first of a month, `1 Nov`. */
export function dayLabel(day: string, place: number, locale: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  const first = place === 0 || date.getUTCDate() === 1
  const shape: Intl.DateTimeFormatOptions = first ? { day: 'numeric', month: 'short' } : { day: 'numeric' }
  return new Intl.DateTimeFormat(locale, { ...shape, timeZone: 'UTC' }).format(date)
}

/** Write an amount short, for the side of a chart: `1.2M`. */
export function shortAmount(minor: number, digits: number, locale: string): string {
  const shape: Intl.NumberFormatOptions = { notation: 'compact', maximumFractionDigits: 1 }
  return new Intl.NumberFormat(locale, shape).format(minor / 10 ** digits)
}
