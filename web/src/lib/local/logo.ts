/** The shop's logo on this device, so that receipts carry it without a network. */
import { call } from '$lib/api/client'

import { keeping, readMeta, writeMeta } from './db'
import type { Local } from './types'

/** A logo's file, and the name that the settings have for it. */
export interface KeptLogo {
  hash: string
  type: string
  bytes: ArrayBuffer
}

/** Bring this device's logo to what its settings say: fetched where it is another one, dropped where there is none.
 * Throws Unreachable, Refusal and DeviceFull; the old one stays then. */
export async function keepLogo(local: Local, signal?: AbortSignal): Promise<void> {
  const [settings, kept] = await Promise.all([local.db.get('settings', 'shop'), readMeta(local, 'logo')])
  if (!settings || (settings.logo ?? null) === (kept?.hash ?? null)) return
  if (!settings.logo) return writeMeta(local, 'logo', undefined)
  const { data } = await call<Blob>('GET', '/api/settings/logo', { want: 'blob', signal })
  await writeMeta(local, 'logo', await keptAs(settings.logo, data))
}

/** Note on this device a logo that was just set from it, or that there is none now. Throws DeviceFull. */
export async function noteLogo(local: Local, hash: string | null, file: Blob | null): Promise<void> {
  const logo = hash && file ? await keptAs(hash, file) : undefined
  await keeping(local, ['settings', 'meta'], async (tx) => {
    const settings = await tx.objectStore('settings').get('shop')
    if (settings) await tx.objectStore('settings').put({ ...settings, logo: hash })
    if (logo) await tx.objectStore('meta').put(logo, 'logo')
    else await tx.objectStore('meta').delete('logo')
  })
}

async function keptAs(hash: string, file: Blob): Promise<KeptLogo> {
  return { hash, type: file.type, bytes: await file.arrayBuffer() }
}
