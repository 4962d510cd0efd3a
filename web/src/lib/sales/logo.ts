/** The shop's logo as receipts show it: on screen, on a strip of paper, in a picture. */
import type { KeptLogo } from '$lib/local/logo'
import { readMeta } from '$lib/local/db'
import type { Local } from '$lib/local/types'
import { fitted, NoPicture, opened, redrawn, type Size } from '$lib/pictures'

/** A logo, ready to be drawn. `file` as it was sent, `url` for an `<img>`, `picture` for a canvas. */
export interface Logo extends Size {
  file: Blob
  url: string
  picture: ImageBitmap
}

/** The place for the logo by the width of the strip, in millimetres: as on the papers that the server prints. */
export const PLACE_MM = { 58: { width: 30, height: 16 }, 80: { width: 40, height: 16 } } as const
const DOTS_PER_MM = 8

let last: { hash: string; logo: Promise<Logo | null> } | null = null

/** Give this device's logo; null where the shop has none, or one that cannot be drawn: a receipt is never kept waiting. */
export async function logoHere(local: Local): Promise<Logo | null> {
  const kept = await readMeta(local, 'logo')
  if (!kept) return null
  if (last?.hash !== kept.hash) {
    void last?.logo.then((logo) => logo && URL.revokeObjectURL(logo.url))
    last = { hash: kept.hash, logo: ready(kept) }
  }
  return last.logo
}

async function ready(kept: KeptLogo): Promise<Logo | null> {
  const file = new Blob([kept.bytes], { type: kept.type })
  try {
    const picture = await opened(file)
    return { file, url: URL.createObjectURL(file), width: picture.width, height: picture.height, picture }
  } catch (failure) {
    if (failure instanceof NoPicture) return null
    throw failure
  }
}

/** Draw a logo in the dots of a receipt printer, on white. */
export function dotsOf(logo: Logo, widthMm: 58 | 80): ImageData {
  const place = PLACE_MM[widthMm]
  const size = fitted(logo, { width: place.width * DOTS_PER_MM, height: place.height * DOTS_PER_MM })
  const canvas = redrawn(logo.picture, size, '#fff')
  return canvas.getContext('2d')!.getImageData(0, 0, size.width, size.height)
}
