/** Money handed over against what is due: what counts, what is change, what is still missing. Minor units. */

export type Method = 'cash' | 'mtn_momo' | 'airtel_money' | 'card' | 'bank_transfer' | 'upi' | 'other'

export interface Tender {
  id: string
  method: Method
  /** What was handed over. */
  amountMinor: number
  reference?: string
}

/** More was paid than is due by a method that gives no change. */
export class Overpaid extends Error {
  readonly dueMinor: number
  readonly paidMinor: number

  constructor(dueMinor: number, paidMinor: number) {
    super('More was paid than is due. Only cash gives change.')
    this.name = 'Overpaid'
    this.dueMinor = dueMinor
    this.paidMinor = paidMinor
  }
}

export interface Counted {
  /** How much of each tender counts, in their order. */
  amounts: number[]
  paidMinor: number
  changeMinor: number
  /** What is still to be paid. */
  leftMinor: number
}

/**
 * Say how much of each tender counts toward what is due; the rest of a cash tender is change. Cash counts last.
 * Throws Overpaid when other methods alone are more than is due, or for cash of which nothing counts.
 */
export function count(tenders: readonly Pick<Tender, 'method' | 'amountMinor'>[], dueMinor: number): Counted {
  const handed = sum(tenders.map((tender) => tender.amountMinor))
  let left = dueMinor - sum(tenders.filter((tender) => tender.method !== 'cash').map((tender) => tender.amountMinor))
  if (left < 0) throw new Overpaid(dueMinor, dueMinor - left)
  const amounts = tenders.map((tender) => {
    if (tender.method !== 'cash') return tender.amountMinor
    const taken = Math.min(left, tender.amountMinor)
    if (taken === 0) throw new Overpaid(dueMinor, handed)
    left -= taken
    return taken
  })
  const paidMinor = sum(amounts)
  return { amounts, paidMinor, changeMinor: handed - paidMinor, leftMinor: dueMinor - paidMinor }
}

/** Say whether everything is paid in cash, so that the total is rounded to the smallest coin. */
export function inCashAlone(methods: Iterable<string>): boolean {
  const all = [...methods]
  return all.length > 0 && all.every((method) => method === 'cash')
}

/**
 * Amounts of cash that a customer is likely to hand over: exact, then rounded up to notes people carry.
 * `digits` is how many decimals the currency has. At most `most`, rising.
 */
export function quickAmounts(dueMinor: number, digits: number, most = 4): number[] {
  if (dueMinor <= 0) return []
  const one = 10 ** digits
  const steps = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000].map((step) => step * one)
  const useful = steps.filter((step) => step * 40 >= dueMinor)
  const rounded = useful.map((step) => Math.ceil(dueMinor / step) * step)
  const once = [...new Set([dueMinor, ...rounded])].sort((a, b) => a - b)
  return once.slice(0, most)
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
