/**
 * The one place where the app works out a bill: lines, discounts, taxes, rounding and partial credits.
 *
 * Amounts are minor units, quantities thousandths, rates basis points; everything is a whole number and every rounding
 * is half up, halves away from zero. The server computes the same in Python; both must agree with
 * `tests/golden/bills.json`. Pure: no storage, no clock.
 */
import { BillRefused, must } from './refused'
import type { Tax } from './taxes'
import { LIMIT_MINOR, divideHalfUp, exact, plain, sum } from './whole'

export { BillRefused } from './refused'
export type { BillFault } from './refused'
export type { Tax } from './taxes'
export { LIMIT_MINOR } from './whole'

/** A bill has at most this many lines. */
export const LINES_MAX = 1000

/** Money off, either a share in basis points (`bp`, 0 to 10000) or an amount; exactly one of the two. */
export interface Discount {
  bp?: number
  amountMinor?: number
}

/**
 * One line as it stands in the cart: how much of what price, and how it is taxed. `quantityMilli` > 0,
 * `unitPriceMinor` >= 0. `taxIncluded` says whether the price holds the taxes already.
 */
export interface DraftLine {
  quantityMilli: number
  unitPriceMinor: number
  taxes: readonly Tax[]
  taxIncluded: boolean
  discount?: Discount
}

interface TaxTaken<N> extends Tax {
  amountMinor: N
}

interface LineOf<N> {
  grossBeforeMinor: N
  lineDiscountMinor: N
  cartDiscountMinor: N
  netMinor: N
  taxes: readonly TaxTaken<N>[]
  taxMinor: N
  totalMinor: N
}

/** What one tax takes on one line. */
export type LineTax = TaxTaken<number>

/**
 * One line worked out. `grossBeforeMinor` is price x quantity. Less both discounts it is `netMinor` where taxes are
 * added, and `totalMinor` where the price included them. Always `totalMinor = netMinor + taxMinor`.
 */
export type BilledLine = LineOf<number>

/** One row of the tax summary: on which net how much of one tax was taken. */
export interface TaxTotal extends Tax {
  netMinor: number
  taxMinor: number
}

/**
 * A bill worked out: `totalMinor = netMinor + taxMinor + roundingMinor`, and each is the sum of its lines.
 * `subtotalMinor` is price x quantity of all lines, `discountMinor` both kinds of discount together. `taxes` are in
 * the order in which they first appear.
 */
export interface Bill {
  lines: readonly BilledLine[]
  subtotalMinor: number
  discountMinor: number
  netMinor: number
  taxMinor: number
  roundingMinor: number
  totalMinor: number
  taxes: readonly TaxTotal[]
}

/**
 * Work out what the customer pays.
 *
 * Each line is price x quantity, less its own discount, less its part of the cart's `discount`, then taxed; the total
 * is rounded to a multiple of `cashRoundingMinor` last, as an amount of its own (1 = no rounding). Throws
 * `TOO_MANY_LINES`, `DISCOUNT_TOO_LARGE` or `AMOUNT_TOO_LARGE`.
 */
export function bill(
  lines: readonly DraftLine[],
  options: { discount?: Discount; cashRoundingMinor?: number } = {},
): Bill {
  if (lines.length > LINES_MAX) throw new BillRefused('TOO_MANY_LINES', { lines: lines.length, limit: LINES_MAX })
  const gross = lines.map(priceTimesQuantity)
  const lineDiscounts = lines.map((line, place) => off(gross[place]!, line.discount))
  const left = gross.map((amount, place) => amount - lineDiscounts[place]!)
  const cartDiscounts = share(off(sum(left), options.discount), left)
  const worked = lines.map((line, place) => taxed(line, gross[place]!, lineDiscounts[place]!, cartDiscounts[place]!))
  return summedUp(worked, exact(options.cashRoundingMinor ?? 1))
}

/** Add worked-out lines up to a bill, or credited lines up to a credit note. Throws `AMOUNT_TOO_LARGE`. */
export function sumUp(lines: readonly BilledLine[], cashRoundingMinor = 1): Bill {
  const read = lines.map((line) => mapped(line, exact))
  return summedUp(read, exact(cashRoundingMinor))
}

/**
 * Share an amount out in proportion to the weights, so that the shares add up to it exactly.
 *
 * By largest remainder: everyone gets the whole part of their share, and what is left goes one unit each to the largest
 * fractions, of equal ones to the earlier. Weights >= 0; with no weight there must be nothing to share.
 */
