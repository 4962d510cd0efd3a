/** A supplier's form: what is typed, what is wrong with it, and what of it is sent. */
import type { SupplierEdit, SupplierIn, SupplierOut } from '$lib/api/generated'

export interface SupplierForm {
  name: string
  contact: string
  phone: string
  email: string
  address: string
  taxId: string
  creditDays: string
  leadTimeDays: string
  stars: string
  notes: string
  externalRef: string
}

export const DAYS_MAX = 365

/** An empty form: paid at once, delivered the same day, until something else is agreed. */
export function blankSupplier(): SupplierForm {
  return {
    name: '', contact: '', phone: '', email: '', address: '', taxId: '', creditDays: '0', leadTimeDays: '0', stars: '',
    notes: '', externalRef: '',
  }  // prettier-ignore
}

/** The form of a supplier as it stands. */
export function supplierForm(supplier: SupplierOut): SupplierForm {
  return {
    name: supplier.name,
    contact: supplier.contact,
    phone: supplier.phone ?? '',
    email: supplier.email ?? '',
    address: supplier.address,
    taxId: supplier.tax_id ?? '',
    creditDays: String(supplier.credit_days),
    leadTimeDays: String(supplier.lead_time_days),
    stars: supplier.stars ? String(supplier.stars) : '',
    notes: supplier.notes,
    externalRef: supplier.external_ref ?? '',
  }
}

export type SupplierProblem = 'needed' | 'email' | 'days'

/** What is wrong with a form before it is sent, by field of the API. */
export function supplierProblems(form: SupplierForm): Partial<Record<string, SupplierProblem>> {
  const problems: Partial<Record<string, SupplierProblem>> = {}
  if (!form.name.trim()) problems['name'] = 'needed'
  if (form.email.trim() && !/^\S+@\S+\.\S+$/.test(form.email.trim())) problems['email'] = 'email'
  if (daysIn(form.creditDays) === null) problems['credit_days'] = 'days'
  if (daysIn(form.leadTimeDays) === null) problems['lead_time_days'] = 'days'
  return problems
}

/** The body that adds a supplier. `id` makes repeating safe. */
export function newSupplier(form: SupplierForm, id: string): SupplierIn {
  const entries = Object.entries(bodyOf(form)).filter(([, value]) => value !== null && value !== '')
  return { id, ...Object.fromEntries(entries), name: form.name.trim() }
}

/** The body that changes a supplier: only what differs. Empty when nothing does. */
export function supplierChange(before: SupplierForm, form: SupplierForm): Omit<SupplierEdit, 'version'> {
  const was = bodyOf(before) as Record<string, unknown>
  return Object.fromEntries(Object.entries(bodyOf(form)).filter(([name, value]) => value !== was[name]))
}

/** Read a number of days from 0 to 365; nothing typed means 0, null what is none. */
function daysIn(text: string): number | null {
  const typed = text.trim()
  if (typed === '') return 0
  return /^\d{1,3}$/.test(typed) && Number(typed) <= DAYS_MAX ? Number(typed) : null
}

function bodyOf(form: SupplierForm): Omit<SupplierIn, 'id'> {
  const text = (value: string): string | null => value.trim() || null
  return {
    name: form.name.trim(),
    contact: form.contact.trim(),
    phone: text(form.phone),
    email: text(form.email),
    address: form.address.trim(),
    tax_id: text(form.taxId),
    credit_days: daysIn(form.creditDays) ?? 0,
    lead_time_days: daysIn(form.leadTimeDays) ?? 0,
    stars: form.stars ? Number(form.stars) : null,
    notes: form.notes.trim(),
    external_ref: text(form.externalRef),
  }
}
