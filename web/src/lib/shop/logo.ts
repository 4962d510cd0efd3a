/** Choosing the shop's logo: made small here, sent, and kept on this device. */
import { call } from '$lib/api/client'
import type { LogoOut } from '$lib/api/generated'
import { noteLogo } from '$lib/local/logo'
import type { Local } from '$lib/local/types'
import { fitted, opened, pngOf, redrawn } from '$lib/pictures'

/** How long a logo's longer side is, in pixels: the first that the server takes. Few pictures need the smaller ones. */
const LONGEST_PX = [512, 384, 256]
const BYTES_MAX = 512 * 1024

/** The picture stays too heavy, however small it is made. */
export class PictureTooHeavy extends Error {
  constructor() {
    super('This picture is too heavy for a logo. Choose a simpler one.')
    this.name = 'PictureTooHeavy'
  }
}

/** Make a PNG of a picture that is small enough for a logo; one that is small already keeps its size.
 * Throws NoPicture and PictureTooHeavy. */
export async function shrunk(file: Blob): Promise<Blob> {
  const picture = await opened(file)
  for (const longest of LONGEST_PX) {
    const most = Math.min(longest, Math.max(picture.width, picture.height))
    const png = await pngOf(redrawn(picture, fitted(picture, { width: most, height: most })))
    if (png.size <= BYTES_MAX) return png
  }
  throw new PictureTooHeavy()
}

/** Give the shop this logo. Throws Refusal, Unreachable, DeviceFull. */
export async function setLogo(local: Local, picture: Blob): Promise<void> {
  const form = new FormData()
  form.append('file', picture, 'logo')
  const { data } = await call<LogoOut>('PUT', '/api/settings/logo', { form })
  await noteLogo(local, data.logo ?? null, picture)
}

/** Take the logo off the shop's papers. Throws Refusal, Unreachable. */
export async function removeLogo(local: Local): Promise<void> {
  await call<LogoOut>('DELETE', '/api/settings/logo')
  await noteLogo(local, null, null)
}
