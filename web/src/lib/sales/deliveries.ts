/** What to do about a document that the server did not take. */
import type { OutboxItem } from '$lib/local/types'

const BY_CODE: Record<string, Advice> = {
  CUSTOMER_EXISTS: 'outbox.advice.customer',
  REGISTER_NOT_USABLE: 'outbox.advice.register',
  REGISTER_CLOSED: 'outbox.advice.register',
  UNAUTHENTICATED: 'outbox.advice.register',
  FORBIDDEN: 'outbox.advice.role',
  IDEMPOTENCY_CONFLICT: 'outbox.advice.plan',
  ID_TAKEN: 'outbox.advice.plan',
}

export type Advice =
  | 'outbox.advice.again'
  | 'outbox.advice.register'
  | 'outbox.advice.customer'
  | 'outbox.advice.role'
  | 'outbox.advice.plan'

/** Name the words that say what to do. */
export function adviceFor(item: Pick<OutboxItem, 'refusal'>): Advice {
  return BY_CODE[item.refusal?.code ?? ''] ?? 'outbox.advice.again'
}
