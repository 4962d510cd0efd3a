/**
 * One till of its own, by the app's own files: what `tests/app/test_five_registers.py` has five of. It does what it is
 * told, a JSON line each, and answers each with a line. Run it with `--experimental-transform-types`.
 *
 * `open` makes it a till whose clock is wrong by `clock_ms`; `sell` makes sales without a network; `deliver` gives it the
 * network for so many documents, and loses a share of the answers on their way.
 */
import 'fake-indexeddb/auto'

import { createInterface } from 'node:readline'

import { identify, loggedIn } from '../src/lib/api/client'
import { loadCatalogue, type Shelf } from '../src/lib/local/catalogue'
import { openLocal, writing } from '../src/lib/local/db'
import { drainNow } from '../src/lib/local/drain'
import { closeDrawer, drawer, moveCash, openDrawer } from '../src/lib/local/drawer'
import { aside, put, waiting } from '../src/lib/local/outbox'
import { pullNow } from '../src/lib/local/pull'
import { setUpRegister } from '../src/lib/local/register'
import { enterShop } from '../src/lib/local/session'
import type { Local, Me, MyRegister } from '../src/lib/local/types'
import { addItem, billOf, EMPTY_CART, setCartDiscount, setLineDiscount, type Cart, type Pricing } from '../src/lib/sales/cart'
import { readTill } from '../src/lib/sales/desk'
import { sell } from '../src/lib/sales/sell'
import type { Tender } from '../src/lib/sales/tender'
import { newId } from '../src/lib/uuid'

interface Opening {
  do: 'open'
  server: string
  shop: string
  branch: string
  token: string
  name: string
  clock_ms: number
  seed: number
}

type Told =
  | Opening
  | { do: 'sell'; count: number; poison: number }
  | { do: 'deliver'; most: number; lost: number }

interface Till {
  local: Local
  shelf: Shelf
  me: Me
  register: MyRegister
  chance: () => number
}

const POISONS = ['{"schema": 1, "lines": "none"', '{"schema": 1, "total": 5}', '[]']
let till: Till
let network: { most: number; lost: number; chance: () => number } | null = null

const open = fetch
globalThis.fetch = async (input, init) => {
  const posts = init?.method === 'POST' && new Headers(init.headers).get('Duka-Mode') === 'record'
  if (!posts || !network) return open(input, init)
  if (network.most <= 0) throw new TypeError('no network')
  network.most -= 1
  const answer = await open(input, init)
  if (network.chance() < network.lost) throw new TypeError('the answer got lost')
  return answer
}

/** Chance that is the same each time (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function setClock(wrongByMs: number): void {
  const Right = Date
  globalThis.Date = class extends Right {
    constructor(...given: [] | [number]) {
      super(...((given.length ? given : [Right.now() + wrongByMs]) as [number]))
    }

    static override now(): number {
      return Right.now() + wrongByMs
    }
  } as DateConstructor
}

async function begin(told: Opening): Promise<unknown> {
  globalThis.location = { origin: told.server } as Location
  setClock(told.clock_ms)
  loggedIn(told.token, 3600)
  identify({
    renew: () => Promise.resolve({ token: told.token, expiresIn: 3600 }),
    ended: () => undefined,
    registerCredential: () => till.register.credential,
    shopId: () => told.shop,
    language: () => 'en',
  })
  const me = await enterShop(told.shop)
  const local = await openLocal(told.shop)
  const shelf = await loadCatalogue(local)
  await pullNow(local, shelf)
  const register = await setUpRegister(local, told.branch, told.name)
  till = { local, shelf, me, register, chance: chanceOf(told.seed) }
  return { code: register.code, goods: shelf.size }
}

async function work(count: number, poison: number): Promise<unknown> {
  const { local, me, chance } = till
  await openDrawer(local, { floatMinor: 10_000, staffId: me.staff_id })
  let total = 0
  let poisoned = 0
  for (let made = 0; made < count; made += 1) {
    total += await sellOne()
    if (chance() >= poison && made > 0) continue
    poisoned += 1
    await poisonOutbox(POISONS[Math.floor(chance() * POISONS.length)]!)
  }
  await moveCash(local, { direction: 'out', amountMinor: 1500, reason: 'tea', staffId: me.staff_id })
  await closeDrawer(local, { countedMinor: 8500, staffId: me.staff_id })
  return { total, poisoned, waiting: (await waiting(local)).count }
}

async function sellOne(): Promise<number> {
  const { local, shelf, me, register, chance } = till
  const open = await drawer(local)
  const { shop, branch, day } = await readTill(local, register.branchId, null, open)
  const pricing: Pricing = { settings: shop!, day, taxClass: (id) => shelf.taxClass(id) }
  const cart = randomCart()
  const counter = {
    local, register, drawer: open, shop: shop!, branch, seller: { staffId: me.staff_id, name: me.name }, pricing, online: false,
  }  // prettier-ignore
  const dueMinor = billOf(cart, pricing, false).totalMinor
  const byPhone = chance() < 0.3 ? Math.floor(dueMinor * chance()) : 0
  const phone: Tender[] = byPhone ? [{ id: newId(), method: 'mtn_momo', amountMinor: byPhone }] : []
  const cash: Tender = { id: newId(), method: 'cash', amountMinor: Math.max(1, Math.ceil((dueMinor - byPhone) / 500) * 500) }
  return (await sell(counter, cart, [...phone, cash])).sale.total
}

function randomCart(): Cart {
  const { shelf, chance } = till
  const all = shelf.search('', { limit: 100 })
  let cart = EMPTY_CART
  for (let lines = 1 + Math.floor(chance() * 3); lines > 0; lines -= 1) {
    const item = all[Math.floor(chance() * all.length)]!
    const quantityMilli = chance() < 0.2 ? 1 + Math.floor(chance() * 2500) : 1000 * (1 + Math.floor(chance() * 3))
    const { cart: fuller, lineId } = addItem(cart, item, quantityMilli)
    cart = chance() < 0.2 ? setLineDiscount(fuller, lineId, { bp: Math.floor(chance() * 2000) }) : fuller
  }
  return chance() < 0.2 ? setCartDiscount(cart, { bp: Math.floor(chance() * 1000) }) : cart
}

async function poisonOutbox(body: string): Promise<void> {
  await writing(till.local, ['outbox'], (tx) =>
    put(tx, {
      id: newId(), kind: 'sale', method: 'POST', path: '/api/sales', body, mode: 'record', madeAt: new Date().toISOString(),
      label: 'poison',
    }),
  )
}

async function deliver(most: number, lost: number): Promise<unknown> {
  network = { most, lost, chance: till.chance }
  const { delivered } = await drainNow(till.local)
  return { delivered, left: (await waiting(till.local)).count, aside: (await aside(till.local)).length }
}

async function obey(told: Told): Promise<unknown> {
  if (told.do === 'open') return begin(told)
  if (told.do === 'sell') return work(told.count, told.poison)
  return deliver(told.most, told.lost)
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(await obey(JSON.parse(line) as Told))}\n`)
}
process.exit(0)
