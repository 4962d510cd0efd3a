/** The names of roles and rights as people read them: the presets and the rights of Duka in their own language. */
import type { PermissionGroup } from '$lib/api/generated'
import { language, say } from '$lib/i18n'

/** What the presets are called until a shop names them otherwise. */
const PRESETS: Record<string, string> = {
  Owner: 'owner', Supervisor: 'supervisor', Staff: 'staff', 'Sales Executive': 'sales_executive',
  'Inventory Manager': 'inventory_manager', Technician: 'technician', Accountant: 'accountant',
}

/** The name of a role: a preset's is translated, the shop's own ones are shown as they were written. */
export function roleName(name: string): string {
  const preset = PRESETS[name]
  return preset ? say(`role.${preset}`) : name
}

/** The rights in the reader's language. In English as the server describes them, which says more than its short names. */
export function rightsInWords(groups: readonly PermissionGroup[]): PermissionGroup[] {
  if (language() === 'en') return [...groups]
  return groups.map((group) => ({
    ...group,
    title: translated(`right.of.${group.resource}`, group.title),
    permissions: group.permissions.map((each) => ({ ...each, description: translated(`right.to.${each.action}`, each.description) })),
  }))
}

function translated(key: string, english: string): string {
  const text = say(key)
  return text === key ? english : text
}
