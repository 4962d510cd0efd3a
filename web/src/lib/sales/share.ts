/** Handing a receipt on: by the device's own sharing, else to the clipboard or as a file. */

/** Share a text. Says how it went: `shared`, `copied` to the clipboard, or `cancelled`. */
export async function shareText(text: string, title: string): Promise<'shared' | 'copied' | 'cancelled'> {
  if (!navigator.share) {
    await navigator.clipboard.writeText(text)
    return 'copied'
  }
  return shared({ text, title })
}

/** Share a file, else save it on the device. */
export async function shareFile(file: File, title: string): Promise<'shared' | 'saved' | 'cancelled'> {
  if (navigator.canShare?.({ files: [file] })) return shared({ files: [file], title })
  save(file)
  return 'saved'
}

/** Save a file on the device. */
export function save(file: File): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

async function shared(what: ShareData): Promise<'shared' | 'cancelled'> {
  try {
    await navigator.share(what)
    return 'shared'
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'AbortError') return 'cancelled'
    throw failure
  }
}
