import { app } from '$lib/app.svelte'
import type { Desk } from '$lib/local/paper'

/** Say where and by whom a paper about goods is made now. */
export function deskHere(): Desk {
  return { local: app.local, online: app.online, staffId: app.me?.staff_id ?? '' }
}
