/** What the whole app knows while it runs: who is here, on which device, with what waiting to be sent. */
import type { Catalogue, Drawer, Local, Me, MyRegister } from '$lib/local/types'

class App {
  /** undefined until it is known whether somebody is logged in. */
  me = $state<Me | null | undefined>(undefined)
  /** Who sells, where somebody switched in by PIN; else `me`. */
  seller = $state<{ staff_id: string; name: string } | null>(null)
  local = $state.raw<Local | null>(null)
  catalogue = $state.raw<Catalogue | null>(null)
  register = $state.raw<MyRegister | null>(null)
  drawer = $state.raw<Drawer | null>(null)
  online = $state(true)
  /** Documents that still have to be delivered; `since` is when the oldest was made. */
  waiting = $state<{ count: number; since: string | null; aside: number }>({ count: 0, since: null, aside: 0 })
  /** How far the first load has come, 0 to 1; null when there is none. */
  loading = $state<number | null>(null)
  /** When the device last heard everything from the server. */
  syncedAt = $state<string | null>(null)
  /** Rises when local data changed; a page that draws from the device reads it to draw anew. */
  changed = $state(0)
  unread = $state(0)
  exceptions = $state(0)
  /** A newer version of the app waits; it is taken up between sales. */
  updateWaiting = $state(false)
  /** Why the login ended, for the login page to say. */
  farewell = $state<string | null>(null)

  may(permission: string): boolean {
    return this.me != null && permission in this.me.permissions
  }
}

export const app = new App()
