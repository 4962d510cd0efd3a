/** Hand a file to the person: saved where the browser saves things. */
const KEPT_MS = 60_000

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
