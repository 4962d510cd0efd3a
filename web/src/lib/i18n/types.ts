/** What a catalogue of words looks like. */

/** A text that changes with a number, by the forms of CLDR; the number is the value `n`. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** A text with `{name}` where a value goes, or its forms by number. */
export type Entry = string | Plural

export type Words = Record<string, Entry>

/** The words of another language: keys of the English file, which steps in where one is missing. */
export type Translation<English> = Partial<Record<keyof English, Entry>>
