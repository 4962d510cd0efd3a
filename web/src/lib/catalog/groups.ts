/** The groups that goods are sorted into: a tree of at most five levels. */
import { call } from '$lib/api/client'
import type { GroupEdit, GroupIn, GroupOut } from '$lib/api/generated'
import { listed } from '$lib/lists/listed'

export const LEVELS_MAX = 5
const PAGE = 200

/** All groups of the shop, by position. */
export async function allGroups(): Promise<GroupOut[]> {
  const groups: GroupOut[] = []
  let cursor: string | null = null
  do {
    const part: Awaited<ReturnType<typeof listed<GroupOut>>> = await listed('/api/groups', { limit: PAGE, cursor })
    groups.push(...part.rows)
    cursor = part.page.next_cursor
  } while (cursor)
  return groups
}

export async function addGroup(group: GroupIn): Promise<GroupOut> {
  return (await call<GroupOut>('POST', '/api/groups', { body: group })).data
}

/** Change or move a group; `parent_id: null` moves it to the top. */
export async function changeGroup(id: string, change: GroupEdit): Promise<GroupOut> {
  return (await call<GroupOut>('PUT', `/api/groups/${id}`, { body: change })).data
}

/** Delete a group; what it holds goes to `moveTo`. Throws Refusal GROUP_NOT_EMPTY without one. */
export async function deleteGroup(id: string, moveTo: string | null): Promise<void> {
  await call('DELETE', `/api/groups/${id}`, { query: { move_to: moveTo } })
}

export interface Branch<Group> {
  group: Group
  level: number
  below: Branch<Group>[]
}

type Placed = Pick<GroupOut, 'id' | 'name' | 'parent_id' | 'position'>

/** Put groups into a tree, each level by position and then name. What points nowhere stands at the top. */
export function treeOf<Group extends Placed>(groups: readonly Group[]): Branch<Group>[] {
  const known = new Set(groups.map((group) => group.id))
  const under = Map.groupBy(groups, (group) => (group.parent_id && known.has(group.parent_id) ? group.parent_id : ''))
  const grow = (parent: string, level: number): Branch<Group>[] =>
    (under.get(parent) ?? [])
      .toSorted((one, other) => one.position - other.position || one.name.localeCompare(other.name))
      .map((group) => ({ group, level, below: level < LEVELS_MAX ? grow(group.id, level + 1) : [] }))
  return grow('', 1)
}

/** The tree as a list, each group after the one above it. */
export function flattened<Group>(tree: readonly Branch<Group>[]): Branch<Group>[] {
  return tree.flatMap((branch) => [branch, ...flattened(branch.below)])
}

/** A group's place in words: `Phones › Chargers`. */
export function pathOf(groups: readonly Placed[], id: string | null): string {
  const names: string[] = []
  let here = groups.find((group) => group.id === id)
  while (here && names.length < LEVELS_MAX) {
    names.unshift(here.name)
    const parent = here.parent_id
    here = groups.find((group) => group.id === parent)
  }
  return names.join(' › ')
}
