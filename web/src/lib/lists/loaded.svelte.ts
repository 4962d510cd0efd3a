/** What a page shows from the server: asked, remembered on the device, shown with its age when there is no network. */
import { app } from '$lib/app.svelte'
import { freshOrSeen } from '$lib/local/seen'

/** One answer. `key` names it in the device's memory; without one it is not remembered. */
export class Loaded<T> {
  data = $state.raw<T | null>(null)
  failure = $state.raw<unknown>(null)
  /** When what is shown was heard, if it comes from memory; null when it is fresh. */
  heardAt = $state<string | null>(null)
  loading = $state(false)
  #turn = 0

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly key?: string,
  ) {}

  /** Ask again; what is shown stays until the answer is there. Never throws: see `failure`. */
  async load(): Promise<void> {
    this.#turn += 1
    const turn = this.#turn
    this.loading = true
    try {
      const answer = this.key ? await freshOrSeen(app.local, this.key, this.ask) : { data: await this.ask(), at: null }
      if (turn !== this.#turn) return
      this.set(answer.data)
      this.heardAt = answer.at
    } catch (failure) {
      if (turn === this.#turn) this.failure = failure
    } finally {
      if (turn === this.#turn) this.loading = false
    }
  }

  /** Show what an action gave back. */
  set(data: T): void {
    this.data = data
    this.failure = null
    this.heardAt = null
  }
}
