/** An order as a message to the supplier: plain words that any phone can read. */
import type { OrderOut } from '$lib/api/generated'

/** The words around an order's lines, in the language of whoever sends it. */
export interface MessageWords {
  title: string
  /** Empty where no day is named. */
  needed: string
  place: string
  /** Where the supplier confirms it; empty where there is no link. */
  confirm: string
  quantity: (line: OrderOut['lines'][number]) => string
}

/** Write an order as a message: what is wanted, the supplier's own codes with it, where to and until when. */
export function messageOf(order: OrderOut, words: MessageWords): string {
  const lines = order.lines.map((line) => {
    const code = line.supplier_code ? ` (${line.supplier_code})` : ''
    return `${words.quantity(line)} × ${line.variant_name}${code}`
  })
  return [words.title, '', ...lines, '', words.place, words.needed, order.note, '', words.confirm].join('\n').replace(/\n{3,}/g, '\n\n').trim()
}

/** The address that opens WhatsApp with a message for a phone (`+256 772…`). */
export function whatsappLink(phone: string, text: string): string {
  return `https://wa.me/${phone.replace(/\D/g, '')}?text=${encodeURIComponent(text)}`
}
