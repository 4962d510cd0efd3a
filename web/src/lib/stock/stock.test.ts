import { describe, expect, it } from 'vitest'

import type { TransferLineOut, TransferOut } from '$lib/api/generated'

import { balancesAfter } from './balances'
import { daysUntil, soldByDay, stepsOf } from './pace'
import { endOf } from './reservations'
import { arrived, change, drop, EMPTY_TALLY, putDown, take, without } from './tally'
import { actsFor, asSent, canReceive, differenceMilli, leaving, placeOf, sideOf } from './transfers'
import { monthEndsBefore } from './worth'

const CABLE = { id: 'cable', name: 'Cable', unit: 'piece' }
const RICE = { id: 'rice', name: 'Rice', unit: 'kg' }

describe('a tally', () => {
  it('adds one for each scan of the same thing on the same shelf, under one entry', () => {
    const once = take(EMPTY_TALLY, CABLE, 'A1', 'e1')
    const twice = take(once, CABLE, 'A1', 'e2')
    expect(twice).toEqual({ inHand: { ...once.inHand, quantityMilli: 2000 }, waiting: [] })
    expect(twice.inHand?.id).toBe('e1')
  })

  it('puts the first thing down when another is scanned, or the same one elsewhere', () => {
    const next = take(take(EMPTY_TALLY, CABLE, 'A1', 'e1'), RICE, 'A1', 'e2')
    expect(next.waiting.map((piece) => piece.id)).toEqual(['e1'])
    const moved = take(next, RICE, 'B2', 'e3')
    expect(moved.waiting.map((piece) => piece.shelf)).toEqual(['A1', 'A1'])
    expect(moved.inHand?.shelf).toBe('B2')
  })

  it('counts what is typed, none too, and forgets what was not meant', () => {
    const none = putDown(change(take(EMPTY_TALLY, CABLE, '', 'e1'), { quantityMilli: 0, recount: true }))
    expect(none.waiting).toMatchObject([{ quantityMilli: 0, recount: true }])
    expect(drop(take(EMPTY_TALLY, CABLE, '', 'e1'))).toEqual(EMPTY_TALLY)
    expect(change(EMPTY_TALLY, { quantityMilli: 5 })).toEqual(EMPTY_TALLY)
  })

  it('forgets what has arrived and what the count is not about, and nothing else', () => {
    const both = putDown(take(putDown(take(EMPTY_TALLY, CABLE, '', 'e1')), RICE, '', 'e2'))
    expect(arrived(both, ['e1']).waiting.map((piece) => piece.id)).toEqual(['e2'])
    expect(without(both, ['rice']).waiting.map((piece) => piece.id)).toEqual(['e1'])
  })
})

const ALL = (): boolean => true
const between = (state: TransferOut['state']) => ({ state, from_branch_id: 'town', to_branch_id: 'hill' })

