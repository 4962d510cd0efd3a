/** What each icon's strokes are; the rarer ones are fetched when the first of them is asked for. */
import { ICONS } from './icons'

class Paths {
  known = $state.raw<Record<string, string>>(ICONS)
}

const paths = new Paths()
let asked = false

/** The strokes of an icon by name; none until they are here, and where there is no such icon. */
export function pathOf(name: string): string {
  const path = paths.known[name]
  if (path === undefined && !asked) fetchMore()
  return path ?? ''
}

function fetchMore(): void {
  asked = true
  import('./icons-more').then(
    ({ MORE_ICONS }) => (paths.known = { ...ICONS, ...MORE_ICONS }),
    // No network and not kept yet: the next icon asks again.
    () => (asked = false),
  )
}
