/**
 * How a document of this till comes into the world: numbered, hashed and kept on the device in one transaction, then
 * asked for where there is a network, and printed only after that.
 *
 * While the till waits for the answer, the document stands in the outbox as `asking`. Refused, it is taken out again and
 * its number is free; without an answer, also when the app ends meanwhile, it happened and will be delivered.
 */
import { call } from '$lib/api/client'
import { Refusal } from '$lib/api/errors'
import { dropWorking } from '$lib/local/carts'
import { writing } from '$lib/local/db'
import { drop, put, record, recordLeftOver, type NewItem } from '$lib/local/outbox'
import { giveBackNumber, nextNumber, takeNumber, takeSaleNumber, withRegister } from '$lib/local/register'
import type { Local, LocalSale, NextNumber } from '$lib/local/types'
import { invoiceHash } from '$lib/money/canonical'

import { IN_HAND } from './working'

/** Nobody waits longer for the server than this. */
export const WAIT_MS = 2000

/** More than these that wait are not looked through. */
const LOOKED_AT_MAX = 20

export interface Numbered {
  number: NextNumber
  hash: string
}

/** A document ready to be kept: its request, and the sale's row on this device as it stands with it. */
export interface Paper {
  item: Pick<NewItem, 'id' | 'kind' | 'path' | 'madeAt' | 'label' | 'after'>
  body: unknown
  row: LocalSale | null
}

export interface Writing<T> {
  /** Which series numbers it: `incomplete` is the plain counter of sales without invoice, null none. */
  kind: NextNumber['kind'] | 'incomplete' | null
  day: string
  /** The bytes to hash; asked for only where a chain is continued. */
  canonical: () => Uint8Array
  /** The document with its number: a link of a chain, or the text of an incomplete sale's number. */
  paper: (numbered: Numbered | null, plainNumber: string) => Paper
  /** The sale's row with what the server answered. */
  rowTold: (told: T, verdict: string | null) => LocalSale | null
  /** The register's credential, where its right counts when the server is asked; null: the person's. */
  credential: string | null
  /** false: it is not asked for, it happened. */
  ask: boolean
  /** It sells the cart in hand, which is then gone. */
  sellsCart?: boolean
}

/**
 * Issue a document and give the server's answer, null when there is none yet. Throws Refusal when the server refuses it:
 * then nothing was stored and no number used. Throws DeviceFull when this device has no space: nothing was stored either.
 */
export async function issue<T>(local: Local, what: Writing<T>): Promise<T | null> {
  return withRegister(local, async () => {
    await recordLeftOver(local)
    // Something that waits may be what this document stands on (the drawer, the customer, the sale): it goes after it.
    const ask = what.ask && !(await somethingWaits(local))
    const kept = await keep(local, what, ask)
    return ask ? await askFor(local, what, kept) : null
  })
}

interface Kept {
  paper: Paper
  body: string
  number: NextNumber | null
  before: LocalSale | undefined
}

async function keep<T>(local: Local, what: Writing<T>, ask: boolean): Promise<Kept> {
  return writing(local, ['heads', 'credentials', 'settings', 'sales', 'outbox', 'working'], async (tx) => {
    const chained = what.kind && what.kind !== 'incomplete' ? what.kind : null
    const number = chained && (await nextNumber(tx, chained, what.day))
    const hash = number && invoiceHash(number.previousHash, number.series, number.counter, what.canonical())
    if (number && hash) await takeNumber(tx, number, hash)
    const plainNumber = what.kind === 'incomplete' ? await takeSaleNumber(tx) : ''
    const paper = what.paper(number && hash ? { number, hash } : null, plainNumber)
    const body = JSON.stringify(paper.body)
    const before = paper.row ? await tx.objectStore('sales').get(paper.row.id) : undefined
    if (paper.row) await tx.objectStore('sales').put(paper.row)
    if (what.sellsCart) await dropWorking(tx, IN_HAND)
    await put(tx, { ...paper.item, method: 'POST', body, mode: 'record', state: ask ? 'asking' : 'waiting' })
    return { paper, body, number, before }
  })
}

async function askFor<T>(local: Local, what: Writing<T>, kept: Kept): Promise<T | null> {
  const { id, path } = kept.paper.item
  try {
    const headers: Record<string, string> = { 'Duka-Mode': 'ask' }
    if (what.credential !== null) headers['Authorization'] = `Bearer ${what.credential}`
    const as = what.credential === null ? 'person' : 'nobody'
    const answer = await call<T>('POST', path, { text: kept.body, headers, as, timeoutMs: WAIT_MS })
    const row = what.rowTold(answer.data, answer.headers.get('Duka-Verdict'))
    await writing(local, ['outbox', 'sales'], async (tx) => {
      await drop(tx, id)
      if (row) await tx.objectStore('sales').put(row)
    })
    return answer.data
  } catch (failure) {
    if (failure instanceof Refusal && isNo(failure)) {
      await takeBack(local, kept)
      throw failure
    }
    await writing(local, ['outbox'], (tx) => record(tx, id))
    return null
  }
}

/** Say whether a refusal is about the document. One about the login or the server's health says nothing of it. */
function isNo(refusal: Refusal): boolean {
  return refusal.status >= 400 && refusal.status < 500 && ![401, 408, 429].includes(refusal.status)
}

async function takeBack(local: Local, { paper, number, before }: Kept): Promise<void> {
  await writing(local, ['heads', 'sales', 'outbox'], async (tx) => {
    await drop(tx, paper.item.id)
    if (number) await giveBackNumber(tx, number)
    if (before) await tx.objectStore('sales').put(before)
    else if (paper.row) await tx.objectStore('sales').delete(paper.row.id)
  })
}

/** Say whether documents wait that another one may stand on; carts stand for themselves. */
async function somethingWaits(local: Local): Promise<boolean> {
  const count = await local.db.countFromIndex('outbox', 'state', 'waiting')
  if (count === 0 || count > LOOKED_AT_MAX) return count > 0
  const items = await local.db.getAllFromIndex('outbox', 'state', 'waiting')
  return items.some((item) => item.kind !== 'cart')
}
