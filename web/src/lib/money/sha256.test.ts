import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sha256 } from './sha256'

async function browsers(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

describe('SHA-256', () => {
  it('is what the standard gives as its example', () => {
    const hex = Buffer.from(sha256(new TextEncoder().encode('abc'))).toString('hex')
    expect(hex).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it("is the browser's for every length around its blocks", async () => {
    for (let length = 0; length < 200; length += 1) {
      const bytes = new Uint8Array(length).fill(length)
      expect(sha256(bytes)).toEqual(await browsers(bytes))
    }
  })

  it("is the browser's for any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (found) => {
        const bytes = Uint8Array.from(found)
        expect(sha256(bytes)).toEqual(await browsers(bytes))
      }),
      { numRuns: 300 },
    )
  })

  it('hashes a part of a larger buffer, and no more', () => {
    const whole = new TextEncoder().encode('xxabcxx')
    expect(sha256(whole.subarray(2, 5))).toEqual(sha256(new TextEncoder().encode('abc')))
  })
})
