const NOT_PLAIN = /[\u0080-\uffff]/

/** Text as it is compared: small letters without accents, one space between words. */
export function fold(text: string): string {
  return foldLines(text).replace(/\s+/g, ' ').trim()
}

/** As `fold`, but leaves spaces and line breaks as they are. */
export function foldLines(text: string): string {
  const plain = text.toLowerCase()
  // Plain Latin text, which is most of it, needs no decomposition.
  return NOT_PLAIN.test(plain) ? plain.normalize('NFD').replace(/[\u0300-\u036f\u064b-\u0652]/g, '') : plain
}

/** The words of a text, folded, each once. */
export function wordsIn(text: string): string[] {
  return [...new Set(fold(text).split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean))]
}
