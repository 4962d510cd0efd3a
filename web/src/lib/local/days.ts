/** The business day by this device, as the shop counts days. */
import { readMeta } from './db'
import type { Local } from './types'

/** Give the business day now (`2026-11-21`): the larger of the device's own in the shop's zone and the last one the
 * server named, so that a clock that was set back does not lead to a day that is over. */
export async function businessDate(local: Local, now = Date.now()): Promise<string> {
  const settings = await local.db.get('settings', 'shop')
  const own = dayIn(settings?.time_zone ?? 'UTC', now - (settings?.day_start_minutes ?? 0) * 60_000)
  const told = (await readMeta(local, 'server_date')) ?? ''
  return own > told ? own : told
}

/** Which day it is in a time zone. A zone that the browser does not know counts as UTC. */
export function dayIn(timeZone: string, moment: number): string {
  const format = (zone: string): string =>
    new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(moment)
  try {
    return format(timeZone)
  } catch {
    return format('UTC')
  }
}