export function spread(amountMinor: number, weights: readonly number[]): number[] {
  return share(exact(amountMinor), weights.map(exact)).map(plain)
}

/**
 * Say what to add to a total so that it can be paid in coins and notes (UGX 50, INR 1 = 100 paise): to the nearest
 * multiple, halves away from zero, so a refund rounds as the sale did. An increment of 1 adds 0.
 */
export function cashRounding(totalMinor: number, incrementMinor: number): number {
  return plain(rounding(exact(totalMinor), exact(incrementMinor)))
}

/**
 * Work out what crediting a part of a sold line gives back: amounts as positive numbers.
 *
 * What the price was made of (the net, or the total where taxes were in the price), each tax and each discount are
 * the half-up share of all that is credited by now, less the share that was credited before: parts that make up the
 * whole line give back exactly what it cost, however it is cut up. Throws `CREDIT_TOO_LARGE` for more than is left,
 * `CREDIT_TOO_SMALL` for a part whose tax would round to more than it.
 */
export function credited(
  line: BilledLine,
  soldMilli: number,
  creditedBeforeMilli: number,
  creditMilli: number,
): BilledLine {
  const leftMilli = soldMilli - creditedBeforeMilli
  must(leftMilli >= 0 && leftMilli <= soldMilli, 'credited between nothing and all that was sold')
  must(creditMilli > 0, 'a credit is of more than nothing')
  if (creditMilli > leftMilli) {
    throw new BillRefused('CREDIT_TOO_LARGE', { credit: creditMilli / 1000, left: leftMilli / 1000 })
  }
  const [sold, before, now] = [exact(soldMilli), exact(creditedBeforeMilli), exact(creditedBeforeMilli + creditMilli)]
  const part = (amountMinor: number): bigint => {
    const amount = exact(amountMinor)
    return divideHalfUp(amount * now, sold) - divideHalfUp(amount * before, sold)
  }
  const lineDiscountMinor = part(line.lineDiscountMinor)
  const cartDiscountMinor = part(line.cartDiscountMinor)
  const taxes = line.taxes.map((tax) => ({ ...tax, amountMinor: part(tax.amountMinor) }))
  const taxMinor = sum(taxes.map((tax) => tax.amountMinor))
  const discounted = line.grossBeforeMinor - line.lineDiscountMinor - line.cartDiscountMinor
  const taxesWereIncluded = discounted === line.totalMinor
  const netMinor = taxesWereIncluded ? part(line.totalMinor) - taxMinor : part(line.netMinor)
  if (netMinor < 0n) throw new BillRefused('CREDIT_TOO_SMALL', { credit: creditMilli / 1000 })
  const totalMinor = netMinor + taxMinor
  // The price before discounts follows from the parts, so that a credit note's line adds up like any other.
  const afterDiscounts = taxesWereIncluded ? totalMinor : netMinor
  const grossBeforeMinor = afterDiscounts + lineDiscountMinor + cartDiscountMinor
  return mapped(
    { grossBeforeMinor, lineDiscountMinor, cartDiscountMinor, netMinor, taxes, taxMinor, totalMinor },
    plain,
  )
}

/** Price x quantity, half up. */
function priceTimesQuantity(line: DraftLine): bigint {
  must(line.quantityMilli > 0, 'a line sells more than nothing')
  must(line.unitPriceMinor >= 0, 'a price is never below zero')
  const price = exact(line.unitPriceMinor)
  refuseAboveLimit(price)
  return divideHalfUp(price * exact(line.quantityMilli), 1_000n)
}

/** What a discount takes off an amount: a share half up, or the amount it names. */
function off(amount: bigint, discount: Discount | undefined): bigint {
  if (discount === undefined) return 0n
  const { bp, amountMinor } = discount
  if (bp !== undefined) {
    must(amountMinor === undefined && bp >= 0 && bp <= 10_000, 'a discount is a share up to the whole, or an amount')
    return divideHalfUp(amount * exact(bp), 10_000n)
  }
  must(amountMinor !== undefined && amountMinor >= 0, 'a discount is a share or an amount')
  const taken = exact(amountMinor)
  if (taken > amount) throw new BillRefused('DISCOUNT_TOO_LARGE', { discount: amountMinor, amount: plain(amount) })
  return taken
}

