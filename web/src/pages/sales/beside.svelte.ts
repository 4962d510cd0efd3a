/** A list of sales with what this device knows beside the server's answer: what waits to be sent, and without a network
 * what was synced. */
import { Unreachable } from '$lib/api/errors'
import type { SaleListed } from '$lib/api/generated'
import { app } from '$lib/app.svelte'
import type { Listing } from '$lib/lists/listing.svelte'
import { fits, listedOf, salesHere, together, waitingSales, type Here } from '$lib/sales/here'

export interface WaitingRow {
  sale: SaleListed
  /** The server did not take it. */
  aside: boolean
}

const NOTHING: Here = { rows: [], known: [], at: null }

/** What is beside a listing; call `read` whenever the device may know something new. */
export class Beside {
  /** The sales that have not reached the server and that the list asks for, the newest first. */
  waiting = $state.raw<WaitingRow[]>([])
  #here = $state.raw<Here>(NOTHING)

  constructor(private readonly listing: Listing<SaleListed>) {}

  readonly #offline = $derived.by(() => this.listing.heardAt !== null || this.listing.failure instanceof Unreachable)
  readonly #known = $derived.by(() => this.#offline && (this.listing.rows !== null || this.#here.at !== null))

  /** The rows of the list without those that wait; null until there are some. */
  readonly rows = $derived.by<SaleListed[] | null>(() => {
    const { rows, query } = this.listing
    const all = this.#known ? together(rows ?? [], this.#here, String(query['sort'] ?? '-created')) : rows
    const apart = this.waiting.map(({ sale }) => sale.id)
    return all?.filter((row) => !apart.includes(row.id)) ?? null
  })

  /** When what is shown was heard, if it comes from memory. */
  readonly heardAt = $derived.by(() => (this.#known ? (this.#here.at ?? this.listing.heardAt) : this.listing.heardAt))
  readonly failure = $derived.by(() => (this.#known ? null : this.listing.failure))
  readonly total = $derived.by(() => (this.#known ? null : this.listing.total))

  async read(): Promise<void> {
    const { local } = app
    if (!local) return
    const { query } = this.listing
    const [waiting, here] = await Promise.all([waitingSales(local), this.#offline ? salesHere(local, query) : this.#here])
    this.waiting = waiting
      .filter(({ sale }) => fits(sale, query))
      .map(({ sale, delivery }) => ({ sale: listedOf(sale), aside: delivery !== 'waiting' }))
    this.#here = here
  }
}
