import { describe, expect, it } from 'vitest'

import { fill } from './fill'
import { choose, directionOf, LANGUAGES, localeOf, PARTS, type Language } from './languages'
import type { Entry, Words } from './types'

const FILES = import.meta.glob<{ default: Words }>('./*/*.ts', { eager: true })
const OTHERS = (Object.keys(LANGUAGES) as Language[]).filter((language) => language !== 'en')
/** The languages in which nothing may be left in English. */
const WHOLE: Language[] = ['sw', 'hi']

function wordsIn(part: string, language: string): Words {
  return FILES[`./${part}/${language}.ts`]?.default ?? {}
}

function textsOf(entry: Entry): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry)
}

function valuesIn(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
}

/** The form that stands for any number says every value; one for a certain number, such as "two", may leave its number out. */
function saysTheSame(english: Entry, other: Entry): boolean {
  const known = new Set(textsOf(english).flatMap(valuesIn))
  const general = new Set(valuesIn(typeof other === 'string' ? other : other.other))
  const forms = textsOf(other).map((text) => new Set(valuesIn(text)))
  const lost = (used: Set<string>) => [...known].some((name) => name !== 'n' && !used.has(name))
  const invented = (used: Set<string>) => [...used].some((name) => !known.has(name))
  return [...known].every((name) => general.has(name)) && !forms.some((used) => lost(used) || invented(used))
}

describe('fill', () => {
  it('puts values in and writes numbers as the language does', () => {
    expect(fill('{name} owes {n}', { name: 'Amina', n: 12500 }, 'en')).toBe('Amina owes 12,500')
    expect(fill('{n}', { n: 1250000 }, 'hi')).toBe('12,50,000')
    expect(fill('{n}', { n: 1500 }, localeOf('ar'))).toMatch(/^1[,.]?500$/)
  })

  it('chooses the form by the number', () => {
    const forms = { one: 'واحد', two: 'اثنان', few: '{n} قليل', many: '{n} كثير', other: '{n}' }
    expect([1, 2, 3, 11].map((n) => fill(forms, { n }, localeOf('ar')))).toEqual(['واحد', 'اثنان', '3 قليل', '11 كثير'])
    expect(fill({ one: 'one', other: 'many' }, { n: 0 }, 'fr')).toBe('one')
  })

  it('leaves a place without a value in sight', () => {
    expect(fill('Hello {name}', {}, 'en')).toBe('Hello {name}')
  })
})

describe('languages', () => {
  it('takes the first wanted language that the app speaks', () => {
    expect(choose(['de-DE', 'hi-IN', 'en'])).toBe('hi')
    expect(choose(['xx'])).toBe('en')
  })

  it('writes Arabic from the right', () => {
    expect([directionOf('ar'), directionOf('sw')]).toEqual(['rtl', 'ltr'])
  })
})

describe.each(PARTS)('the words of %s', (part) => {
  const english = Object.keys(wordsIn(part, 'en')).sort()

  it.each(WHOLE)('are all there in %s', (language) => {
    expect(Object.keys(wordsIn(part, language)).sort()).toEqual(english)
  })
})

describe.each(['shell', 'auth'])('the words of %s, which everybody meets,', (part) => {
  it.each(OTHERS)('are all there in %s', (language) => {
    expect(Object.keys(wordsIn(part, language)).sort()).toEqual(Object.keys(wordsIn(part, 'en')).sort())
  })
})

describe('every catalogue', () => {
  const others = Object.keys(FILES).filter((path) => /\/[a-z]{2}\.ts$/.test(path) && !path.endsWith('/en.ts'))

  it.each(others)('%s uses the values of the English text and no others', (path) => {
    const english = wordsIn(path.split('/')[1]!, 'en')
    const wrong = Object.entries(FILES[path]!.default).filter(([key, entry]) => {
      const first = english[key]
      return first === undefined || !saysTheSame(first, entry)
    })
    expect(wrong.map(([key]) => key)).toEqual([])
  })
})
