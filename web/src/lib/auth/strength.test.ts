import { describe, expect, it } from 'vitest'

import { strengthOf } from './strength'

describe('strengthOf', () => {
  it.each(['short', 'aaaaaaaaaa', 'abababab', '12345678', 'qwertyuiop', 'Password12', 'njeri2026'])('calls %s too easy', (password) => {
    expect(strengthOf(password, ['Njeri Wanjiru'])).toBe(0)
  })

  it('rises with length and with kinds of signs', () => {
    expect(strengthOf('kettlewq')).toBe(1)
    expect(strengthOf('kettle blue w')).toBe(2)
    expect(strengthOf('Kettle blue 7')).toBe(3)
    expect(strengthOf('Seven green kettles 9')).toBe(4)
  })

  it('counts letters, not code units', () => {
    expect(strengthOf('केतली')).toBe(0)
  })
})
