/** How the state of a register is shown. */
import type { standingOf } from '$lib/shop/registers'

export const TONES: Record<ReturnType<typeof standingOf>, 'good' | 'warning' | 'bad' | 'plain'> = {
  open: 'good', replaced: 'warning', cut_off: 'bad', closed: 'plain',
}  // prettier-ignore
