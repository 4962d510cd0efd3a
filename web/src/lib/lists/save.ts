/** Hand a file to the person: saved where the browser saves things. */
import { call } from '$lib/api/client'
import { Refusal, Unreachable } from '$lib/api/errors'

const KEPT_MS = 60_000
const PATIENCE_MS = 15 * 60_000
const DOWNLOAD_MS = 180_000
const NOT_NOW = 429

/**
 * Give a list's file: a long list is only promised at first, as JSON with the address to ask again, until the server has
 * written it. Throws Refusal, Unreachable.
 */
export async function whenWritten(answer: Blob, pauseMs = 2_000): Promise<Blob> {
  const until = Date.now() + PATIENCE_MS
  let file = answer
  while (file.type.startsWith('application/json')) {
    if (Date.now() > until) throw new Unreachable()
    const { data } = JSON.parse(await file.text()) as { data: { address: string } }
    file = await fetched(data.address, pauseMs, until)
  }
  return file
}

/** Ask after a pause, again and again while the server cannot be reached or is busy. */
async function fetched(address: string, pauseMs: number, until: number): Promise<Blob> {
  for (;;) {
    await new Promise((done) => setTimeout(done, pauseMs))
    try {
      return (await call<Blob>('GET', address, { want: 'blob', timeoutMs: DOWNLOAD_MS })).data
    } catch (failure) {
      const later = failure instanceof Unreachable || (failure instanceof Refusal && failure.status === NOT_NOW)
      if (!later || Date.now() > until) throw failure
    }
  }
}

/** Save a file under a name. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS)
}

/** Show a file (a PDF) in a tab of its own; saved instead where the browser opens none. */
export function showFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file)
  const opened = open(address, '_blank', 'noopener')
  // With `noopener` a tab that opened is null too: only a thrown or blocked one on a phone needs the download.
  if (opened === null && matchMedia('(pointer: coarse)').matches) saveFile(file, name)
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS)
}
