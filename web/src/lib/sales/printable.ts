/** Papers that a till prints, shares and saves, each by the same tools. */
import type { SaleOut } from '$lib/api/generated'
import type { BranchRow } from '$lib/local/types'

import { receiptOf, type Letterhead, type Receipt, type Say } from './receipt'
import type { Mine } from './sell'

/** A paper. `copy` marks a reprint. */
export interface Printable {
  write: (copy: boolean) => Receipt
  /** The server's own PDF of it. */
  pdf: (copy: boolean) => Promise<Blob>
  /** Cash goes over the counter: the drawer opens with the first print. */
  opensDrawer: boolean
}

/** Who prints, in which language. */
export interface Printing {
  shop: Letterhead
  branch: BranchRow | null
  mine: Omit<Mine, 'sale'>
  locale: string
  say: Say
}

/** Give the receipt of a sale. */
export function saleReceipt(sale: SaleOut, { shop, branch, mine, locale, say }: Printing): Printable {
  const { cashier, registerName, customer } = mine
  return {
    write: (copy) => receiptOf({ sale, shop, branch, cashier, registerName, customer, copy, locale, say }),
    pdf: async (copy) => (await import('./papers')).receiptPdf(sale.id, 'a4', copy),
    opensDrawer: sale.payments.some((payment) => payment.method === 'cash'),
  }
}
