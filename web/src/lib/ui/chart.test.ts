import { describe, expect, it } from 'vitest'

import { barsOf, heightOf, lineOf, marksOf, middleOf, nameAt, namedEach, type Field } from './chart'

const field: Field = { left: 50, top: 10, width: 300, height: 100, low: 0, high: 10 }

describe('marks', () => {
  it('are round and reach over the highest value', () => {
    expect(marksOf([3, 42, null])).toEqual([0, 10, 20, 30, 40, 50])
    expect(marksOf([1_230_000])).toEqual([0, 250_000, 500_000, 750_000, 1_000_000, 1_250_000])
  })

  it('go below zero where values do', () => {
    expect(marksOf([-7, 12])).toEqual([-10, -5, 0, 5, 10, 15])
  })

  it('are only zero for days without a sale', () => {
    expect(marksOf([0, null, 0])).toEqual([0])
    expect(marksOf([])).toEqual([0])
  })
})

describe('bars', () => {
  it('stand on zero, as high as their value, in the middle of their column', () => {
    const [bar, none] = barsOf([5, null, 10], 0, 1, field)
    expect(bar).toEqual({ x: 80, y: 60, width: 40, height: 50 })
    expect(none!.height).toBe(0)
  })

  it('hang from zero below it', () => {
    const deep = { ...field, low: -10 }
    expect(barsOf([-5], 0, 1, deep)[0]).toMatchObject({ y: heightOf(0, deep), height: 25 })
  })

  it('of two series stand side by side', () => {
    const [one] = barsOf([5], 0, 2, field)
    const [other] = barsOf([5], 1, 2, field)
    expect(one!.x + one!.width).toBe(other!.x)
    expect(other!.x).toBe(middleOf(0, 1, field))
  })
})

describe('a line', () => {
  it('is interrupted where nothing is known', () => {
    expect(lineOf([0, 10, null, 5], { ...field, width: 400 })).toBe('M100.0 110.0h0L200.0 10.0M400.0 60.0h0')
  })
})

it('names as many columns as there is room for', () => {
  expect(namedEach(6, 48, field)).toBe(1)
  expect(namedEach(30, 48, field)).toBe(5)
})

it('keeps the last name inside of the drawing', () => {
  expect(nameAt(0, 30, 42, field)).toBe(middleOf(0, 30, field))
  expect(nameAt(29, 30, 42, field)).toBe(field.left + field.width - 21)
})
