/** Invoices as paper and as proof: print, send, check. */
import { call } from '$lib/api/client'
import type { InvoiceWhole, VerifiedOut } from '$lib/api/generated'

export type Layout = 'a4' | '80mm' | '58mm'

export async function readInvoice(id: string): Promise<InvoiceWhole> {
  return (await call<InvoiceWhole>('GET', `/api/invoices/${id}`)).data
}

/** Have a document checked: its content, its hash, its neighbours in the series. */
export async function verifyInvoice(id: string): Promise<VerifiedOut> {
  return (await call<VerifiedOut>('GET', `/api/invoices/${id}/verify`)).data
}

/** An invoice or note as PDF. `copy` marks a reprint. */
export async function invoicePdf(id: string, layout: Layout, copy = false): Promise<Blob> {
  const query = { layout, copy: copy || undefined }
  return (await call<Blob>('GET', `/api/invoices/${id}/pdf`, { query, want: 'blob', timeoutMs: 60_000 })).data
}

/** A sale's paper as PDF: its invoice, or the confirmation of what is paid so far. */
export async function receiptPdf(saleId: string, layout: Layout | undefined, copy = false): Promise<Blob> {
  const query = { layout, copy: copy || undefined }
  return (await call<Blob>('GET', `/api/sales/receipt/${saleId}`, { query, want: 'blob', timeoutMs: 60_000 })).data
}

/** Send an invoice or note by e-mail. */
export async function sendInvoice(id: string, to: string): Promise<void> {
  await call('POST', `/api/invoices/${id}/send`, { body: { to } })
}

/** A document's number as part of a file's name: no slashes. */
export function fileName(number: string, ending: string): string {
  return `${number.replaceAll('/', '-')}.${ending}`
}