function share(amount: bigint, weights: readonly bigint[]): bigint[] {
  if (amount === 0n) return weights.map(() => 0n)
  const whole = sum(weights)
  must(amount > 0n && whole > 0n, 'something to share, and somebody to share it')
  const shares = weights.map((weight) => (amount * weight) / whole)
  const remainders = weights.map((weight) => (amount * weight) % whole)
  // Sorting keeps the order of equals, so of equal remainders the earlier line comes first.
  const places = weights.map((_, place) => place)
  const byRemainder = places.sort((one, other) => falling(remainders[one]!, remainders[other]!))
  const left = Number(amount - sum(shares))
  for (const place of byRemainder.slice(0, left)) shares[place] = shares[place]! + 1n
  return shares
}

function falling(one: bigint, other: bigint): number {
  if (one === other) return 0
  return one > other ? -1 : 1
}

/** Work out one line's taxes on what its discounts leave. */
function taxed(line: DraftLine, gross: bigint, lineDiscount: bigint, cartDiscount: bigint): LineOf<bigint> {
  const amount = gross - lineDiscount - cartDiscount
  // With taxes of one or two parts, every rate is a whole number of 1/20000.
  const parts = line.taxes.some((tax) => tax.parts === 2) ? 2 : 1
  const whole = BigInt(10_000 * parts)
  const shares = line.taxes.map((tax) => exact(tax.rateBp) * BigInt(parts / tax.parts))
  const denominator = line.taxIncluded ? whole + sum(shares) : whole
  const amounts = shares.map((part) => divideHalfUp(amount * part, denominator))
  const taxMinor = sum(amounts)
  const netMinor = line.taxIncluded ? amount - taxMinor : amount
  return {
    grossBeforeMinor: gross,
    lineDiscountMinor: lineDiscount,
    cartDiscountMinor: cartDiscount,
    netMinor,
    taxes: line.taxes.map(({ code, rateBp, parts }, place) => ({ code, rateBp, parts, amountMinor: amounts[place]! })),
    taxMinor,
    totalMinor: netMinor + taxMinor,
  }
}

function summedUp(lines: readonly LineOf<bigint>[], increment: bigint): Bill {
  const subtotal = sum(lines.map((line) => line.grossBeforeMinor))
  const net = sum(lines.map((line) => line.netMinor))
  const tax = sum(lines.map((line) => line.taxMinor))
  const added = rounding(net + tax, increment)
  const total = net + tax + added
  refuseAboveLimit(subtotal > total ? subtotal : total)
  return {
    lines: lines.map((line) => mapped(line, plain)),
    subtotalMinor: plain(subtotal),
    discountMinor: plain(sum(lines.map((line) => line.lineDiscountMinor + line.cartDiscountMinor))),
    netMinor: plain(net),
    taxMinor: plain(tax),
    roundingMinor: plain(added),
    totalMinor: plain(total),
    taxes: summary(lines),
  }
}

function rounding(total: bigint, increment: bigint): bigint {
  must(increment > 0n, 'money is rounded to something above zero')
  return divideHalfUp(total, increment) * increment - total
}

/** Add up net and tax by tax and rate. */
function summary(lines: readonly LineOf<bigint>[]): TaxTotal[] {
  const found = new Map<string, { tax: Tax; net: bigint; taken: bigint }>()
  for (const line of lines) {
    for (const { code, rateBp, parts, amountMinor } of line.taxes) {
      const key = `${rateBp} ${parts} ${code}`
      const { net, taken } = found.get(key) ?? { net: 0n, taken: 0n }
      found.set(key, { tax: { code, rateBp, parts }, net: net + line.netMinor, taken: taken + amountMinor })
    }
  }
  return Array.from(found.values(), ({ tax, net, taken }) => ({ ...tax, netMinor: plain(net), taxMinor: plain(taken) }))
}

function refuseAboveLimit(amount: bigint): void {
  if (amount <= BigInt(LIMIT_MINOR)) return
  const told = amount < BigInt(Number.MAX_SAFE_INTEGER) ? Number(amount) : Number.MAX_SAFE_INTEGER
  throw new BillRefused('AMOUNT_TOO_LARGE', { amount: told, limit: LIMIT_MINOR })
}

/** Write a line's amounts another way, exact inside or plain at the border. */
function mapped<From, To>(line: LineOf<From>, written: (amount: From) => To): LineOf<To> {
  return {
    grossBeforeMinor: written(line.grossBeforeMinor),
    lineDiscountMinor: written(line.lineDiscountMinor),
    cartDiscountMinor: written(line.cartDiscountMinor),
    netMinor: written(line.netMinor),
    taxes: line.taxes.map((tax) => ({ ...tax, amountMinor: written(tax.amountMinor) })),
    taxMinor: written(line.taxMinor),
    totalMinor: written(line.totalMinor),
  }
}
