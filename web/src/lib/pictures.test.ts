import { expect, it } from 'vitest'

import { fitted } from './pictures'

it.each([
  [{ width: 1024, height: 512 }, { width: 512, height: 512 }, { width: 512, height: 256 }],
  [{ width: 300, height: 900 }, { width: 320, height: 128 }, { width: 43, height: 128 }],
  [{ width: 24, height: 16 }, { width: 240, height: 128 }, { width: 192, height: 128 }],
  [{ width: 4000, height: 2 }, { width: 512, height: 512 }, { width: 512, height: 1 }],
])('fills the place as far as its proportions allow: %o in %o', (own, box, size) => {
  expect(fitted(own, box)).toEqual(size)
})
