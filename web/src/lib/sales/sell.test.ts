import 'fake-indexeddb/auto'

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { SaleIn, SaleOut } from '$lib/api/generated'
import { openLocal, writing } from '$lib/local/db'
import { seal } from '$lib/local/device'
import { queued } from '$lib/local/outbox'
import { GENESIS as FIRST_HASH } from '$lib/money/canonical'
import type { Item, Local, MyRegister, SettingsRow, TaxClassRow } from '$lib/local/types'
import { newId } from '$lib/uuid'

import { addItem, EMPTY_CART, setCartDiscount, setLineDiscount, setQuantity, type Cart } from './cart'
import { before, giveBack } from './give-back'
import { sell, type Counter } from './sell'
import { dueOn, settle } from './settle'
import type { Tender } from './tender'
import { keepWorking, readWorking } from './working'

const VAT: TaxClassRow = {
  id: newId(), name: 'Standard', treatment: 'taxed',
  rates: [{ kind: 'vat', code: 'VAT', rate_bp: 1800, valid_from: '2020-01-01' }],
}  // prettier-ignore
const GST: TaxClassRow = { ...VAT, rates: [{ kind: 'gst', code: 'GST', rate_bp: 1800, valid_from: '2020-01-01' }] }

let local: Local
let server: Server | undefined

beforeEach(async () => {
  local = await openLocal(newId())
})

afterEach(() => {
  server?.close()
  server = undefined
})

function item(priceMinor: number, more: Partial<Item> = {}): Item {
  return {
    id: newId(), productId: newId(), name: 'Phone holder', sku: null, barcodes: [], groupId: null, unit: 'piece',
    hsn: null, stocked: true, active: true, taxClassId: VAT.id, priceMinor, taxIncluded: true, stockMilli: 5000,
    minStockMilli: 0, favourite: false, ...more,
  }  // prettier-ignore
}

async function counter(more: Partial<SettingsRow> = {}, taxClass = VAT): Promise<Counter> {
  const shop: SettingsRow = {
    id: 'shop', shop_id: local.shopId, name: 'Mama Duka', address: 'Kampala Road 1', phone: '+256700000001',
    tax_id: '1000000000', country: 'UG', state_code: null, currency: 'UGX', time_zone: 'Africa/Kampala',
    payment_policy: 'full_payment', payment_methods: ['cash', 'mtn_momo'], credit_days: 30, negative_stock: false,
    open_items: true, return_window_days: 30, tax_included: true, cash_rounding_minor: 1, day_start_minutes: 0,
    financial_year_month: 7, receipt_header: '', receipt_footer: 'Thank you', receipt_layout: '80mm', language: 'en',
    modules: [], discount_ceiling_bp: 500, ...more,
  }  // prettier-ignore
  const register: MyRegister = {
    id: newId(), branchId: newId(), locationId: newId(), code: 'T1', name: 'Counter',
    codes: { invoice: 'T1', credit_note: 'T1C', debit_note: 'T1D' }, credential: 'a-credential', installationId: newId(),
  }  // prettier-ignore
  const credential = await seal(register.credential)
  await writing(local, ['settings', 'credentials'], async (tx) => {
    await tx.objectStore('settings').put(shop)
    await tx.objectStore('credentials').put({ ...register, credential, own: true })
  })
  return {
    local, register, drawer: null, shop, branch: null, seller: { staffId: newId(), name: 'Amina' }, online: false,
    pricing: { settings: shop, day: '2026-11-21', taxClass: () => taxClass },
  }  // prettier-ignore
}

function cash(amountMinor: number): Tender {
  return { id: newId(), method: 'cash', amountMinor }
}

function cartWith(...items: Item[]): Cart {
  return items.reduce((cart, each) => addItem(cart, each).cart, EMPTY_CART)
}

async function bodies(): Promise<SaleIn[]> {
  return (await queued(local)).map((waiting) => JSON.parse(waiting.body) as SaleIn)
}

/** Hash a document as docs/registers.md says, with another SHA-256 and another writer of JSON than the till's. */
function hashOf(invoice: NonNullable<SaleIn['invoice']>, document: Record<string, unknown>): string {
  const canonical = JSON.stringify(sorted(document))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(invoice.counter))
  return createHash('sha256')
    .update(Buffer.from(invoice.previous_hash, 'hex'))
    .update(`${invoice.code}/${invoice.financial_year}`)
    .update(counter)
    .update(createHash('sha256').update(canonical).digest())
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort().map(([key, each]) => [key, sorted(each)]))
}

