/** API keys: how other programs work with the shop. */
import { call } from '$lib/api/client'
import type { ApiKeyIn, ApiKeyMade, ApiKeyOut } from '$lib/api/generated'
import { wholeList } from '$lib/lists/whole'

export type { ApiKeyMade, ApiKeyOut }

/** All keys, revoked ones too. Throws Refusal, Unreachable, as everything here. */
export async function allKeys(): Promise<ApiKeyOut[]> {
  return wholeList('/api/api-keys')
}

/** Make a key. Its text is in this answer and never again. */
export async function makeKey(key: ApiKeyIn): Promise<ApiKeyMade> {
  return (await call<ApiKeyMade>('POST', '/api/api-keys', { body: key })).data
}

export async function revokeKey(id: string): Promise<ApiKeyOut> {
  return (await call<ApiKeyOut>('DELETE', `/api/api-keys/${id}`)).data
}

/** How a key stands at a moment in milliseconds. */
export function keyStanding(key: ApiKeyOut, nowMs: number): 'revoked' | 'expired' | 'good' {
  if (key.revoked_at) return 'revoked'
  return key.expires_at && Date.parse(key.expires_at) <= nowMs ? 'expired' : 'good'
}

/** Read addresses that were typed one to a line or with commas between. */
export function addressesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}
