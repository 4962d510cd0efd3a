import { afterEach, expect, test } from 'vitest'

import { fill } from '$lib/i18n/fill'
import swahili from '$lib/i18n/problems/sw'
import type { Words } from '$lib/i18n/types'
import { DeviceFull } from '$lib/local/db'
import { FileNotRead } from '$lib/local/outbox-file'
import { BillRefused } from '$lib/money/refused'

import { Refusal, tellFrom, TooManyRequests, wordsOf } from './errors'

afterEach(() => tellFrom(() => null))

function inSwahili(): void {
  tellFrom((code, values) => {
    const entry = (swahili as Words)[`problem.${code}`]
    return entry === undefined ? null : fill(entry, values, 'sw')
  })
}

test('what went wrong is told in the person’s words, by the server’s code or that of this device', () => {
  inSwahili()
  expect(wordsOf(new Refusal('SKU_TAKEN', 'Another item has it.', 400, {}, { sku: 'CAB-1' }))).toContain('CAB-1 tayari')
  expect(wordsOf(new TooManyRequests('RATE_LIMITED', 'Too many requests.', {}, 7))).toContain('sekunde 7')
  expect(wordsOf(new DeviceFull())).toMatch(/^Kifaa hiki kimejaa/)
  expect(wordsOf(new FileNotRead('other_shop'))).toBe('Faili hili ni la duka lingine.')
  expect(wordsOf(new BillRefused('SERIES_FULL'))).toMatch(/^Mfululizo/)
})

test('a code without a text, and anything else, is told as it came', () => {
  inSwahili()
  expect(wordsOf(new Refusal('SOMETHING_NEW', 'Something new.', 400))).toBe('Something new.')
  expect(wordsOf(new TypeError('Oh.'))).toBe('Oh.')
  expect(wordsOf('oh')).toBe('oh')
})
