/** Which places the menu shows to a person. */
import { ROUTES, type Route } from '$pages/routes'

export type Group = 'sell' | 'goods' | 'people' | 'books' | 'shop'

export interface MenuEntry {
  path: string
  name: string
  icon: string
}

const GROUPS: readonly Group[] = ['sell', 'goods', 'people', 'books', 'shop']
/** Beside the till in a phone's bottom navigation, the first two that the person may see on each side. */
const LEFT = ['/dashboard']
const RIGHT = ['/products', '/customers', '/sales', '/notifications']

type May = (permission: string) => boolean

/** The menu's groups with what the person may open; empty groups are left out. */
export function menuOf(may: May): { group: Group; entries: MenuEntry[] }[] {
  return GROUPS.map((group) => ({
    group,
    entries: ROUTES.filter((route) => route.menu?.group === group && allowed(route, may)).map(entryOf),
  })).filter((each) => each.entries.length > 0)
}

/** The bottom navigation of a phone: two, the till, one, and "more" which the shell adds. */
export function bottomOf(may: May): { before: MenuEntry[]; till: MenuEntry | null; after: MenuEntry[] } {
  const named = (path: string): Route | undefined => ROUTES.find((route) => route.path === path && allowed(route, may))
  const entries = (paths: string[]): MenuEntry[] => paths.flatMap((path) => named(path) ?? []).map(entryOf)
  const till = named('/sales/new')
  const before = entries([...LEFT, '/sales'])
  const after = entries(RIGHT).filter((entry) => !before.some((each) => each.path === entry.path))
  return { before, till: till ? entryOf(till) : null, after: after.slice(0, 1) }
}

/** The menu entry a page belongs to: its own, or the nearest above it. */
export function homeOf(path: string): string {
  if (path === '/') return '/dashboard'
  const listed = ROUTES.filter((route) => route.menu && (path === route.path || path.startsWith(`${route.path}/`)))
  return listed.sort((one, other) => other.path.length - one.path.length)[0]?.path ?? path
}

function allowed(route: Route, may: May): boolean {
  return !route.permission || may(route.permission)
}

function entryOf(route: Route): MenuEntry {
  return { path: route.path, name: route.menu?.name ?? route.path, icon: route.menu?.icon ?? 'box' }
}
