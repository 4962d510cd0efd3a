/** What a person is told. */
import { call } from '$lib/api/client'
import type {
  AdjustmentFacts, ExceptionFacts, ExpiringFacts, LowStockFacts, MarkedOut, NotificationOut, OrderFacts,
  ReviewFacts,
} from '$lib/api/generated'  // prettier-ignore

export type { NotificationOut }

export const NOTIFICATIONS = '/api/notifications'
export const KINDS = [
  'low_stock', 'exception', 'document_set_aside', 'review_waiting', 'adjustment_waiting', 'expiring', 'new_device',
  'login_copied', 'order_made', 'order_confirmed',
] as const  // prettier-ignore

/** Mark one as read, for me only. Throws Refusal, Unreachable. */
export async function markRead(id: string): Promise<void> {
  await call('POST', `${NOTIFICATIONS}/${id}/read`)
}

/** Mark everything as read; gives how many there were. */
export async function markAllRead(): Promise<number> {
  return (await call<MarkedOut>('POST', `${NOTIFICATIONS}/read-all`)).data.marked
}

/** What is filled into a notification's text `note.<kind>`. */
export interface Said {
  /** The variant it names, whose name the device knows. */
  variantId?: string
  locationId?: string
  values: Record<string, string | number>
  /** Minor units, written as money by the page. */
  totalMinor?: number
  /** Whose text it has, where that is not its kind's: `note.<text>_text`. */
  text?: 'order_differs'
  /** A code of the server, put into words by the page. */
  code?: string
}

/** Take a notification's facts apart by its kind. */
export function saidBy(notification: NotificationOut): Said {
  const { kind, facts } = notification
  if (kind === 'low_stock') {
    const low = facts as LowStockFacts
    return { variantId: low.variant_id, locationId: low.location_id, values: { left: low.quantity, min: low.min_stock } }
  }
  if (kind === 'adjustment_waiting') {
    const asked = facts as AdjustmentFacts
    const values = { quantity: asked.quantity, reason: asked.reason }
    return { variantId: asked.variant_id, locationId: asked.location_id, values }
  }
  if (kind === 'expiring') {
    const batch = facts as ExpiringFacts
    return { variantId: batch.variant_id, values: { left: batch.quantity, number: batch.number, day: batch.expires_on } }
  }
  if (kind === 'order_made' || kind === 'order_confirmed') {
    const { number, supplier, short, late } = facts as OrderFacts
    return { values: { number, supplier, short, late }, text: short + late > 0 ? 'order_differs' : undefined }
  }
  if (kind === 'review_waiting') {
    const review = facts as ReviewFacts
    return { values: { number: review.number }, totalMinor: review.total }
  }
  if (kind === 'exception' || kind === 'document_set_aside') return { values: {}, code: (facts as ExceptionFacts).code }
  return { values: {} }
}

/** Where one goes to see the thing. `productOf` gives the product a variant belongs to, where the device knows it. */
export function placeOf(notification: NotificationOut, productOf: (variantId: string) => string | undefined): string {
  const { kind, entity_id, facts } = notification
  switch (kind) {
    case 'low_stock': {
      const product = productOf((facts as LowStockFacts).variant_id)
      return product ? `/products/${product}` : '/products/low-stock'
    }
    case 'expiring': {
      const product = productOf((facts as ExpiringFacts).variant_id)
      return product ? `/products/${product}` : '/stock'
    }
    case 'exception': {
      const document = (facts as ExceptionFacts).document_id
      return document ? `/exceptions?document=${document}` : '/exceptions'
    }
    case 'document_set_aside':
      return '/exceptions?tab=aside'
    case 'review_waiting':
      return `/sales/${entity_id}`
    case 'order_made':
    case 'order_confirmed':
      return `/purchasing/${entity_id}`
    case 'adjustment_waiting':
      return '/stock?tab=asked'
    default:
      return '/profile#devices'
  }
}
