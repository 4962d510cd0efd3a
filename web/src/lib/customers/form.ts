/** A customer's form: what is typed, what is wrong with it, and what of it is sent. */
import type { CustomerEdit, CustomerIn, CustomerProfile } from '$lib/api/generated'

export interface CustomerForm {
  name: string
  phone: string
  email: string
  address: string
  type: 'retail' | 'wholesale'
  taxId: string
  stateCode: string
  idNumber: string
  bornOn: string
  gender: '' | 'female' | 'male' | 'other'
  tags: string
  notes: string
  externalRef: string
  creditLimitMinor: number | null
}

/** An empty form. */
export function blankCustomer(): CustomerForm {
  return {
    name: '', phone: '', email: '', address: '', type: 'retail', taxId: '', stateCode: '', idNumber: '', bornOn: '',
    gender: '', tags: '', notes: '', externalRef: '', creditLimitMinor: 0,
  }  // prettier-ignore
}

/** The form of a customer as they stand. An ID number that is not shown stays empty: it is only sent when typed. */
export function customerForm(customer: CustomerProfile): CustomerForm {
  return {
    name: customer.name,
    phone: customer.phone ?? '',
    email: customer.email ?? '',
    address: customer.address,
    type: customer.type,
    taxId: customer.tax_id ?? '',
    stateCode: customer.state_code ?? '',
    idNumber: isHidden(customer.id_number) ? '' : (customer.id_number ?? ''),
    bornOn: customer.born_on ?? '',
    gender: (customer.gender as CustomerForm['gender'] | null) ?? '',
    tags: customer.tags.join(', '),
    notes: customer.notes,
    externalRef: customer.external_ref ?? '',
    creditLimitMinor: customer.credit_limit,
  }
}

/** Whether an ID number is only signs that say that there is one. */
export function isHidden(idNumber: string | null): boolean {
  return idNumber !== null && !/[\p{L}\p{N}]/u.test(idNumber)
}

export type CustomerProblem = 'needed' | 'email' | 'state'

/** What is wrong with a form before it is sent, by field of the API. */
export function customerProblems(form: CustomerForm): Partial<Record<string, CustomerProblem>> {
  const problems: Partial<Record<string, CustomerProblem>> = {}
  if (!form.name.trim()) problems['name'] = 'needed'
  if (form.email.trim() && !/^\S+@\S+\.\S+$/.test(form.email.trim())) problems['email'] = 'email'
  if (form.stateCode.trim() && !/^\d{2}$/.test(form.stateCode.trim())) problems['state_code'] = 'state'
  return problems
}

/** The body that registers a customer. `id` makes repeating safe. */
export function newCustomer(form: CustomerForm, id: string): CustomerIn {
  const { credit_limit, ...told } = bodyOf(form)
  const entries = Object.entries(told).filter(([, value]) => value !== null && value !== '')
  const body = { id, ...Object.fromEntries(entries), name: form.name.trim(), type: form.type } as CustomerIn
  return credit_limit ? { ...body, credit_limit } : body
}

/** The body that changes a customer: only what differs. Empty when nothing does. */
export function customerChange(before: CustomerForm, form: CustomerForm): CustomerEdit {
  const was = bodyOf(before)
  const differs = ([name, value]: [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(was[name as keyof CustomerEdit])
  return Object.fromEntries(Object.entries(bodyOf(form)).filter(differs)) as CustomerEdit
}

function bodyOf(form: CustomerForm): CustomerEdit {
  const text = (value: string): string | null => value.trim() || null
  return {
    name: form.name.trim(),
    phone: text(form.phone),
    email: text(form.email),
    address: form.address.trim(),
    type: form.type,
    tax_id: text(form.taxId),
    state_code: text(form.stateCode),
    id_number: text(form.idNumber),
    born_on: text(form.bornOn),
    gender: form.gender || null,
    tags: form.tags.split(/[,،]/).map((tag) => tag.trim()).filter(Boolean),
    notes: form.notes.trim(),
    external_ref: text(form.externalRef),
    credit_limit: form.creditLimitMinor ?? 0,
  }
}

/** Sum purchases by month, the oldest first, months without any between them too. Credited amounts are taken off. */
export function byMonth(
  purchases: readonly { business_date: string; total: number; credited: number; state: string }[],
): { month: string; minor: number }[] {
  const sums = new Map<string, number>()
  for (const { business_date, total, credited, state } of purchases) {
    if (state !== 'completed') continue
    const month = business_date.slice(0, 7)
    sums.set(month, (sums.get(month) ?? 0) + total - credited)
  }
  const known = [...sums.keys()].sort()
  const first = known[0]
  const last = known.at(-1)
  if (!first || !last) return []
  const months: { month: string; minor: number }[] = []
  for (let month = first; month <= last; month = nextMonth(month)) months.push({ month, minor: sums.get(month) ?? 0 })
  return months
}

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`
}
