/** Which language is spoken, and the words that are loaded of it. */
import { tellFrom } from '$lib/api/errors'

import type aside from './aside/en'
import type auth from './auth/en'
import type catalog from './catalog/en'
import type counts from './counts/en'
import type customers from './customers/en'
import type device from './device/en'
import type drawer from './drawer/en'
import { fill, numbersIn, type Values } from './fill'
import type home from './home/en'
import { ALSO, directionOf, KEPT_AS, localeOf, PARTS, type Language, type Part } from './languages'
import type lists from './lists/en'
import type people from './people/en'
import type purchasing from './purchasing/en'
import type sales from './sales/en'
import type sets from './sets/en'
import shell from './shell/en'
import type shop from './shop/en'
import type supply from './supply/en'
import type till from './till/en'
import type tools from './tools/en'
import type transfers from './transfers/en'
import type { Words } from './types'

type Catalogues = typeof shell & typeof auth & typeof till & typeof sales & typeof catalog & typeof customers &
  typeof lists & typeof people & typeof shop & typeof home & typeof purchasing & typeof counts & typeof transfers &
  typeof tools & typeof device & typeof aside & typeof sets & typeof supply &
  typeof drawer  // prettier-ignore

/** The key of a text, as the English files name them. */
export type Key = keyof Catalogues & string

/** What goes wrong comes with English words already, from the server and from this device. */
const PROBLEMS: Part = 'problems'
// English words of the shell come with the app itself, so that something can be said whatever fails to load. Where those
// of other languages lie is in a file of its own, which only who speaks one fetches.
const ENGLISH = import.meta.glob<{ default: Words }>(['./*/en.ts', '!./shell/en.ts'])

class Spoken {
  language = $state<Language>('en')
  /** Plain objects inside; replaced as a whole when a part arrives. */
  words = $state.raw<Words>(shell)
}

const spoken = new Spoken()
let wanted: readonly Part[] = ['shell']
let tongue: Language = 'en'
let rounds = 0
let learning: Promise<void> = Promise.resolve()

/** The language that is spoken now. */
export function language(): Language {
  return spoken.language
}

/** The locale for `Intl`. */
export function locale(): string {
  return localeOf(spoken.language)
}

/** Write a plain number as the language does. */
export function numberText(value: number): string {
  return numbersIn(locale()).format(value)
}

/** Say a text. `values` fill its `{name}`s; `n` also chooses the form of a plural. */
export function t(key: Key, values: Values = {}): string {
  return say(key, values)
}

/** Say a text whose key is only known while running (a menu's name, a code of the server); the key itself if unknown. */
export function say(key: string, values: Values = {}): string {
  const entry = spoken.words[key]
  return entry === undefined ? key : fill(entry, values, locale())
}

/** Speak another language from now on, and on this device the next time (unless `keep` is false). */
export async function setLanguage(next: Language, options: { keep?: boolean } = {}): Promise<void> {
  if (options.keep !== false) localStorage.setItem(KEPT_AS, next)
  tongue = next
  await learn()
}

/** Bring the words of these parts (and what they need) in the spoken language. A part that is there costs nothing. */
export async function words(...parts: string[]): Promise<void> {
  const known = parts.filter((part): part is Part => (PARTS as readonly string[]).includes(part))
  const missing = known.flatMap((part) => [part, ...(ALSO[part] ?? [])]).filter((part) => !wanted.includes(part))
  if (missing.length) {
    wanted = [...wanted, ...missing]
    void learn()
  }
  await learning
}

/** Load all that is wanted in the language that is wanted. Overtaken by another call, it leaves the rest to that one. */
async function learn(): Promise<void> {
  rounds += 1
  const mine = rounds
  const next = tongue
  const loading = gather(next === 'en' ? wanted : [...wanted, PROBLEMS], next).then((loaded) => {
    if (mine !== rounds) return learning
    spoken.language = next
    spoken.words = loaded
    document.documentElement.lang = next
    document.documentElement.dir = directionOf(next)
    return undefined
  })
  learning = loading
  await loading
}

async function gather(parts: readonly Part[], tongue: Language): Promise<Words> {
  const english = parts.map((part) => (part === 'shell' ? Promise.resolve(shell as Words) : read(part, 'en')))
  const own = tongue === 'en' ? [] : parts.map((part) => read(part, tongue))
  const [first, second] = await Promise.all([Promise.all(english), Promise.all(own)])
  return Object.assign({}, ...first, ...second) as Words
}

async function read(part: Part, tongue: Language): Promise<Words> {
  try {
    const files = tongue === 'en' ? ENGLISH : (await import('./foreign')).FOREIGN
    return (await files[`./${part}/${tongue}.ts`]?.())?.default ?? {}
  } catch {
    // Not on this device and no network: English, or the key, is still better than no page.
    return {}
  }
}

tellFrom((code, values) => {
  const entry = spoken.words[`problem.${code}`]
  const text = entry === undefined ? '' : fill(entry, values, locale())
  // A fact that the failure did not bring is missing in the text as well.
  return text === '' || /\{\w+\}/.test(text) ? null : text
})
