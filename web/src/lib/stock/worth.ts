/** What stock was worth at the end of a day, in minor units. */
import { call } from '$lib/api/client'
import type { ValuationOut } from '$lib/api/generated'

const MONTHS = 6

/** Ask for the worth at the end of a business day (`YYYY-MM-DD`); today's where none is named. Throws Refusal, Unreachable. */
export async function worthAt(day?: string): Promise<ValuationOut> {
  return (await call<ValuationOut>('GET', '/api/stock/valuation', { query: { date: day } })).data
}

/** The last days of the six months before a day, the oldest first. */
export function monthEndsBefore(day: string): string[] {
  const [year = 0, month = 1] = day.split('-').map(Number)
  // Day 0 of a month is the last one of the month before.
  return Array.from({ length: MONTHS }, (_, turn) => new Date(Date.UTC(year, month - MONTHS + turn, 0)).toISOString().slice(0, 10))
}

/** Ask for the worth at the ends of the last months and of the day itself, one after the other, the oldest first. */
export async function worthOverTime(day: string): Promise<ValuationOut[]> {
  const found: ValuationOut[] = []
  for (const each of [...monthEndsBefore(day), day]) found.push(await worthAt(each))
  return found
}
