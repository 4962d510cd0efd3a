/** An amount while somebody types it: its digits are grouped as they come, and the caret stays where the hand is. */
import { digitsOf, formatAmount, parseMoney } from '$lib/money/amounts'

/** What stands in a field. */
export interface Typed {
  text: string
  /** How many signs stand before the caret. */
  caret: number
  /** The person groups or divides it with signs of their own (`1,5`): it is left as it is while it makes sense. */
  byHand: boolean
}

/** How a text became another one, in the browser's words (Input Events: `inputType` and `data`). */
export interface Did {
  inputType?: string
  data?: string | null
}

/** How this reader's amounts are written. */
export interface Writing {
  currency: string
  locale: string
}

/** Longer ones are no amounts. */
const DIGITS_MAX = 13
const BULK = ['insertFromPaste', 'insertFromDrop', 'insertReplacementText']
const SEPARATORS = /[\s,]/g

/** Write an amount of minor units into a field, as it is shown elsewhere: `1,500.00`. */
export function writtenIn(minor: number, { currency, locale }: Writing): Typed {
  const text = formatAmount(minor, currency, locale)
  return { text, caret: text.length, byHand: false }
}

/**
 * Group what a person made of a field that held `before`. What is pasted or filled in is read as a whole, however it was
 * written; what cannot be read stays as it is.
 */
export function grouped(before: Typed, now: Typed, did: Did, writing: Writing): Typed {
  const point = pointOf(writing)
  if (isBulk(did)) return pasted(now, writing)
  const sign = did.data ?? ''
  if (/^[\s,]$/.test(sign) && sign !== point) return { ...now, byHand: true }
  const readable = parseMoney(now.text, writing.currency, writing.locale) !== null
  if (before.byHand && readable && now.text.search(SEPARATORS) >= 0) return { ...now, byHand: true }
  return regrouped(withoutDigit(before, pointed(now, sign, point), did), point, writing)
}

function isBulk({ inputType, data }: Did): boolean {
  return inputType === undefined || BULK.includes(inputType) || (data?.length ?? 0) > 1
}

function pasted(now: Typed, writing: Writing): Typed {
  const minor = parseMoney(now.text, writing.currency, writing.locale)
  if (minor === null) return { ...now, byHand: true }
  const whole = writtenIn(minor, writing)
  const places = digitsOf(writing.currency)
  if (places === 0 || minor % 10 ** places !== 0 || hasDecimals(now.text, places)) return whole
  const text = whole.text.slice(0, -places - 1)
  return { ...whole, text, caret: text.length }
}

function hasDecimals(text: string, places: number): boolean {
  return new RegExp(`[.,٫]\\d{${places}}\\D*$`).test(text)
}

/** The sign between whole and decimals. */
function pointOf({ currency, locale }: Writing): string {
  const places = digitsOf(currency)
  return places ? (formatAmount(0, currency, locale).at(-places - 1) ?? '.') : '.'
}

/** A point is meant as the decimal sign whatever the reader's own is: number keys have no other. */
function pointed(now: Typed, sign: string, point: string): Typed {
  if (sign !== '.' || point === '.' || now.text.includes(point)) return now
  return { ...now, text: now.text.slice(0, now.caret - 1) + point + now.text.slice(now.caret) }
}

/** A key that took only a grouping sign away takes the digit beside it. */
function withoutDigit(before: Typed, now: Typed, { inputType }: Did): Typed {
  const onlySign = before.text.length === now.text.length + 1 && bare(before.text) === bare(now.text)
  if (!onlySign || !inputType?.startsWith('delete')) return now
  const at = inputType === 'deleteContentForward' ? now.caret : now.caret - 1
  return at < 0 ? now : { ...now, text: now.text.slice(0, at) + now.text.slice(at + 1), caret: at }
}

function bare(text: string): string {
  return text.replace(SEPARATORS, '')
}

function regrouped(now: Typed, point: string, writing: Writing): Typed {
  const [left = '', ...decimals] = now.text.split(point)
  const digits = bare(left)
  if (!/^\d*$/.test(digits) || digits.length > DIGITS_MAX || !/^\d*$/.test(decimals.join(''))) return { ...now, byHand: false }
  const text = [digits && wholeIn(Number(digits), writing), ...decimals].join(point)
  return { text, caret: caretIn(text, countIn(now.text.slice(now.caret), point), point), byHand: false }
}

function wholeIn(whole: number, { currency, locale }: Writing): string {
  const places = digitsOf(currency)
  const text = formatAmount(whole * 10 ** places, currency, locale)
  return places ? text.slice(0, -places - 1) : text
}

/** How many signs of a text count, other than those that group. */
function countIn(text: string, point: string): number {
  return [...text].filter((sign) => counts(sign, point)).length
}

function counts(sign: string, point: string): boolean {
  return sign === point || /\d/.test(sign)
}

/** Where the caret stands with as many signs after it as before the grouping. */
function caretIn(text: string, after: number, point: string): number {
  let place = text.length
  for (let left = after; place > 0 && left > 0; place -= 1) if (counts(text[place - 1]!, point)) left -= 1
  return place
}
