/** A barcode scanner that types: digits much faster than fingers, then Enter. */

/** The longest pause between two keys of a scanner, in milliseconds; people need twice as long. */
export const PAUSE_MS = 45
const LENGTH_MIN = 4

/** Hears keys one by one and gives a code when a scanner has typed one. */
export class KeyScanner {
  private typed = ''
  private lastAt = -Infinity

  /** Hear a key (`KeyboardEvent.key`) at a moment in milliseconds. Gives the code at its Enter, else null. */
  hear(key: string, at: number): string | null {
    const goesOn = at - this.lastAt <= PAUSE_MS
    this.lastAt = at
    if (key === 'Enter') {
      const code = goesOn && this.typed.length >= LENGTH_MIN ? this.typed : null
      this.typed = ''
      return code
    }
    if (key.length !== 1) return null
    this.typed = goesOn ? this.typed + key : key
    return null
  }
}

/** Take the quantity off what was typed before an item: `3*cola` or `1.5 x rice`; thousandths, 1000 where none is said. */
export function quantityFirst(typed: string): { text: string; quantityMilli: number } {
  const found = /^(\d{1,6}(?:[.,]\d{1,3})?)\s*[*x×]\s*(.*)$/iu.exec(typed)
  if (!found) return { text: typed, quantityMilli: 1000 }
  const quantityMilli = Math.round(Number(found[1]!.replace(',', '.')) * 1000)
  return quantityMilli > 0 ? { text: found[2]!, quantityMilli } : { text: typed, quantityMilli: 1000 }
}
