/** Somebody the shop deals with, a customer or a supplier, on a page of their own: read, set to rest, deleted. */
import { Refusal, wordsOf } from '$lib/api/errors'
import { t } from '$lib/i18n'
import { Loaded } from '$lib/lists/loaded.svelte'
import { confirm } from '$ui/confirm'
import { go, router } from '$ui/router.svelte'
import { toast } from '$ui/toast.svelte'

export interface Named {
  id: string
  name: string
  phone: string | null
  active: boolean
  version: number
}

/** What differs between the two. */
export interface Dealings<T> {
  /** What the words begin with, and the name in the device's memory. */
  words: 'customer' | 'supplier'
  /** What permissions and addresses begin with. */
  domain: 'customers' | 'suppliers'
  read: (id: string) => Promise<T>
  change: (id: string, edit: { active: boolean; version: number }) => Promise<unknown>
  remove: (id: string) => Promise<void>
  /** The code that refuses to delete somebody with a past: they are offered to be set to rest instead. */
  hasPast: string
  /** What else the page shows and asks for anew with them. */
  also?: () => void
}

/** The person or firm of a page; `id` null while they are being written down. */
export class Partner<T extends Named> {
  readonly told: Loaded<T>

  constructor(
    readonly id: string | null,
    readonly dealings: Dealings<T>,
  ) {
    this.told = new Loaded(() => dealings.read(id!), `${dealings.words}:${id}`)
    this.load()
  }

  /** Whether the form is open, as the address says. */
  get editing(): boolean {
    return this.id === null || router.search.get('edit') === '1'
  }

  load(): void {
    if (!this.id) return
    void this.told.load()
    this.dealings.also?.()
  }

  /** Set them to rest, after a question, or wake them up. */
  async setActive(active: boolean): Promise<void> {
    const found = this.told.data
    const { words, change } = this.dealings
    if (!found) return
    if (!active && !(await confirm(t(`${words}.deactivate_ask`, { name: found.name }), { yes: t(`${words}.deactivate`) }))) return
    try {
      await change(found.id, { active, version: found.version })
      toast(t(`${words}.saved`))
    } catch (failure) {
      toast(wordsOf(failure), { kind: 'error' })
    }
    this.load()
  }

  /** Delete them, after a question. Who has a past cannot be deleted and is offered to be set to rest. */
  async remove(): Promise<void> {
    const found = this.told.data
    const { words, domain, remove, hasPast } = this.dealings
    if (!found || !(await confirm(t(`${words}.delete_ask`, { name: found.name }), { yes: t('ui.delete'), danger: true }))) return
    try {
      await remove(found.id)
      toast(t(`${words}.deleted`, { name: found.name }))
      go(`/${domain}`)
    } catch (failure) {
      if (failure instanceof Refusal && failure.code === hasPast) void this.setActive(false)
      else toast(wordsOf(failure), { kind: 'error' })
    }
  }
}
