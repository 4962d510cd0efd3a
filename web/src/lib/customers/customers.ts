/** The shop's customers: found, registered, changed, and what they bought. */
import { call } from '$lib/api/client'
import type {
  CustomerEdit, CustomerIn, CustomerListed, CustomerOut, CustomerProfile, Purchase, PurchaseSummary, SheetReport,
} from '$lib/api/generated'  // prettier-ignore
import { listed, type Listed, type Query } from '$lib/lists/listed'
import { sendSheet } from '$lib/lists/sheet'

export async function listCustomers(query: Query): Promise<Listed<CustomerListed>> {
  return listed('/api/customers', query)
}

/** One customer with visits, spending and favourites. Throws Refusal, Unreachable. */
export async function readCustomer(id: string): Promise<CustomerProfile> {
  return (await call<CustomerProfile>('GET', `/api/customers/${id}`)).data
}

/** Register somebody; a phone that is registered is refused with `CUSTOMER_EXISTS` and the customer's id. */
export async function registerCustomer(customer: CustomerIn): Promise<CustomerOut> {
  return (await call<CustomerOut>('POST', '/api/customers', { body: customer })).data
}

/** Change what is known; `version` is the one that was read, else 409. */
export async function changeCustomer(id: string, change: CustomerEdit): Promise<CustomerOut> {
  return (await call<CustomerOut>('PUT', `/api/customers/${id}`, { body: change })).data
}

/** Delete a customer who never bought; refused with `CUSTOMER_HAS_ORDERS` otherwise. */
export async function deleteCustomer(id: string): Promise<void> {
  await call('DELETE', `/api/customers/${id}`)
}

/** The sales to a customer, the newest first, with the sum of all. */
export async function purchasesOf(id: string, query: Query): Promise<Listed<Purchase> & { summary?: PurchaseSummary }> {
  return listed<Purchase>(`/api/customers/${id}/purchases`, query)
}

/** Take in a sheet of customers; with `dryRun` it is only tried. */
export async function importCustomers(file: File, dryRun: boolean): Promise<SheetReport> {
  return sendSheet('/api/customers/import', file, dryRun)
}

/** What a customer owes: open sales that have an invoice, minor units, as far as the first 200 of them tell. */
export async function owedBy(id: string): Promise<{ owedMinor: number; sales: number; overdue: number }> {
  const query = { customer_id: id, owing: true, limit: 200 }
  const { rows } = await listed<{ owed: number; payment_status: string }>('/api/sales', query)
  return {
    owedMinor: rows.reduce((sum, sale) => sum + sale.owed, 0),
    sales: rows.length,
    overdue: rows.filter((sale) => sale.payment_status === 'overdue').length,
  }
}