describe('selling without a network', () => {
  it('keeps number, hash, sale and the bytes to send before anything is printed', async () => {
    const at = await counter()
    const sold = await sell(at, setQuantity(cartWith(item(25_000)), '', 0), [cash(30_000)])
    expect(sold).toMatchObject({ waits: true, sale: { number: 'T1/2627/000001', state: 'completed', change: 5000, total: 25_000 } })
    const [waiting] = await queued(local)
    expect(waiting).toMatchObject({ kind: 'sale', mode: 'record', path: '/api/sales', state: 'waiting', id: sold.sale.id })
    expect((await local.db.get('sales', sold.sale.id))?.delivery).toBe('waiting')
  })

  it('says in the body all that a register must say, hashed as the guide tells', async () => {
    const at = await counter()
    const holder = item(25_000, { hsn: '8517' })
    await sell(at, cartWith(holder, holder), [cash(50_000)])
    const [body] = await bodies()
    expect(body).toMatchObject({
      schema: 1, register_id: at.register.id, business_date: '2026-11-21', staff_id: at.seller.staffId, total: 50_000,
      cash_rounding: 1, payments: [{ method: 'cash', amount: 50_000 }],
      lines: [{ variant_id: holder.id, quantity: 2, price: 25_000, tax_included: true,
        printed: { name: 'Phone holder', hsn: '8517', unit: 'piece', taxes: [{ code: 'VAT', rate_bp: 1800, parts: 1 }] } }],
      invoice: { code: 'T1', financial_year: '2627', counter: 1, previous_hash: FIRST_HASH },
    })  // prettier-ignore
    const invoice = body!.invoice!
    const totals = { subtotal_minor: 50_000, discount_minor: 0, net_minor: 42_373, tax_minor: 7627, rounding_minor: 0, total_minor: 50_000 }
    const document = {
      version: 1, kind: 'invoice', sale: body!.id, business_date: '2026-11-21', issued_at: invoice.issued_at, currency: 'UGX',
      lines: [{
        description: 'Phone holder', variant: holder.id, hsn: '8517', quantity_milli: 2000, unit_price_minor: 25_000,
        discount_minor: 0, tax_included: 'yes', net_minor: 42_373, total_minor: 50_000,
        taxes: [{ code: 'VAT', rate_bp: 1800, parts: 1, amount_minor: 7627 }],
      }],
      taxes: [{ code: 'VAT', rate_bp: 1800, parts: 1, net_minor: 42_373, tax_minor: 7627 }],
      totals,
    }  // prettier-ignore
    expect(invoice.hash).toBe(hashOf(invoice, document))
  })

  it('chains each sale to the one before and leaves no number out', async () => {
    const at = await counter()
    for (const price of [1000, 2000, 3000]) await sell(at, cartWith(item(price)), [cash(price)])
    const invoices = (await bodies()).map((body) => body.invoice!)
    expect(invoices.map((each) => each.counter)).toEqual([1, 2, 3])
    expect(invoices.slice(1).map((each) => each.previous_hash)).toEqual(invoices.slice(0, 2).map((each) => each.hash))
  })

  it('gives a sale that is not paid in full a number of its own and no invoice', async () => {
    const at = await counter()
    const sold = await sell(at, cartWith(item(9000)), [cash(4000)])
    expect(sold.sale).toMatchObject({ number: 'T1-1', state: 'incomplete', invoice: null, paid: 4000 })
    const [body] = await bodies()
    expect([body!.number, 'invoice' in body!]).toEqual(['T1-1', false])
  })

  it('gives the invoice when the rest is paid, after the sale in the outbox', async () => {
    const at = await counter({ cash_rounding_minor: 50 })
    const sold = await sell(at, cartWith(item(9020)), [cash(4000)])
    const standing = (await local.db.get('sales', sold.sale.id))!
    expect(dueOn(sold.sale, ['mtn_momo'], 50)).toBe(5020)
    expect(dueOn(sold.sale, ['cash'], 50)).toBe(5000)
    const paid = await settle(at, standing, [cash(6000)])
    expect(paid.sale).toMatchObject({ number: 'T1/2627/000001', state: 'completed', total: 9000, paid: 9000, change: 1000 })
    const [, payment] = await queued(local)
    expect(payment).toMatchObject({ kind: 'payment', after: sold.sale.id, path: `/api/sales/${sold.sale.id}/payments` })
  })

  it('taxes within India by half, and between two states by IGST, naming the place', async () => {
    const india = { country: 'IN', state_code: '29', currency: 'INR', financial_year_month: 4 }
    const at = await counter(india, GST)
    const cart = cartWith(item(11_800))
    const away = { id: newId(), name: 'Ravi', phone: null, taxId: null, stateCode: '27', creditLimitMinor: 0, owedMinor: 0 }
    await sell(at, cart, [cash(11_800)])
    await sell(at, { ...cart, customer: away }, [cash(11_800)])
    const [here, there] = await bodies()
    expect([here!.place_of_supply, there!.place_of_supply]).toEqual(['29', '27'])
    expect(here!.lines[0]!.printed!.taxes!.map((tax) => tax.code)).toEqual(['CGST', 'SGST'])
    expect(there!.lines[0]!.printed!.taxes!.map((tax) => tax.code)).toEqual(['IGST'])
  })

  it('gives the lines of each sale ids of their own, though two tills took up one waiting cart', async () => {
    const at = await counter()
    const cart = cartWith(item(1000))
    await sell(at, cart, [cash(1000)])
    await sell(at, cart, [cash(1000)])
    const [one, other] = (await bodies()).map((body) => body.lines[0]!.id)
    expect(one).not.toBe(other)
  })

  it('forgets the cart in hand with the sale, not before', async () => {
    const at = await counter()
    const cart = cartWith(item(1000))
    await keepWorking(local, cart)
    await expect(sell(at, cart, [{ id: newId(), method: 'mtn_momo', amountMinor: 5000 }])).rejects.toThrow('More was paid')
    expect(await readWorking(local)).toEqual(cart)
    await sell(at, cart, [cash(1000)])
    expect(await readWorking(local)).toBeNull()
  })

  it('puts the rest on account only for a registered customer within their limit', async () => {
    const at = await counter({ payment_policy: 'on_account' })
    const buyer = { id: newId(), name: 'Grace', phone: null, taxId: null, stateCode: null, creditLimitMinor: 5000, owedMinor: 2000 }
    const cart = cartWith(item(4000))
    await expect(sell(at, cart, [], { onAccount: true })).rejects.toMatchObject({ reason: 'customer' })
    await expect(sell(at, { ...cart, customer: buyer }, [], { onAccount: true })).rejects.toMatchObject({ reason: 'limit' })
    const sold = await sell(at, { ...cart, customer: buyer }, [cash(1000)], { onAccount: true })
    expect(sold.sale).toMatchObject({ state: 'completed', owed: 3000, due_on: '2026-12-21', payment_status: 'partly_paid' })
    expect((await bodies())[0]).toMatchObject({ on_account: true, customer_id: buyer.id })
  })
})

