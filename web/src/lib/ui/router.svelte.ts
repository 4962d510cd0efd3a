/** Addresses: which page is open, and going to another without loading the app anew. */
import type { Component } from 'svelte'

import { words } from '$lib/i18n'
import { ROUTES, type Route } from '$pages/routes'

export interface Place {
  path: string
  route: Route | null
  params: Record<string, string>
}

export type Page = Component<{ params: Record<string, string> }>

// Only what is a page: each entry here is a file of its own to load. The till's parts lie beside its two pages.
const FILES = import.meta.glob<{ default: Page }>([
  '/src/pages/{auth,catalog,counts,customers,home,people,purchasing,sales,shop,supply,tools,transfers}/*.svelte',
  '/src/pages/till/{Till,DrawerPage}.svelte',
])

class Router {
  place = $state.raw<Place>(find(location.pathname))
  search = $state.raw(new URLSearchParams(location.search))

  read(): void {
    this.place = find(location.pathname)
    this.search = new URLSearchParams(location.search)
  }
}

export const router = new Router()

/** Say which route an address belongs to; `route` is null where there is none. Fixed words win over `:id`. */
export function find(path: string): Place {
  const clean = path.length > 1 ? path.replace(/\/+$/, '') : path
  const found = ROUTES.map((route) => ({ route, params: match(route.path, clean) })).filter((each) => each.params)
  const best = found.find((each) => !each.route.path.includes(':')) ?? found[0]
  return { path: clean, route: best?.route ?? null, params: best?.params ?? {} }
}

function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [place, word] of wanted.entries()) {
    const here = given[place] ?? ''
    if (word.startsWith(':')) params[word.slice(1)] = decodeURIComponent(here)
    else if (word !== here) return null
  }
  return params
}

/** Load a route's page and the words of its folder; null where the app has no such page. */
export async function pageOf(route: Route): Promise<Page | null> {
  const file = FILES[`/src/pages/${route.page}.svelte`]
  if (!file) return null
  const [found] = await Promise.all([file(), words(route.page.split('/')[0] ?? '', ...(route.words ?? []))])
  return found.default
}

/** Go to an address. `replace` leaves no step back. */
export function go(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', path)
  else history.pushState(null, '', path)
  router.read()
  if (!path.includes('#')) scrollTo(0, 0)
}

/** Change what the address says after `?`, in place: filters, sorting, the open tab. Empty values are left out. */
export function ask(words: Record<string, string | null | undefined>): void {
  const search = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(words)) {
    if (value) search.set(name, value)
    else search.delete(name)
  }
  const text = search.toString()
  history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''))
  router.read()
}

/** Begin to follow links and the browser's back and forward. */
export function startRouting(): void {
  addEventListener('popstate', () => router.read())
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const elsewhere = event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey
    if (!link || elsewhere || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
    if (/^\/api(\/|$)/.test(link.pathname)) return
    event.preventDefault()
    go(link.pathname + link.search + link.hash)
  })
}
