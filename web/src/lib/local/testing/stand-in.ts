/** For tests: a real server on this machine that answers in the API's envelope, and a device that asks it. */
import 'fake-indexeddb/auto'

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'

import { newId } from '$lib/uuid'

import { openLocal, writing } from '../db'
import { seal } from '../device'
import type { Local, MyRegister, SettingsRow } from '../types'

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}

/** What the stand-in answers: `data` or `error`, or nothing at all (`cut`: the connection breaks). */
export interface Reply {
  status?: number
  headers?: Record<string, string>
  data?: unknown
  error?: { code: string; message?: string; details?: Record<string, unknown> }
  cut?: boolean
}

export interface StandIn {
  asked: Asked[]
  /** Answers from now on. */
  answer: (how: (asked: Asked) => Reply | Promise<Reply>) => void
  stop: () => Promise<void>
}

/** Start the stand-in; the app's requests go to it. */
export async function standIn(): Promise<StandIn> {
  let how: (asked: Asked) => Reply | Promise<Reply> = () => ({ status: 404, error: { code: 'NOT_FOUND' } })
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://here')
      const body = Buffer.concat(parts).toString()
      const one = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, body }
      asked.push(one)
      void Promise.resolve(how(one)).then((reply) => {
        if (reply.cut) return request.socket.destroy()
        response.writeHead(reply.status ?? 200, { 'Content-Type': 'application/json', ...reply.headers })
        const failed = reply.error && { message: reply.error.code, details: {}, ...reply.error }
        return response.end(JSON.stringify(failed ? { success: false, error: failed } : { success: true, data: reply.data, message: '' }))
      })
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  vi.stubGlobal('location', { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  return { asked, answer: (next) => (how = next), stop: () => stopped(server) }
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
}

/** A device with an empty database of a shop of its own. */
export async function freshShop(): Promise<Local> {
  return openLocal(newId())
}

export const REGISTER: MyRegister = {
  id: '01900000-0000-7000-8000-00000000000a', branchId: 'b1', locationId: 'l1', code: 'T1', name: 'Counter',
  codes: { invoice: 'T1', credit_note: 'T1C', debit_note: 'T1D' }, credential: 'duka_reg_test', installationId: 'i1',
}

export const SETTINGS = {
  id: 'shop', financial_year_month: 4, time_zone: 'Asia/Kolkata', day_start_minutes: 0, currency: 'INR',
} as SettingsRow

/** Make the device a till, as a registration that was answered would. */
export async function asTill(local: Local, register = REGISTER): Promise<void> {
  const credential = await seal(register.credential)
  await writing(local, ['credentials', 'settings'], async (tx) => {
    await tx.objectStore('credentials').put({ ...register, credential, own: true })
    await tx.objectStore('settings').put(SETTINGS)
  })
}
