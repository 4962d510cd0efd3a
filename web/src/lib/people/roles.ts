/** What people may do: the shop's roles and the rights there are. */
import { call } from '$lib/api/client'
import type { PermissionGroup, RoleEdit, RoleIn, RoleOut } from '$lib/api/generated'
import { wholeList } from '$lib/lists/whole'
import type { Scope } from '$lib/local/types'

export type { PermissionGroup, RoleOut }

export type Rights = Record<string, Scope>

const PRESET_ORDER = ['owner', 'supervisor', 'staff', 'sales_executive', 'inventory_manager', 'technician', 'accountant']
const WIDTH: Record<Scope, number> = { own: 1, branch: 2, shop: 3 }

/** All roles: the presets from the widest, then the shop's own by name. Throws Refusal, Unreachable. */
export async function allRoles(): Promise<RoleOut[]> {
  const roles = await wholeList<RoleOut>('/api/roles')
  return roles.toSorted((one, other) => place(one) - place(other) || one.name.localeCompare(other.name))
}

function place(role: RoleOut): number {
  const found = role.preset ? PRESET_ORDER.indexOf(role.preset) : -1
  return found < 0 ? PRESET_ORDER.length : found
}

export async function readRole(id: string): Promise<RoleOut> {
  return (await call<RoleOut>('GET', `/api/roles/${id}`)).data
}

/** Add a role; one that may do more than the person who makes it is refused with `ROLE_TOO_WIDE`. */
export async function addRole(role: RoleIn): Promise<RoleOut> {
  return (await call<RoleOut>('POST', '/api/roles', { body: role })).data
}

/** Change a role; it acts at the next request of everybody who has it. */
export async function changeRole(id: string, change: RoleEdit): Promise<RoleOut> {
  return (await call<RoleOut>('PUT', `/api/roles/${id}`, { body: change })).data
}

/** Delete a role that nobody has or had. */
export async function deleteRole(id: string): Promise<void> {
  await call('DELETE', `/api/roles/${id}`)
}

/** All rights there are, in groups, in words. */
export async function allRights(): Promise<PermissionGroup[]> {
  return (await call<PermissionGroup[]>('GET', '/api/permissions')).data
}

/** The part of some rights that a person may hand on: each no wider than their own. */
export function within(rights: Rights, mine: Rights): Rights {
  const kept = Object.entries(rights).flatMap(([name, scope]) => {
    const own = mine[name]
    return own ? [[name, WIDTH[scope] <= WIDTH[own] ? scope : own] as const] : []
  })
  return Object.fromEntries(kept)
}

/** The groups with only what matches a text, by name of the group or of the right. */
export function matching(groups: readonly PermissionGroup[], text: string): PermissionGroup[] {
  const wanted = text.trim().toLocaleLowerCase()
  if (!wanted) return [...groups]
  return groups.flatMap((group) => {
    if (group.title.toLocaleLowerCase().includes(wanted)) return [group]
    const permissions = group.permissions.filter((each) => each.description.toLocaleLowerCase().includes(wanted))
    return permissions.length ? [{ ...group, permissions }] : []
  })
}
