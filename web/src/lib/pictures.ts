/** Pictures: opened from a file, fitted into a place, drawn anew. */

/** Width and height, in pixels, dots or whatever the place counts in. */
export interface Size {
  width: number
  height: number
}

/** The file is no picture that this browser can open. */
export class NoPicture extends Error {
  constructor(cause?: unknown) {
    super('This file is no picture that can be opened here. Choose a PNG, JPEG or WebP.', { cause })
    this.name = 'NoPicture'
  }
}

/** Give the size at which something fills a box without losing its proportions: whole numbers, each at least 1. */
export function fitted(own: Size, box: Size): Size {
  const scale = Math.min(box.width / own.width, box.height / own.height)
  const whole = (length: number): number => Math.max(1, Math.round(length * scale))
  return { width: whole(own.width), height: whole(own.height) }
}

/** Open a picture. Throws NoPicture. */
export async function opened(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file)
  } catch (failure) {
    throw new NoPicture(failure)
  }
}

/** Draw a picture anew in another size; `ground` is the colour that shows through it, none unless told. */
export function redrawn(picture: CanvasImageSource, { width, height }: Size, ground?: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  if (ground) {
    pen.fillStyle = ground
    pen.fillRect(0, 0, width, height)
  }
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(picture, 0, 0, width, height)
  return canvas
}

/** Give what stands on a canvas as a PNG file. */
export async function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('The picture could not be drawn.')
  return blob
}
