/** The sums of buying, as the server works them out. Minor units, thousandths. */
import { divideHalfUp, exact, plain } from '$lib/money/whole'

/** What a quantity comes to at a unit's price; half a minor unit is rounded up. */
export function worthMinor(quantityMilli: number, priceMinor: number): number {
  return plain(divideHalfUp(exact(quantityMilli) * exact(priceMinor), 1000n))
}
