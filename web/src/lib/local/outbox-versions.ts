/** Outbox items as older versions of the app wrote them. The body inside is never touched: the server reads all of them. */
import { writing } from './db'
import { ITEM_SCHEMA } from './outbox'
import type { Local, OutboxItem } from './types'

type Old = Record<string, unknown>

/** Each entry makes the next version out of its own: the first turns version 0 into version 1. */
const UPCASTERS: readonly ((item: Old) => Old)[] = [
  ({ made_at, ...item }) => ({
    kind: kindOf(String(item['path'])), method: 'POST', mode: 'record', tries: 0, label: '', ...item,
    madeAt: made_at, state: item['state'] === 'aside' ? 'aside' : 'waiting', schema: 1,
  }),
]

/** Read an item of any version. */
export function upcast(item: unknown): OutboxItem {
  let read = item as Old
  for (let version = Number(read['schema'] ?? 0); version < ITEM_SCHEMA; version += 1) read = UPCASTERS[version]!(read)
  return read as unknown as OutboxItem
}

/** Renew the items that an older version of the app left in the outbox; say how many. */
export async function renewItems(local: Local): Promise<number> {
  if (!(await local.db.getAll('outbox')).some(isOld)) return 0
  return writing(local, ['outbox'], async (tx) => {
    const old = (await tx.objectStore('outbox').getAll()).filter(isOld)
    for (const item of old) await tx.objectStore('outbox').put(upcast(item))
    return old.length
  })
}

function isOld(item: { schema?: number }): boolean {
  return (item.schema ?? 0) < ITEM_SCHEMA
}

function kindOf(path: string): OutboxItem['kind'] {
  if (path.endsWith('/cash-moves')) return 'cash'
  if (path.endsWith('/payments')) return 'payment'
  const kinds: [string, OutboxItem['kind']][] = [
    ['/api/sales', 'sale'], ['/api/register-sessions', 'drawer'], ['/api/customers', 'customer'], ['/api/carts', 'cart'],
  ]
  return kinds.find(([beginning]) => path.startsWith(beginning))?.[1] ?? 'return'
}
