/** Reads codes in pictures: by the browser itself where it can, else by zxing in WebAssembly, fetched only then. */

/** Look at a picture; null when there is no code in it. */
export type Detector = (picture: HTMLVideoElement) => Promise<string | null>

interface NativeDetector {
  detect(picture: HTMLVideoElement): Promise<{ rawValue: string }[]>
}

interface NativeMaker {
  new (options: { formats: string[] }): NativeDetector
  getSupportedFormats(): Promise<string[]>
}

const FORMATS = ['ean_13', 'ean_8', 'upc_a', 'upc_e', 'code_128', 'code_39', 'itf', 'qr_code', 'data_matrix']

/** Give the best reader this browser has. */
export async function detector(): Promise<Detector> {
  const Native = (globalThis as { BarcodeDetector?: NativeMaker }).BarcodeDetector
  const known = (await Native?.getSupportedFormats().catch(() => [])) ?? []
  const formats = FORMATS.filter((format) => known.includes(format))
  if (Native && formats.length) {
    const native = new Native({ formats })
    return async (picture) => (await native.detect(picture))[0]?.rawValue ?? null
  }
  return zxing()
}

async function zxing(): Promise<Detector> {
  const [{ prepareZXingModule, readBarcodes }, { default: address }] = await Promise.all([
    import('zxing-wasm/reader'),
    import('zxing-wasm/reader/zxing_reader.wasm?url'),
  ])
  prepareZXingModule({ overrides: { locateFile: () => address } })
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  return async (picture) => {
    if (!pen || picture.videoWidth === 0) return null
    canvas.width = picture.videoWidth
    canvas.height = picture.videoHeight
    pen.drawImage(picture, 0, 0)
    const found = await readBarcodes(pen.getImageData(0, 0, canvas.width, canvas.height), { tryHarder: false, maxNumberOfSymbols: 1 })
    return found[0]?.text ?? null
  }
}
