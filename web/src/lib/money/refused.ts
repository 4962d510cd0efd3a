/** What can be wrong with a bill or a document; the server refuses the same by the same names. */
export type BillFault =
  | 'AMOUNT_TOO_LARGE'
  | 'TOO_MANY_LINES'
  | 'DISCOUNT_TOO_LARGE'
  | 'CREDIT_TOO_LARGE'
  | 'CREDIT_TOO_SMALL'
  | 'NO_TAX_RATE_IN_FORCE'
  | 'INVOICE_NOT_CANONICAL'
  | 'SERIES_FULL'

const WORDS: Record<BillFault, string> = {
  AMOUNT_TOO_LARGE: 'An amount is larger than any that Duka holds. Check prices and quantities.',
  TOO_MANY_LINES: 'The bill has more lines than one bill may have. Split it.',
  DISCOUNT_TOO_LARGE: 'The discount is larger than the amount it is taken from.',
  CREDIT_TOO_LARGE: 'Less of this line is left to credit than was asked for.',
  CREDIT_TOO_SMALL: 'This part of the line is too little to be credited by itself.',
  NO_TAX_RATE_IN_FORCE: "This item's tax class has no rate in force that day. Add one in the tax settings.",
  INVOICE_NOT_CANONICAL: 'The document cannot be issued as it is.',
  SERIES_FULL: 'The series has no number left this year. Give the register a new code.',
}

/** A bill or document that can't be: `code` says why, `details` the facts (amounts in minor units). */
export class BillRefused extends Error {
  // Written out, not as parameter properties: Node runs this file as it is, and only strips types.
  readonly code: BillFault
  readonly details: Record<string, unknown>

  constructor(code: BillFault, details: Record<string, unknown> = {}) {
    super(WORDS[code])
    this.name = 'BillRefused'
    this.code = code
    this.details = details
  }
}

/** Stop at something that can only be a mistake of the program, never of the person at the till. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`Impossible: ${what}`)
}
