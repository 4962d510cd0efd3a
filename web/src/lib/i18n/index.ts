/** The app's words in the person's language: `t('till.pay')`, `t('till.items', { n: 3 })`. */
export { LANGUAGES, PARTS, preferred, type Language, type Part } from './languages'
// Which language is spoken is drawn, so that texts change at once; the rest of the words draws nothing.
// eslint-disable-next-line no-restricted-imports
export { language, locale, numberText, say, setLanguage, t, words, type Key } from './words.svelte'
