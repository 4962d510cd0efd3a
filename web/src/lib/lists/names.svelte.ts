/** Names for ids that lists only refer to: who sold, in which branch, to whom; read from the device. */
import { app } from '$lib/app.svelte'

class Names {
  staff = $state.raw(new Map<string, string>())
  branches = $state.raw(new Map<string, string>())
  registers = $state.raw(new Map<string, string>())
  /** Those of customers that were asked for. */
  customers = $state.raw(new Map<string, string>())
  #shop: string | null = null

  /** Read the names of staff, branches and registers; once for each shop and whenever the device has heard news. */
  async load(): Promise<void> {
    const { local } = app
    if (!local) return
    if (this.#shop !== local.shopId) this.customers = new Map()
    this.#shop = local.shopId
    const [staff, branches, registers] = await Promise.all([
      local.db.getAll('staff'),
      local.db.getAll('branches'),
      local.db.getAll('registers'),
    ])
    const named = (rows: { id: string; name: string }[]): Map<string, string> =>
      new Map(rows.map((row) => [row.id, row.name]))
    this.staff = named(staff)
    this.branches = named(branches)
    this.registers = named(registers)
  }

  /** Read the names of customers that rows are about; an effect that asks asks again when the device has heard news, as
   * after a login their names come later than the rows. */
  async loadCustomers(ids: (string | null)[]): Promise<void> {
    void app.changed
    const { local } = app
    const missing = [...new Set(ids)].filter((id): id is string => id !== null && !this.customers.has(id))
    if (!local || missing.length === 0) return
    const found = await Promise.all(missing.map((id) => local.db.get('customers', id)))
    const told = found.flatMap((row) => (row ? [[row.id, row.name] as const] : []))
    if (told.length) this.customers = new Map([...this.customers, ...told])
  }

  /** Name a place where stock stands: with its branch where the shop has several. */
  place(row: { branch_id: string; location_name: string }): string {
    const branch = this.branches.size > 1 ? this.branches.get(row.branch_id) : undefined
    return branch ? `${branch} · ${row.location_name}` : row.location_name
  }

  /** The options of a choice of staff or branches, by name. */
  options(of: 'staff' | 'branches'): { value: string; label: string }[] {
    return [...this[of]]
      .map(([value, label]) => ({ value, label }))
      .sort((one, other) => one.label.localeCompare(other.label))
  }
}

export const names = new Names()
