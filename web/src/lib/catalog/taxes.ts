/** Tax classes and their dated rates. */
import { call } from '$lib/api/client'
import type { TaxClassEdit, TaxClassIn, TaxClassOut, TaxRateIn, TaxRateOut } from '$lib/api/generated'
import { listed } from '$lib/lists/listed'

export const TREATMENTS = ['taxed', 'zero', 'exempt', 'nil'] as const
export const RATE_KINDS = ['vat', 'gst', 'cess'] as const

/** All tax classes with all their rates. */
export async function allTaxClasses(): Promise<TaxClassOut[]> {
  return (await listed<TaxClassOut>('/api/tax-classes', { limit: 200, sort: 'name' })).rows
}

export async function addTaxClass(taxClass: TaxClassIn): Promise<TaxClassOut> {
  return (await call<TaxClassOut>('POST', '/api/tax-classes', { body: taxClass })).data
}

export async function changeTaxClass(id: string, change: TaxClassEdit): Promise<TaxClassOut> {
  return (await call<TaxClassOut>('PUT', `/api/tax-classes/${id}`, { body: change })).data
}

/** Let a rate begin on a day; it holds until a newer one of the same code. */
export async function addRate(id: string, rate: TaxRateIn): Promise<TaxClassOut> {
  return (await call<TaxClassOut>('POST', `/api/tax-classes/${id}/rates`, { body: rate })).data
}

export interface RateTold extends TaxRateOut {
  when: 'past' | 'now' | 'later'
}

/** Say of each rate whether it holds on `day` (`2026-11-21`), has ended or is to come; the newest first in each code. */
export function ratesOn(rates: readonly TaxRateOut[], day: string): RateTold[] {
  const sorted = rates.toSorted((one, other) => other.valid_from.localeCompare(one.valid_from))
  const inForce = new Set<string>()
  return sorted
    .map((rate): RateTold => {
      if (rate.valid_from > day) return { ...rate, when: 'later' }
      const name = `${rate.kind}:${rate.code}`
      if (inForce.has(name)) return { ...rate, when: 'past' }
      inForce.add(name)
      return { ...rate, when: 'now' }
    })
    .sort((one, other) => one.code.localeCompare(other.code))
}

/** The sum of the rates in force on a day, basis points. */
export function rateInForceBp(rates: readonly TaxRateOut[], day: string): number {
  return ratesOn(rates, day).reduce((sum, rate) => (rate.when === 'now' ? sum + rate.rate_bp : sum), 0)
}

/** Read a percentage as typed (`18`, `18.5`, `18 %`) into basis points; null when it is none. */
export function parsePercent(text: string): number | null {
  const found = /^(\d{1,3})(?:[.,](\d{1,2}))?\s*%?$/.exec(text.trim())
  if (!found) return null
  const bp = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'))
  return bp <= 100_000 ? bp : null
}

/** The class that a new product has unless said otherwise: the shop's first that bears a tax, else its first. */
export function firstClass(classes: readonly Pick<TaxClassOut, 'id' | 'active' | 'treatment' | 'created_at'>[]): string {
  const usable = classes.filter((each) => each.active).toSorted((one, other) => one.created_at.localeCompare(other.created_at))
  return (usable.find((each) => each.treatment === 'taxed') ?? usable[0])?.id ?? ''
}
