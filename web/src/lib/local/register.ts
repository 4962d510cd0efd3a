/** This device's own register: its codes, its credential, and the numbers and chains of its documents. */
import { call } from '$lib/api/client'
import { Refusal } from '$lib/api/errors'
import type { RegisterWithCredential } from '$lib/api/generated'
import { financialYear, GENESIS as FIRST_HASH } from '$lib/money/series'
import { newId } from '$lib/uuid'

import { readMeta, writeMeta, writing } from './db'
import { installationId, seal, unseal } from './device'
import { alone } from './locks'
import type { Read, Write } from './schema'
import { forgetLoss, markRegister } from './storage'
import type { Local, MyRegister, NextNumber, StoredRegister } from './types'
import { without } from './without'


/** The device has no register in this shop yet, so it cannot give numbers. */
export class NoRegister extends Error {
  constructor() {
    super('This device is no till yet. Set it up as a till first.')
    this.name = 'NoRegister'
  }
}

/** Another tab has taken this number meanwhile. Take the next one, under the register's lock. */
export class NumberTaken extends Error {
  constructor(readonly series: string, readonly counter: number) {
    super(`Number ${series}/${counter} is taken already.`)
    this.name = 'NumberTaken'
  }
}

/** Give this device's register; null when it has none, or when its credential cannot be read any more. */
export async function myRegister(local: Local): Promise<MyRegister | null> {
  const stored = await ownRegister(local)
  if (!stored) return null
  const credential = await unseal(stored.credential)
  if (credential === null) return null
  const branch = await local.db.get('branches', stored.branchId)
  return { ...without(stored, 'own'), credential, locationId: branch?.showroom_location_id || stored.locationId }
}

async function ownRegister(local: Local): Promise<StoredRegister | undefined> {
  return (await local.db.getAll('credentials')).find((each) => each.own)
}

/** Give the credential of a register: this device's own, or one that came in a file with its documents. */
export async function credentialOf(local: Local, registerId: string | undefined): Promise<string | null> {
  const stored = registerId ? await local.db.get('credentials', registerId) : await ownRegister(local)
  return stored ? unseal(stored.credential) : null
}

/**
 * Register this device as a till of a branch. It needs the network and `registers:create`. Repeating it after a lost
 * answer goes on with the register that was made. Throws Refusal and Unreachable.
 */
export async function setUpRegister(local: Local, branchId: string, name: string): Promise<MyRegister> {
  return alone(lockOf(local), async () => {
    const known = await myRegister(local)
    if (known) return known
    const id = (await readMeta(local, 'register_asked')) ?? newId()
    await writeMeta(local, 'register_asked', id)
    const made = await askForRegister(id, branchId, name)
    return keepRegister(local, made)
  })
}

async function askForRegister(id: string, branchId: string, name: string): Promise<RegisterWithCredential> {
  const body = { id, branch_id: branchId, name, kind: 'installation', installation_id: await installationId() }
  try {
    return (await call<RegisterWithCredential>('POST', '/api/registers', { body })).data
  } catch (failure) {
    // It was made the first time; its credential is shown once only, so it gets another.
    if (!(failure instanceof Refusal) || failure.code !== 'IDEMPOTENCY_CONFLICT') throw failure
    return renewed(id)
  }
}

async function renewed(id: string): Promise<RegisterWithCredential> {
  return (await call<RegisterWithCredential>('POST', `/api/registers/${id}/credential`)).data
}

async function keepRegister(local: Local, made: RegisterWithCredential): Promise<MyRegister> {
  const whole = made.credential ? made : await renewed(made.id)
  const branch = await local.db.get('branches', whole.branch_id)
  const register: MyRegister = {
    id: whole.id, branchId: whole.branch_id, locationId: branch?.showroom_location_id ?? '', code: whole.code,
    name: whole.name,
    codes: {
      invoice: whole.codes['invoice'] ?? whole.code,
      credit_note: whole.codes['credit_note'] ?? '',
      debit_note: whole.codes['debit_note'] ?? '',
    },
    credential: whole.credential ?? '', installationId: whole.installation_id ?? (await installationId()),
  }
  const credential = await seal(register.credential)
  await writing(local, ['credentials', 'meta'], async (tx) => {
    await tx.objectStore('credentials').put({ ...register, credential, own: true })
    await tx.objectStore('meta').delete('register_asked')
    await tx.objectStore('meta').delete('credential_refused')
    // A till sees other rows than a mere person: what is on the device is loaded anew.
    await tx.objectStore('meta').delete('cursor')
  })
  markRegister(local.shopId, register.code)
  return register
}

