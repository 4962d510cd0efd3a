/** The app's words in the person's language: `t('till.pay')`, `t('till.items', { n: 3 })`. */
export { LANGUAGES, PARTS, type Language, type Part } from './languages'
export { language, locale, numberText, preferred, say, setLanguage, t, words, type Key } from './words.svelte'
