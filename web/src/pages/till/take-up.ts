/** Taking up an incomplete sale again: it is found on this device or at the server, and its payment is opened. */
import { wordsOf } from '$lib/api/errors'
import { app } from '$lib/app.svelte'
import { t } from '$lib/i18n'
import { showSale } from '$lib/sales/here'
import { toast } from '$ui/toast.svelte'

import { till } from './till.svelte'

/** Open the payment of a sale with money missing; says why where it cannot be taken up here. The cart in hand stays. */
export async function takeUp(saleId: string): Promise<void> {
  try {
    const { row, refusal } = await showSale(app.local, saleId)
    if (row.sale.state !== 'incomplete' || refusal) toast(t('till.not_incomplete', { number: row.number }), { kind: 'warning' })
    else if (row.sale.branch_id !== app.register?.branchId) toast(t('till.other_branch', { number: row.number }), { kind: 'warning' })
    else till.show({ kind: 'pay', standing: row })
  } catch (failure) {
    toast(wordsOf(failure), { kind: 'error' })
  }
}
