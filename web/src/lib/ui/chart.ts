/** Where the parts of a chart stand: marks on its scale, bars and lines in pixels from the top left. */

export type Values = readonly (number | null)[]

/** The space that a chart has, and the values between which its scale runs. */
export interface Field {
  left: number
  top: number
  width: number
  height: number
  low: number
  high: number
}

/** The colours of the series, or the slices, in turn. */
export const COLOURS = ['--color-primary', '--color-info', '--color-warning', '--color-error']

/** The colour of the `place`th series. */
export function colourOf(place: number): string {
  return `var(${COLOURS[place % COLOURS.length]})`
}

const PARTS_MAX = 5
const ROUND_STEPS = [1, 2, 2.5, 5, 10]
const BAR_SHARE = 0.6
const BAR_MAX = 40

/** Choose round marks from 0, or from below the lowest value, to the highest one or above it; only 0 where all is 0. */
export function marksOf(values: Values): number[] {
  const known = values.filter((value) => value !== null)
  const low = Math.min(0, ...known)
  const high = Math.max(0, ...known)
  if (low === high) return [0]
  const rough = (high - low) / PARTS_MAX
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ROUND_STEPS.find((each) => each * power >= rough)! * power
  const first = Math.floor(low / step)
  const last = Math.ceil(high / step)
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step)
}

/** How far from the top a value is drawn. */
export function heightOf(value: number, field: Field): number {
  return field.top + field.height * (1 - (value - field.low) / (field.high - field.low))
}

/** The middle of the `place`th of `count` columns. */
export function middleOf(place: number, count: number, field: Field): number {
  return field.left + (field.width * (place + 0.5)) / count
}

/** The bars of one of `of` series: each between 0 and its value, side by side with those of the others. */
export function barsOf(values: Values, series: number, of: number, field: Field): { x: number; y: number; width: number; height: number }[] {
  const width = Math.min(BAR_MAX, (field.width / values.length) * BAR_SHARE) / of
  return values.map((value, place) => {
    const ends = [heightOf(0, field), heightOf(value ?? 0, field)]
    const x = middleOf(place, values.length, field) + width * (series - of / 2)
    return { x, y: Math.min(...ends), width, height: Math.abs(ends[0]! - ends[1]!) }
  })
}

/** The path of a line through the middles of its columns, interrupted where nothing is known. */
export function lineOf(values: Values, field: Field): string {
  const points = values.map((value, place) => {
    if (value === null) return ''
    const begins = place === 0 || values[place - 1] === null
    const [x, y] = [middleOf(place, values.length, field), heightOf(value, field)].map((each) => each.toFixed(1))
    // A value between two unknown ones is seen as a dot: a line of no length with a round end.
    return `${begins ? 'M' : 'L'}${x} ${y}${begins ? 'h0' : ''}`
  })
  return points.join('')
}

/** Every how manyth column is named, so that names of a width have room. */
export function namedEach(count: number, widest: number, field: Field): number {
  return Math.max(1, Math.ceil(widest / (field.width / Math.max(1, count))))
}

/** Where the middle of a column's name stands: below the column, but never beyond the drawing's end. */
export function nameAt(place: number, count: number, wide: number, field: Field): number {
  return Math.min(middleOf(place, count, field), field.left + field.width - wide / 2)
}
