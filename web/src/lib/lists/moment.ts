/** Moments in lists, as short as they can be read. */

/** Write a moment (ISO 8601) with day and time; the year only where it is not this one. */
export function shortMoment(moment: string, locale: string, timeZone?: string, now = new Date()): string {
  const at = new Date(moment)
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric'
  const day = { day: 'numeric', month: 'short', year, timeZone } as const
  return new Intl.DateTimeFormat(locale, { ...day, hour: 'numeric', minute: '2-digit' }).format(at)
}
