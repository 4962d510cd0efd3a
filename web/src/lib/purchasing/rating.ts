/** How a supplier delivers, over time. */
import type { RatingOut } from '$lib/api/generated'

/** A calendar month: its first and last day. */
export interface Month {
  from: string
  to: string
}

/** The last `count` calendar months up to a day (`YYYY-MM-DD`), the oldest first; the last one ends on that day. */
export function monthsUntil(day: string, count: number): Month[] {
  const [year = 0, month = 1] = day.split('-').map(Number)
  return Array.from({ length: count }, (_, turn) => {
    const first = new Date(Date.UTC(year, month - count + turn, 1))
    const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0))
    const to = written(last)
    return { from: written(first), to: to < day ? to : day }
  })
}

/** Whether a rating says anything yet. */
export function isRated(rating: RatingOut): boolean {
  return rating.orders > 0 || rating.reject_bp !== null || rating.price_trend_bp !== null
}

/** How good a share is to look at: the words and colours of figures. `best` 'high' for what should be 100 %, 'low' for 0. */
export function toneOf(bp: number | null, best: 'high' | 'low'): 'plain' | 'good' | 'warning' | 'bad' {
  if (bp === null) return 'plain'
  const missing = best === 'high' ? 10_000 - bp : bp
  if (missing <= 500) return 'good'
  return missing <= 2000 ? 'warning' : 'bad'
}

function written(date: Date): string {
  return date.toISOString().slice(0, 10)
}

/** Write a share of basis points as people say it: 9250 is `92.5 %`. `signed` writes + too. */
export function percent(bp: number, locale: string, signed = false): string {
  const style = { style: 'percent', maximumFractionDigits: 1, signDisplay: signed ? 'exceptZero' : 'auto' } as const
  return new Intl.NumberFormat(locale, style).format(bp / 10_000)
}
