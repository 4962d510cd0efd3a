import 'fake-indexeddb/auto'

import { beforeEach, describe, expect, it } from 'vitest'

import type { SaleListed, SaleOut } from '$lib/api/generated'
import { openLocal, writing } from '$lib/local/db'
import { put } from '$lib/local/outbox'
import type { Local, LocalSale } from '$lib/local/types'
import { newId } from '$lib/uuid'

import { fits, incompleteHere, receiptNumberIn, salesHere, salesLike, showSale, together, waitingSales } from './here'

let local: Local

beforeEach(async () => {
  local = await openLocal(newId())
})

function sale(number: string, more: Partial<SaleOut> = {}): SaleOut {
  return {
    id: newId(), number, state: 'completed', branch_id: 'b1', business_date: '2026-11-21', made_at: '2026-11-21T10:00:00.000Z',
    total: 1000, owed: 0, review: null, external_ref: null, payments: [{ method: 'cash', direction: 'in' }],
    invoice: { id: newId(), number }, ...more,
  } as unknown as SaleOut  // prettier-ignore
}

async function keep(shown: SaleOut, delivery: LocalSale['delivery'] = 'delivered'): Promise<void> {
  const { id, number, business_date, made_at } = shown
  await local.db.put('sales', { id, number, business_date, made_at, sale: shown, mine: null, delivery })
}

async function queue(id: string, kind: 'sale' | 'payment', after?: string): Promise<void> {
  const path = kind === 'sale' ? '/api/sales' : `/api/sales/${after}/payments`
  const item = { id, kind, path, method: 'POST', body: '{}', mode: 'record', madeAt: '', label: '', ...(after ? { after } : {}) } as const
  await writing(local, ['outbox'], (tx) => put(tx, item))
}

describe('what waits', () => {
  it('is only what the outbox holds, the newest first', async () => {
    const [old, late, there] = [sale('T1/2627/000001'), sale('T1/2627/000002', { made_at: '2026-11-21T11:00:00.000Z' }), sale('T1/2627/000003')]
    await Promise.all([keep(old, 'waiting'), keep(late, 'aside'), keep(there)])
    await queue(old.id, 'sale')
    await queue(late.id, 'sale')
    await queue(newId(), 'payment', there.id)
    expect((await waitingSales(local)).map((row) => row.number)).toEqual(['T1/2627/000002', 'T1/2627/000001'])
  })

  it('is shown from the device, whether it is the sale or something done with it', async () => {
    const [mine, paid] = [sale('T1/2627/000001'), sale('T1/2627/000002')]
    await Promise.all([keep(mine, 'waiting'), keep(paid)])
    await queue(mine.id, 'sale')
    await queue(newId(), 'payment', paid.id)
    expect(await showSale(local, mine.id)).toMatchObject({ waits: 'sale', heardAt: null, refusal: null, row: { sale: mine } })
    expect(await showSale(local, paid.id)).toMatchObject({ waits: 'more', row: { sale: paid } })
  })

  it('may be paid up unless the server did not take it', async () => {
    const open = { state: 'incomplete', invoice: null } as const
    await keep(sale('T1-1', open), 'waiting')
    await keep(sale('T1-2', open), 'aside')
    await keep(sale('T1-3', { ...open, branch_id: 'b2' }))
    await keep(sale('T1/2627/000001'))
    expect((await incompleteHere(local, 'b1')).map((row) => row.number)).toEqual(['T1-1'])
  })
})

describe('a list without a network', () => {
  it('asks for what the server would give', () => {
    const one = sale('T1/2627/000042', { total: 5000, owed: 200, external_ref: 'PO-7' })
    const yes = [{}, { q: '000042' }, { q: 'po-7' }, { method: 'cash' }, { owing: 'true' }, { from: '2026-11-21', to: '2026-11-21' }, { amount_min: '5000' }]
    const no = [{ q: '43' }, { method: 'card' }, { owing: 'false' }, { from: '2026-11-22' }, { to: '2026-11-20' }, { amount_max: '4999' }, { state: 'reversed' }]
    expect(yes.map((query) => fits(one, query))).toEqual(yes.map(() => true))
    expect(no.map((query) => fits(one, query))).toEqual(no.map(() => false))
  })

  it('shows each sale as it is here, also where an earlier answer knew it otherwise', async () => {
    const paid = sale('T1/2627/000009')
    await keep(paid)
    const here = await salesHere(local, { state: 'incomplete' })
    const heard = [{ ...paid, state: 'incomplete' }, sale('T9-1', { state: 'incomplete' })] as unknown as SaleListed[]
    expect(together(heard, here, '-created').map((row) => row.number)).toEqual(['T9-1'])
  })

  it('is ordered as asked', () => {
    const [small, big] = [sale('A/2627/1', { total: 1 }), sale('A/2627/2', { total: 2, made_at: '2026-11-20T10:00:00.000Z' })]
    const here = { rows: [small, big] as unknown as SaleListed[], known: [] }
    const order = (sort: string): string[] => together([], here, sort).map((row) => row.number)
    expect([order('-created'), order('-total'), order('total')]).toEqual([
      ['A/2627/1', 'A/2627/2'], ['A/2627/2', 'A/2627/1'], ['A/2627/1', 'A/2627/2'],
    ])  // prettier-ignore
  })
})

describe('finding the sale of a receipt', () => {
  it('reads the number out of its code', () => {
    expect(receiptNumberIn('T1/2627/000123 2026-11-21 UGX 1000 ab12')).toBe('T1/2627/000123')
    expect(receiptNumberIn(' t1/2627/000123')).toBe('T1/2627/000123')
    expect(receiptNumberIn('6001240100134')).toBeNull()
    expect(receiptNumberIn('upi://pay?pa=duka@bank')).toBeNull()
  })

  it('finds invoices by any part of their number', async () => {
    await keep(sale('T1/2627/000123'))
    await keep(sale('T1-9', { invoice: null }))
    expect((await salesLike(local, '123', 5)).map((row) => row.number)).toEqual(['T1/2627/000123'])
    expect(await salesLike(local, '9', 5)).toEqual([])
  })
})
