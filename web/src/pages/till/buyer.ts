/** A customer of this device as a cart needs them. */
import type { CustomerRow } from '$lib/local/types'
import type { CartCustomer } from '$lib/sales/cart'

export function buyerOf(row: CustomerRow): CartCustomer {
  const { id, name, phone, tax_id: taxId, state_code: stateCode } = row
  return { id, name, phone, taxId, stateCode, creditLimitMinor: row.credit_limit_minor, owedMinor: row.owed_minor }
}