describe('giving back', () => {
  it('credits parts that together are exactly the sale, each chained in the series of credit notes', async () => {
    const at = await counter({ cash_rounding_minor: 50 })
    const cart = setCartDiscount(setLineDiscount(cartWith(item(3333)), '', undefined), { bp: 700 })
    const three = setQuantity(cart, cart.lines[0]!.id, 3000)
    const { sale } = await sell(at, three, [cash(20_000)])
    const delivered = { ...sale, invoice: { ...sale.invoice!, id: newId() } }
    await local.db.put('sales', { ...(await local.db.get('sales', sale.id))!, sale: delivered, delivery: 'delivered' })
    const totals: number[] = []
    for (const turn of [1, 2, 3]) {
      const standing = (await local.db.get('sales', sale.id))!
      const line = { saleLineId: sale.lines[0]!.id, quantityMilli: 1000, restock: 'stock' } as const
      const given = await giveBack(at, standing, { lines: [line], reason: 'It does not fit' })
      expect(given.note.number).toBe(`T1C/2627/00000${turn}`)
      totals.push(given.note.total)
      expect(given.note.lines.reduce((sum, each) => sum + each.total, given.note.rounding)).toBe(given.note.total)
    }
    expect(totals.reduce((sum, each) => sum + each)).toBe(sale.total)
    const after = (await local.db.get('sales', sale.id))!
    expect([after.sale!.paid, before(after)!.totalMinor]).toEqual([0, sale.total])
  })

  it('names the invoice of a sale that still waits, and is sent after it', async () => {
    const at = await counter()
    const { sale } = await sell(at, cartWith(item(1000)), [cash(1000)])
    const standing = (await local.db.get('sales', sale.id))!
    const line = { saleLineId: sale.lines[0]!.id, quantityMilli: 1000, restock: 'stock' } as const
    await giveBack(at, standing, { lines: [line], reason: 'It does not fit' })
    const [sent, note] = await queued(local)
    const { id } = (JSON.parse(sent!.body) as SaleIn).invoice!
    expect(note).toMatchObject({ path: `/api/invoices/${id}/credit-notes`, after: sale.id })
  })

  it('waits for a sale to be delivered that an older app sold: the server named its invoice', async () => {
    const at = await counter()
    const { sale } = await sell(at, cartWith(item(1000)), [cash(1000)])
    const standing = (await local.db.get('sales', sale.id))!
    const old = { ...standing, sale: { ...sale, invoice: { ...sale.invoice!, id: '' } } }
    await expect(giveBack(at, old, { lines: [], reason: 'x' })).rejects.toThrow('not been delivered')
  })
})

