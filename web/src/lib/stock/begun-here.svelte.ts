/** What was begun on this device, for a page to draw: read anew whenever what waits here changes. */
import { untrack } from 'svelte'

import { app } from '$lib/app.svelte'
import { watchOutbox } from '$lib/local/outbox'

import type { Begun, Known } from './begun'

/** What the app knows now. */
export function knownHere(): Known {
  return { local: app.local, catalogue: app.catalogue, approves: app.may('stock:approve') }
}

/** Things of one kind that were begun here, the newest first. Made while a component is set up, for as long as it is. */
export class BegunHere<T extends { id: string }> {
  rows = $state.raw<Begun<T>[]>([])

  constructor(private readonly read: (known: Known) => Promise<Begun<T>[]>) {
    $effect(() => {
      void [app.local, app.catalogue, app.changed, app.waiting]
      untrack(() => void this.look())
    })
    $effect(() => watchOutbox(() => void this.look()))
  }

  /** The one with this id; undefined once the server has it. */
  one(id: string): Begun<T> | undefined {
    return this.rows.find((each) => each.shown.id === id)
  }

  private async look(): Promise<void> {
    const found = await this.read(knownHere())
    // What waits is read often, and seldom differs.
    if (found.length || this.rows.length) this.rows = found
  }
}
