/** A list on a page: filtered, sorted, grown page by page, remembered for when there is no network. */
import { app } from '$lib/app.svelte'
import { freshOrSeen } from '$lib/local/seen'

import { listed, type Listed, type Query } from './listed'

export const PAGE_ROWS = 50

/** The rows of `path`, asked with `load`, grown with `more`. `rows` is null until the first answer. */
export class Listing<Row> {
  rows = $state.raw<Row[] | null>(null)
  /** How many there are in all, where the server counted. */
  total = $state<number | null>(null)
  next = $state<string | null>(null)
  loading = $state(true)
  growing = $state(false)
  failure = $state.raw<unknown>(null)
  /** When what is shown was heard, if it comes from memory. */
  heardAt = $state<string | null>(null)
  query: Query = {}
  #turn = 0

  constructor(readonly path: string) {}

  /** Ask for the first page. The answer of an older question never overwrites that of a newer one. */
  async load(query: Query = this.query): Promise<void> {
    this.query = query
    this.#turn += 1
    const turn = this.#turn
    this.loading = true
    try {
      const ask = (): Promise<Listed<Row>> => listed<Row>(this.path, { limit: PAGE_ROWS, total: true, ...query })
      const { data, at } = await freshOrSeen(app.local, this.#key(), ask)
      if (turn !== this.#turn) return
      this.rows = data.rows
      this.next = data.page.next_cursor
      this.total = data.page.total
      this.heardAt = at
      this.failure = null
    } catch (failure) {
      if (turn !== this.#turn) return
      this.rows = null
      this.failure = failure
    } finally {
      if (turn === this.#turn) this.loading = false
    }
  }

  /** Ask for the next page and put it below. */
  async more(): Promise<void> {
    if (!this.next || this.growing) return
    const turn = this.#turn
    this.growing = true
    try {
      const { rows, page } = await listed<Row>(this.path, { limit: PAGE_ROWS, ...this.query, cursor: this.next })
      if (turn !== this.#turn) return
      this.rows = [...(this.rows ?? []), ...rows]
      this.next = page.next_cursor
      this.failure = null
    } catch (failure) {
      if (turn === this.#turn) this.failure = failure
    } finally {
      this.growing = false
    }
  }

  #key(): string {
    const words = Object.entries(this.query).filter(([, value]) => value != null && value !== '')
    return `${this.path}?${new URLSearchParams(words.map(([name, value]) => [name, String(value)])).toString()}`
  }
}