describe('asking the server first', () => {
  const realLocation = globalThis.location

  afterAll(() => {
    Object.defineProperty(globalThis, 'location', { value: realLocation, configurable: true })
  })

  async function answering(answer: (asked: SaleIn, response: ServerResponse) => void): Promise<SaleIn[]> {
    const heard: SaleIn[] = []
    server = createServer((request, response) => {
      void textOf(request).then((text) => {
        heard.push(JSON.parse(text) as SaleIn)
        answer(heard.at(-1)!, response)
      })
    })
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    Object.defineProperty(globalThis, 'location', { value: { origin: `http://127.0.0.1:${port}` }, configurable: true })
    return heard
  }

  function json(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Duka-Verdict': 'applied' }).end(JSON.stringify(body))
  }

  it('keeps what the server answered, with nothing left to deliver', async () => {
    await answering((asked, response) => json(response, 201, { data: { ...shown(asked), note: 'from the server' } }))
    const at = { ...(await counter()), online: true }
    const sold = await sell(at, cartWith(item(1000)), [cash(1000)])
    expect([sold.waits, sold.sale.note]).toEqual([false, 'from the server'])
    expect(await queued(local)).toEqual([])
    expect((await local.db.get('sales', sold.sale.id))?.delivery).toBe('delivered')
  })

  it('uses nothing up when the server says no: the next sale has the same number', async () => {
    let refuse = true
    const heard = await answering((asked, response) => {
      const error = { code: 'PRICE_CHANGED', message: 'The price is 1200 now.', details: { price: 1200 } }
      if (refuse) json(response, 400, { error })
      else json(response, 201, { data: shown(asked) })
    })
    const at = { ...(await counter()), online: true }
    await expect(sell(at, cartWith(item(1000)), [cash(1000)])).rejects.toMatchObject({ code: 'PRICE_CHANGED' })
    expect([await queued(local), await local.db.getAll('sales')]).toEqual([[], []])
    refuse = false
    await sell(at, cartWith(item(1200)), [cash(1200)])
    expect(heard.map((body) => [body.invoice!.counter, body.invoice!.previous_hash])).toEqual([[1, FIRST_HASH], [1, FIRST_HASH]])
  })

  it('records the very bytes it asked with when no answer comes', async () => {
    const heard = await answering((_, response) => void response.destroy())
    const at = { ...(await counter()), online: true }
    const sold = await sell(at, cartWith(item(1000)), [cash(1000)])
    expect(sold.waits).toBe(true)
    const [waiting] = await queued(local)
    expect(waiting!.state).toBe('waiting')
    expect(JSON.parse(waiting!.body)).toEqual(heard[0])
  })

  it('does not ask about a sale that stands on what waits itself', async () => {
    const heard = await answering((asked, response) => json(response, 201, { data: shown(asked) }))
    const at = await counter()
    await sell(at, cartWith(item(1000)), [cash(1000)])
    await sell({ ...at, online: true }, cartWith(item(1000)), [cash(1000)])
    expect(heard).toEqual([])
    expect(await queued(local)).toHaveLength(2)
  })
})

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

function shown(asked: SaleIn): Partial<SaleOut> {
  return { id: asked.id, number: 'T1/2627/000001', business_date: asked.business_date!, made_at: asked.made_at! }
}