describe('a transfer', () => {
  it('is let go and sent by its sender, received by its receiver, called off by either', () => {
    expect(actsFor(between('requested'), { branchId: 'town', may: ALL })).toEqual(['approve', 'reject', 'cancel'])
    expect(actsFor(between('requested'), { branchId: 'hill', may: ALL })).toEqual(['cancel'])
    expect(actsFor(between('approved'), { branchId: 'town', may: ALL })).toEqual(['dispatch', 'cancel'])
    expect(actsFor(between('dispatched'), { branchId: 'town', may: ALL })).toEqual([])
    expect(actsFor(between('dispatched'), { branchId: 'hill', may: ALL })).toEqual(['receive'])
    expect(actsFor(between('dispatched'), { branchId: null, may: ALL })).toEqual(['receive'])
    expect(actsFor(between('received'), { branchId: null, may: ALL })).toEqual([])
  })

  it('offers nobody what they may not do', () => {
    const may = (permission: string): boolean => permission === 'stock:transfer'
    expect(actsFor(between('requested'), { branchId: null, may })).toEqual(['cancel'])
    expect(actsFor(between('dispatched'), { branchId: null, may })).toEqual([])
  })

  it('has one side for who works in one branch', () => {
    expect([sideOf(between('approved'), 'town'), sideOf(between('approved'), 'hill'), sideOf(between('approved'), null)]).toEqual(['sender', 'receiver', 'both'])
    expect(sideOf({ from_branch_id: 'town', to_branch_id: 'town' }, 'town')).toBe('both')
  })

  it('stays where it was stopped', () => {
    const steps = [{ state_to: 'requested' }, { state_to: 'approved' }, { state_to: 'cancelled' }] as TransferOut['steps']
    expect(placeOf({ state: 'cancelled', steps })).toBe(1)
    expect(placeOf({ state: 'dispatched', steps: [] })).toBe(2)
  })

  it('can be received once each line is counted and each difference has a fate', () => {
    const lines = [
      { id: 'l1', requested: 5, dispatched: 4, received: null },
      { id: 'l2', requested: 1.5, dispatched: 1.5, received: null },
    ] as TransferLineOut[]
    const sent = asSent(lines)
    expect(canReceive(lines, sent)).toBe(true)
    const short = { ...sent, l1: { quantityMilli: 3000, fate: '' as const, serials: [] } }
    expect(differenceMilli(lines[0]!, short.l1)).toBe(-1000)
    expect(canReceive(lines, short)).toBe(false)
    expect(canReceive(lines, { ...short, l1: { quantityMilli: 3000, fate: 'loss', serials: [] } })).toBe(true)
    expect(canReceive(lines, { ...sent, l2: { quantityMilli: null, fate: '', serials: [] } })).toBe(false)
  })

  it('says of a line that leaves only what is otherwise than it was asked for', () => {
    const lines = [{ id: 'l1', requested: 2 }, { id: 'l2', requested: 1.5 }] as TransferLineOut[]
    const picked = { l1: { serials: ['A1', 'B1'] }, l2: { batches: [{ number: 'B7' }] } }
    expect(leaving(lines, { l1: 2000, l2: 1500 }, {})).toEqual([])
    expect(leaving(lines, { l1: 2000, l2: 0 }, picked)).toEqual([
      { line_id: 'l1', quantity: 2, serials: ['A1', 'B1'] }, { line_id: 'l2', quantity: 0 },
    ])
  })

  it('asks which pieces arrived only where some did not', () => {
    const phones = { id: 'l1', requested: 4, dispatched: 4, received: null, serials: ['A1', 'B1', 'C1', 'D1'] } as TransferLineOut
    const came = (quantityMilli: number, ...serials: string[]): boolean => canReceive([phones], { l1: { quantityMilli, fate: 'loss', serials } })
    expect(came(4000)).toBe(true)
    expect(came(3000, 'A1', 'B1', 'C1', 'D1')).toBe(false)
    expect(came(3000, 'A1', 'B1', 'D1')).toBe(true)
  })
})

describe('stock over time', () => {
  it('counts back from what stands now', () => {
    const rows = [{ id: 'new', quantity: -2 }, { id: 'mid', quantity: 10 }, { id: 'old', quantity: -0.5 }]
    expect([...balancesAfter(rows, 7500)]).toEqual([['new', 7500], ['mid', 9500], ['old', -500]])
  })

  it('adds up what was sold on each day, less what came back, and leaves out days it does not know whole', () => {
    const days = daysUntil('2026-03-01', 3)
    expect(days).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
    const moves = [
      { business_date: '2026-03-01', kind: 'sale', quantity: -3 },
      { business_date: '2026-03-01', kind: 'return', quantity: 1 },
      { business_date: '2026-03-01', kind: 'receipt', quantity: 50 },
      { business_date: '2026-02-27', kind: 'sale', quantity: -0.25 },
    ] as const
    expect(soldByDay(moves, days).days.map((day) => day.milli)).toEqual([250, 0, 2000])
    expect(soldByDay(moves, days, '2026-02-28').days.map((day) => day.day)).toEqual(['2026-02-28', '2026-03-01'])
  })

  it('carries price and cost on until they change', () => {
    const rows = [
      { kind: 'price', amount: 1200, valid_from: '2026-03-01T00:00:00Z' },
      { kind: 'cost', amount: 700, valid_from: '2026-02-01T00:00:00Z' },
      { kind: 'price', amount: 1000, valid_from: '2026-01-01T00:00:00Z' },
      { kind: 'price', amount: 1300, valid_from: '2026-03-01T00:00:00Z' },
    ] as const
    expect(stepsOf(rows.slice(0, 3)).map((step) => [step.priceMinor, step.costMinor])).toEqual([[1000, null], [1000, 700], [1200, 700]])
    expect(stepsOf(rows)).toHaveLength(3)
  })

  it('looks back at the ends of months', () => {
    expect(monthEndsBefore('2026-03-15')).toEqual(['2025-09-30', '2025-10-31', '2025-11-30', '2025-12-31', '2026-01-31', '2026-02-28'])
  })

  it('keeps goods until the day has ended here', () => {
    expect(endOf('')).toBeNull()
    const until = new Date(endOf('2026-11-22')!)
    expect([until.getDate(), until.getHours(), until.getMinutes()]).toEqual([22, 23, 59])
  })
})
