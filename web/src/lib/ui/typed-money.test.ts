import { describe, expect, it } from 'vitest'

import { grouped, writtenIn, type Did, type Typed, type Writing } from './typed-money'

const KES: Writing = { currency: 'KES', locale: 'en-GB' }
const UGX: Writing = { currency: 'UGX', locale: 'en-GB' }
const RUPEES: Writing = { currency: 'INR', locale: 'hi' }
const EMPTY: Typed = { text: '', caret: 0, byHand: false }

/** `|` is the caret. */
function at(marked: string, byHand = false): Typed {
  return { text: marked.replace('|', ''), caret: marked.indexOf('|'), byHand }
}

function shown({ text, caret }: Typed): string {
  return `${text.slice(0, caret)}|${text.slice(caret)}`
}

function press(field: Typed, sign: string, writing: Writing): Typed {
  const text = field.text.slice(0, field.caret) + sign + field.text.slice(field.caret)
  return grouped(field, { ...field, text, caret: field.caret + 1 }, { inputType: 'insertText', data: sign }, writing)
}

function typed(signs: string, writing: Writing, start = EMPTY): string {
  return shown([...signs].reduce((field, sign) => press(field, sign, writing), start))
}

function erased(field: Typed, writing: Writing, inputType = 'deleteContentBackward'): string {
  const from = inputType === 'deleteContentBackward' ? field.caret - 1 : field.caret
  const text = field.text.slice(0, from) + field.text.slice(from + 1)
  return shown(grouped(field, { ...field, text, caret: from }, { inputType }, writing))
}

function pasted(text: string, writing: Writing, did: Did = { inputType: 'insertFromPaste', data: text }): string {
  return grouped(EMPTY, { text, caret: text.length, byHand: false }, did, writing).text
}

describe('typing an amount', () => {
  it('groups as the digits come', () => {
    expect(typed('1500', UGX)).toBe('1,500|')
    expect(typed('1234567', UGX)).toBe('1,234,567|')
    expect(typed('1234567.5', RUPEES)).toBe('12,34,567.5|')
    expect(typed('0.05', KES)).toBe('0.05|')
    expect(typed('.5', KES)).toBe('.5|')
  })

  it('keeps the caret between the same digits', () => {
    expect(typed('9', UGX, at('1|,500'))).toBe('19,|500')
    expect(typed('9', UGX, at('|500'))).toBe('9,|500')
    expect(typed('99', RUPEES, at('1,|000'))).toBe('1,99,|000')
    expect(typed('7', KES, at('1,500.|25'))).toBe('1,500.7|25')
  })

  it('takes the digit beside a grouping sign', () => {
    expect(erased(at('1,|500'), UGX)).toBe('|500')
    expect(erased(at('12|,500'), UGX, 'deleteContentForward')).toBe('1,2|00')
    expect(erased(at('1,500|'), UGX)).toBe('150|')
    expect(erased(at('1,00,000|'), RUPEES)).toBe('10,000|')
  })

  it('leaves signs that a person types while they make sense', () => {
    expect(typed('1,5', KES)).toBe('1,5|')
    expect(typed('1,500', KES)).toBe('1,500|')
    expect(typed('1,5000', KES)).toBe('15,000|')
    expect(typed('1.500', UGX)).toBe('1.500|')
  })

  it('divides as the reader does', () => {
    expect(typed('1234.5', { currency: 'KES', locale: 'fr' })).toBe('1\u202f234,5|')
    expect(typed('1234,5', { currency: 'KES', locale: 'fr' })).toBe('1\u202f234,5|')
  })

  it('leaves what is no amount', () => {
    expect(typed('12a', KES)).toBe('12a|')
  })
})

describe('a pasted amount', () => {
  it('is read however it was written', () => {
    expect(pasted('1,234.50', KES)).toBe('1,234.50')
    expect(pasted('1.234,50', KES)).toBe('1,234.50')
    expect(pasted('KES 1 234', KES)).toBe('1,234')
    expect(pasted('1,00,000', RUPEES)).toBe('1,00,000')
    expect(pasted('100000.5', RUPEES)).toBe('1,00,000.50')
    expect(pasted('20000', UGX, { inputType: 'insertText', data: '20000' })).toBe('20,000')
  })

  it('stays as it is where it cannot be read', () => {
    expect(pasted('about 5', KES)).toBe('about 5')
  })
})

it('writes an amount as it is shown elsewhere', () => {
  expect([writtenIn(123_450, KES).text, writtenIn(10_000_000, RUPEES).text]).toEqual(['1,234.50', '1,00,000.00'])
})
