/** A form's values: what is typed survives leaving the page, as long as the tab is open. */
import { dropDraft, keepDraft, readDraft } from './drafts'

interface Kept<T> {
  values: T
  /** The version they were typed over; another one means that somebody changed the thing meanwhile. */
  version: number | null
}

/** Bind inputs to `values`; call `keep` in an effect, so that every change is kept. */
export class Draft<T extends object> {
  values = $state() as T
  /** What was typed here before is back. */
  restored = $state(false)
  #base: string
  #whole: T

  constructor(
    readonly name: string,
    base: T,
    readonly version: number | null = null,
  ) {
    this.#whole = base
    this.#base = JSON.stringify(base)
    const kept = readDraft<Kept<T>>(name)
    const usable = kept !== null && kept.version === version
    this.values = usable ? { ...base, ...kept.values } : structuredClone(base)
    this.restored = usable && JSON.stringify(this.values) !== this.#base
  }

  /** Whether anything differs from what was read. */
  get dirty(): boolean {
    return JSON.stringify(this.values) !== this.#base
  }

  /** Keep what is typed, or forget it when it is as it was. */
  keep(): void {
    if (this.dirty) keepDraft(this.name, { values: $state.snapshot(this.values), version: this.version })
    else dropDraft(this.name)
  }

  /** Begin afresh from what was read. */
  reset(): void {
    this.values = structuredClone(this.#whole)
    this.restored = false
    dropDraft(this.name)
  }

  /** It is saved: nothing is to be kept any more. */
  done(): void {
    this.#base = JSON.stringify(this.values)
    this.#whole = $state.snapshot(this.values) as T
    this.restored = false
    dropDraft(this.name)
  }
}
