/** Moments as people say them. */

const STEPS: [limitSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [86_400 * 30, 'day', 86_400],
  [86_400 * 365, 'month', 86_400 * 30.4],
  [Infinity, 'year', 86_400 * 365],
]

/** Say how long ago `moment` (ISO 8601) was: "5 minutes ago"; `justNow` within a minute. */
export function ago(moment: string, nowMs: number, locale: string, justNow: string): string {
  const seconds = Math.round((Date.parse(moment) - nowMs) / 1000)
  if (Math.abs(seconds) < 60) return justNow
  const [, unit, size] = STEPS.find(([limit]) => Math.abs(seconds) < limit) ?? STEPS[4]!
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

/** Write a moment (ISO 8601) with day and time, in the shop's zone where one is named. */
export function written(moment: string, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(moment))
}

/** Write a day (`YYYY-MM-DD`), which is the same day everywhere. */
export function writtenDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))
}

/** Today, moved by some days, as `YYYY-MM-DD` on this device's calendar. */
export function dayFromToday(days: number, now = new Date()): string {
  return dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days))
}

/** The day of a local date as `YYYY-MM-DD`. */
export function dayOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