/** Where this device sells from: its till's location, else that of the person's branch, else of the only branch; null
 * when that is not clear. */
export async function placeOfSale(
  local: Local, register: MyRegister | null, branchId: string | null,
): Promise<string | null> {
  if (register?.locationId) return register.locationId
  const branches = await local.db.getAll('branches')
  const mine = branches.find((branch) => branch.id === branchId) ?? (branches.length === 1 ? branches[0] : undefined)
  return mine?.showroom_location_id ?? null
}

/** Get a new credential for this device's register, after the old one was refused. It needs `registers:update`. */
export async function renewCredential(local: Local): Promise<MyRegister> {
  const stored = await ownRegister(local)
  if (!stored) throw new NoRegister()
  return alone(lockOf(local), async () => keepRegister(local, await renewed(stored.id)))
}

/** Forget this device's register after it was closed, so that a new one can be set up. What it still has to deliver
 * keeps its credential. */
export async function leaveRegister(local: Local): Promise<void> {
  await writing(local, ['credentials'], async (tx) => {
    const stored = (await tx.objectStore('credentials').getAll()).find((each) => each.own)
    if (stored) await tx.objectStore('credentials').put({ ...stored, own: false })
  })
  forgetLoss(local.shopId)
}

/** Do a work while no other tab gives numbers: from reading the next number to keeping or giving it back. */
export async function withRegister<T>(local: Local, work: () => Promise<T>): Promise<T> {
  return alone(lockOf(local), work)
}

function lockOf(local: Local): string {
  return `duka-register-${local.shopId}`
}

/**
 * Say which number a document gets next. It is free until `takeNumber`. The transaction covers `heads`, `credentials`
 * and `settings`. `businessDate` decides the financial year. Throws NoRegister.
 */
export async function nextNumber(
  tx: Read | Write, kind: NextNumber['kind'], businessDate: string,
): Promise<NextNumber> {
  const register = await registerIn(tx)
  const settings = await (tx as Read).objectStore('settings').get('shop')
  const code = register.codes[kind]
  const year = financialYear(businessDate, settings?.financial_year_month ?? 1)
  const series = `${code}/${year}`
  const head = await (tx as Read).objectStore('heads').get(series)
  const counter = (head?.counter ?? 0) + 1
  return { kind, series, code, financialYear: year, counter, previousHash: head?.hash ?? FIRST_HASH }
}

/** Keep a number as given, with its document's hash, in the transaction (over `heads`) that writes the document.
 * NumberTaken ends the transaction when somebody else was quicker. */
export async function takeNumber(tx: Write, next: NextNumber, hash: string): Promise<void> {
  const head = await tx.objectStore('heads').get(next.series)
  if ((head?.counter ?? 0) + 1 !== next.counter || (head?.hash ?? FIRST_HASH) !== next.previousHash) {
    throw new NumberTaken(next.series, next.counter)
  }
  await tx.objectStore('heads').put({ series: next.series, counter: next.counter, hash })
}

/** Free a number whose document was refused before it was printed. NumberTaken when a later one was given. */
export async function giveBackNumber(tx: Write, next: NextNumber): Promise<void> {
  const head = await tx.objectStore('heads').get(next.series)
  if (head?.counter !== next.counter) throw new NumberTaken(next.series, next.counter)
  await tx.objectStore('heads').put({ series: next.series, counter: next.counter - 1, hash: next.previousHash })
}

/** Take the next number of an incomplete sale (`T2-17`), in a transaction over `heads` and `credentials`. A number
 * that is not used leaves no gap that matters. Throws NoRegister. */
export async function takeSaleNumber(tx: Write): Promise<string> {
  const { code } = await registerIn(tx)
  const head = await tx.objectStore('heads').get(code)
  const counter = (head?.counter ?? 0) + 1
  await tx.objectStore('heads').put({ series: code, counter, hash: FIRST_HASH })
  return `${code}-${counter}`
}

async function registerIn(tx: Read | Write): Promise<StoredRegister> {
  const stored = await (tx as Read).objectStore('credentials').getAll()
  const own = stored.find((each) => each.own)
  if (!own) throw new NoRegister()
  return own
}
