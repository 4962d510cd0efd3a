import { describe, expect, it } from 'vitest'

import { Refusal } from '$lib/api/errors'

import { namedOf, piecesIn, takenIn, twiceOf, withAnotherBatch, withPieces } from './naming'
import { blankReceive, newReceipt, type CountLine } from './receipts'

const LINE: CountLine = {
  id: 'l1', orderLineId: null, variantId: 'phone', name: 'Phone', sku: '', unit: 'piece', awaitedMilli: null,
  acceptedMilli: 1000, rejectedMilli: null, reason: '', priceMinor: null,
}  // prettier-ignore

describe('reading serial numbers', () => {
  it('takes new lines, commas, semicolons and blanks apart', () => {
    expect(piecesIn(' 351\r\n352,353; 354\t355,\n')).toEqual(['351', '352', '353', '354', '355'])
    expect(piecesIn('sn-7a')).toEqual(['SN-7A'])
    expect(piecesIn(' \n,')).toEqual([])
  })

  it('reads two hundred at once', () => {
    const all = Array.from({ length: 200 }, (_, turn) => String(356000000000000 + turn))
    expect(piecesIn(all.join('\n'))).toEqual(all)
  })

  it('keeps the numbers of one piece together', () => {
    expect(piecesIn('351+352 353+')).toEqual(['351+352', '353'])
    expect(namedOf(withPieces(LINE, ['351+352', '353']))).toEqual({ serials: [['351', '352'], '353'] })
  })
})

describe('naming what came', () => {
  it('accepts as many as there are numbers, and sends them', () => {
    const line = withPieces(LINE, ['351', '352', '353'])
    expect(line.acceptedMilli).toBe(3000)
    const body = newReceipt({ ...blankReceive('r'), supplierId: 's', lines: [line] }, false)
    expect(body.lines).toEqual([{ id: 'l1', variant_id: 'phone', accepted: 3, serials: ['351', '352', '353'] }])
  })

  it('marks a number that comes twice, on whichever line and piece', () => {
    const lines = [withPieces(LINE, ['351+352', '353']), withPieces({ ...LINE, id: 'l2' }, ['352'])]
    expect([...twiceOf(lines, 'phone')]).toEqual(['352'])
    expect(twiceOf([lines[0]!, { ...lines[1]!, variantId: 'other' }], 'phone').size).toBe(0)
  })

  it('names a batch by its number, its day, or both', () => {
    expect(namedOf({ ...LINE, batchNumber: ' B1 ', lastDay: '2027-03-31' })).toEqual({ batch: { number: 'B1', expires_on: '2027-03-31' } })
    expect(namedOf({ ...LINE, batchNumber: '', lastDay: '2027-03-31' })).toEqual({ batch: { expires_on: '2027-03-31' } })
    expect(namedOf({ ...LINE, batchNumber: 'B1', acceptedMilli: 0 })).toEqual({})
  })

  it('goes on with another batch of what is still awaited', () => {
    const line = { ...LINE, awaitedMilli: 24_000, acceptedMilli: 10_000, rejectedMilli: 2_000, batchNumber: 'B1' }
    const [first, second] = withAnotherBatch([line], line, 'l2')
    expect(first).toEqual({ ...line, awaitedMilli: 12_000 })
    expect(second).toMatchObject({ id: 'l2', awaitedMilli: 12_000, acceptedMilli: 0, rejectedMilli: null, batchNumber: '' })
  })

  it('says of each refused number why', () => {
    const details = { serials: [{ variant_id: 'phone', serial: '351', why: 'in_stock' }] }
    const refusal = new Refusal('SERIALS_TAKEN', 'taken', 409, {}, details)
    expect([...takenIn(refusal)]).toEqual([['phone:351', 'in_stock']])
    expect(takenIn(new Error('no')).size).toBe(0)
  })
})
