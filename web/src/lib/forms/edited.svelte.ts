/** A form over something that was read: what was typed, what differs, what the server found wrong with it. */
import { untrack } from 'svelte'

import { dropDraft, keepDraft, readDraft } from './drafts'
import { isStale, mistakesOf, type Mistakes } from './mistakes'

type Name<T> = keyof T & string

interface Kept<T> {
  version: number
  values: T
}

/**
 * The values of a form, told apart from those that were read. What was typed is kept under `draft` while the tab is
 * open, so that leaving the page loses nothing.
 */
export class Edited<T extends object> {
  now = $state() as T
  mistakes = $state<Mistakes>({})
  saving = $state(false)
  /** Somebody else saved first; `theirs` is what stands now. */
  theirs = $state.raw<{ values: T; version: number } | null>(null)
  /** What was typed before is back. */
  restored = $state(false)
  version = $state(0)
  #read = $state.raw() as T

  constructor(
    values: T,
    version: number,
    readonly draft?: string,
  ) {
    const kept = draft ? readDraft<Kept<T>>(draft) : null
    this.take(values, version)
    // What was typed over values that somebody changed since is not mixed with the new ones.
    if (kept?.version !== version) return
    this.now = { ...structuredClone(values), ...kept.values }
    this.restored = this.changed
  }

  get changedNames(): Name<T>[] {
    return (Object.keys(this.#read) as Name<T>[]).filter((name) => differ(this.now[name], this.#read[name]))
  }

  get changed(): boolean {
    return this.changedNames.length > 0
  }

  /** Only what differs from what was read: what is sent. */
  get changes(): Partial<T> {
    return Object.fromEntries(this.changedNames.map((name) => [name, $state.snapshot(this.now[name])])) as Partial<T>
  }

  /** Which values another person changed meanwhile. */
  get theirNames(): Name<T>[] {
    const { theirs } = this
    if (!theirs) return []
    return (Object.keys(this.#read) as Name<T>[]).filter((name) => differ(theirs.values[name], this.#read[name]))
  }

  /** Begin anew from what the server has. */
  take(values: T, version: number): void {
    this.#read = structuredClone(values)
    this.now = structuredClone(values)
    this.version = version
    this.mistakes = {}
    this.theirs = null
    this.restored = false
    if (this.draft) dropDraft(this.draft)
  }

  /** Put everything back as it was read. */
  undo(): void {
    this.take(this.#read, this.version)
  }

  /** Keep what is typed; called in an `$effect`. */
  keep(): void {
    const values = $state.snapshot(this.now) as T
    const { version, changed, draft } = this
    if (!draft) return
    untrack(() => (changed ? keepDraft(draft, { version, values }) : dropDraft(draft)))
  }

  /** Their version is the one to change from now on, with my changes over it. */
  mineOverTheirs(): void {
    const { theirs } = this
    if (!theirs) return
    const mine = this.changes
    this.take(theirs.values, theirs.version)
    this.now = { ...this.now, ...mine }
  }

  takeTheirs(): void {
    if (this.theirs) this.take(this.theirs.values, this.theirs.version)
  }

  /**
   * Save: `send` gives what stands then, `reread` is asked when somebody else saved first.
   * Gives whether it is saved; what was wrong is in `mistakes` and `theirs`.
   */
  async save(
    send: (changes: Partial<T>, version: number) => Promise<{ values: T; version: number }>,
    reread?: () => Promise<{ values: T; version: number }>,
  ): Promise<boolean> {
    this.saving = true
    this.mistakes = {}
    try {
      const { values, version } = await send(this.changes, this.version)
      this.take(values, version)
      return true
    } catch (failure) {
      if (isStale(failure) && reread) this.theirs = await reread().catch(() => null)
      if (!this.theirs) this.mistakes = mistakesOf(failure)
      return false
    } finally {
      this.saving = false
    }
  }
}

function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) !== JSON.stringify(other ?? null)
}
