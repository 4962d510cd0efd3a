/** The languages of the app, each by its own name. */
export const LANGUAGES = {
  en: 'English',
  sw: 'Kiswahili',
  lg: 'Luganda',
  hi: 'हिन्दी',
  fr: 'Français',
  ar: 'العربية',
} as const

export type Language = keyof typeof LANGUAGES

/** A catalogue part per subject of screens; a page brings the part of its folder. */
export const PARTS = [
  'shell', 'auth', 'till', 'sales', 'catalog', 'customers', 'people', 'shop', 'home', 'lists',
  'problems', 'purchasing', 'counts', 'transfers', 'tools', 'device', 'aside', 'sets', 'supply', 'drawer',
] as const  // prettier-ignore

export type Part = (typeof PARTS)[number]

/** What a folder's pages need besides their own part and the shell's; `routes.ts` says what a single page needs. */
export const ALSO: Partial<Record<Part, readonly Part[]>> = {
  sales: ['lists'],
  catalog: ['lists'],
  customers: ['sales', 'lists'],
  people: ['lists'],
  purchasing: ['lists'],
  shop: ['lists'],
  counts: ['catalog', 'lists'],
  transfers: ['catalog', 'lists'],
  tools: ['catalog', 'lists'],
}

/** The direction of a language's script. */
export function directionOf(language: Language): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr'
}

/** The locale for numbers and dates: English with the day before the month, as where the shops are; Arabic with the digits
 * that are printed on money and receipts. */
export function localeOf(language: Language): string {
  if (language === 'en') return 'en-GB'
  return language === 'ar' ? 'ar-u-nu-latn' : language
}

/** The first of the wanted languages (BCP 47) that the app speaks, else English. */
export function choose(wanted: readonly string[]): Language {
  const known = wanted.map((each) => each.toLowerCase().split('-')[0] ?? '')
  return (known.find((each) => each in LANGUAGES) as Language | undefined) ?? 'en'
}

/** Under which name a browser keeps the language that was chosen. */
export const KEPT_AS = 'duka.language'

/** The language to begin with: the one kept on this device, else the browser's. */
export function preferred(): Language {
  const kept = localStorage.getItem(KEPT_AS)
  return choose(kept ? [kept] : navigator.languages)
}
