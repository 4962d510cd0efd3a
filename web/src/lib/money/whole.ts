/** Whole numbers: exact inside as BigInt, ordinary numbers at the borders. */
import { must } from './refused'

/** No amount in Duka is larger than this many minor units, plus or minus. */
export const LIMIT_MINOR = 1_000_000_000_000

/** Take a whole number in. A product of two amounts leaves what a number holds exactly; a BigInt never does. */
export function exact(value: number): bigint {
  must(Number.isSafeInteger(value), `${value} is no whole number`)
  return BigInt(value)
}

/** Give a whole number out again. */
export function plain(value: bigint): number {
  const found = Number(value)
  must(Number.isSafeInteger(found), `${value} is larger than a number holds exactly`)
  return found
}

/** Divide, rounding to the nearest whole number and halves away from zero. `denominator` > 0. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  must(denominator > 0n, 'a denominator is above zero')
  const size = numerator < 0n ? -numerator : numerator
  const rounded = (2n * size + denominator) / (2n * denominator)
  return numerator < 0n ? -rounded : rounded
}

/** Add up whole numbers. */
export function sum(values: Iterable<bigint>): bigint {
  let found = 0n
  for (const value of values) found += value
  return found
}
