/** A receipt printer connected to this device: found once, written to without asking. Chromium only. */

export type Wire = 'usb' | 'serial' | 'bluetooth'

/** The printer does not answer. */
export class PrinterSilent extends Error {
  constructor(cause?: unknown) {
    super('The printer does not answer. Check that it is on and connected.', { cause })
    this.name = 'PrinterSilent'
  }
}

interface UsbEndpoint { direction: 'in' | 'out'; type: string; endpointNumber: number }
interface UsbDevice {
  opened: boolean
  configuration: { interfaces: { interfaceNumber: number; claimed: boolean; alternate: { interfaceClass: number; endpoints: UsbEndpoint[] } }[] } | null
  open(): Promise<void>
  selectConfiguration(which: number): Promise<void>
  claimInterface(which: number): Promise<void>
  transferOut(endpoint: number, bytes: BufferSource): Promise<{ status: string }>
}
interface SerialPort { writable: WritableStream<Uint8Array> | null; open(how: { baudRate: number }): Promise<void> }
interface Characteristic {
  properties: { write: boolean; writeWithoutResponse: boolean }
  writeValueWithResponse(bytes: BufferSource): Promise<void>
  writeValueWithoutResponse(bytes: BufferSource): Promise<void>
}
interface BluetoothDevice {
  gatt?: { connect(): Promise<{ getPrimaryServices(): Promise<{ getCharacteristics(): Promise<Characteristic[]> }[]> }> }
}
interface Ports {
  usb?: { getDevices(): Promise<UsbDevice[]>; requestDevice(what: unknown): Promise<UsbDevice> }
  serial?: { getPorts(): Promise<SerialPort[]>; requestPort(): Promise<SerialPort> }
  bluetooth?: { requestDevice(what: unknown): Promise<BluetoothDevice>; getDevices?(): Promise<BluetoothDevice[]> }
}

const KEPT_AS = 'duka.printer'
const PRINTER_CLASS = 7
const BLUETOOTH_CHUNK_BYTES = 180
/** Services under which small printers take bytes. */
const SERVICES = [
  '000018f0-0000-1000-8000-00805f9b34fb', '0000ff00-0000-1000-8000-00805f9b34fb',
  '49535343-fe7d-4ae5-8fa9-9fafd205e455', 'e7810a71-73ae-499d-8c15-faa9aef0c3f2',
]  // prettier-ignore

const ports = (): Ports => (typeof navigator === 'undefined' ? {} : (navigator as unknown as Ports))

/** The ways in which this browser can reach a printer. */
export function wires(): Wire[] {
  return (['usb', 'serial', 'bluetooth'] as const).filter((wire) => ports()[wire] !== undefined)
}

/** How this device's printer is connected; null when there is none. */
export function connected(): Wire | null {
  const kept = localStorage.getItem(KEPT_AS)
  return wires().find((wire) => wire === kept) ?? null
}

/** Let the person choose a printer; the browser keeps it. Must be called from a tap. False when nothing was chosen. */
export async function connect(wire: Wire): Promise<boolean> {
  const { usb, serial, bluetooth } = ports()
  try {
    if (wire === 'usb') await usb!.requestDevice({ filters: [{ classCode: PRINTER_CLASS }, {}] })
    else if (wire === 'serial') await serial!.requestPort()
    else await bluetooth!.requestDevice({ filters: SERVICES.map((service) => ({ services: [service] })), optionalServices: SERVICES })
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'NotFoundError') return false
    throw new PrinterSilent(failure)
  }
  localStorage.setItem(KEPT_AS, wire)
  return true
}

/** Send bytes to the connected printer. Throws PrinterSilent. */
export async function send(bytes: Uint8Array): Promise<void> {
  const wire = connected()
  try {
    if (wire === 'usb') await byUsb(bytes)
    else if (wire === 'serial') await bySerial(bytes)
    else if (wire === 'bluetooth') await byBluetooth(bytes)
    else throw new Error('no printer')
  } catch (failure) {
    throw new PrinterSilent(failure)
  }
}

async function byUsb(bytes: Uint8Array): Promise<void> {
  const [device] = (await ports().usb?.getDevices()) ?? []
  if (!device) throw new Error('gone')
  if (!device.opened) await device.open()
  if (!device.configuration) await device.selectConfiguration(1)
  const all = device.configuration?.interfaces ?? []
  const way = all.find((each) => each.alternate.interfaceClass === PRINTER_CLASS) ?? all[0]
  const out = way?.alternate.endpoints.find((end) => end.direction === 'out' && end.type === 'bulk')
  if (!way || !out) throw new Error('no way in')
  if (!way.claimed) await device.claimInterface(way.interfaceNumber)
  const { status } = await device.transferOut(out.endpointNumber, bytes as BufferSource)
  if (status !== 'ok') throw new Error(status)
}

async function bySerial(bytes: Uint8Array): Promise<void> {
  const [port] = (await ports().serial?.getPorts()) ?? []
  if (!port) throw new Error('gone')
  if (!port.writable) await port.open({ baudRate: 9600 })
  const writer = port.writable!.getWriter()
  try {
    await writer.write(bytes)
  } finally {
    writer.releaseLock()
  }
}

async function byBluetooth(bytes: Uint8Array): Promise<void> {
  const [device] = (await ports().bluetooth?.getDevices?.()) ?? []
  const server = await device?.gatt?.connect()
  const services = (await server?.getPrimaryServices()) ?? []
  const all = (await Promise.all(services.map((service) => service.getCharacteristics()))).flat()
  const way = all.find((each) => each.properties.write || each.properties.writeWithoutResponse)
  if (!way) throw new Error('no way in')
  for (let at = 0; at < bytes.length; at += BLUETOOTH_CHUNK_BYTES) {
    const piece = bytes.slice(at, at + BLUETOOTH_CHUNK_BYTES) as Uint8Array<ArrayBuffer>
    await (way.properties.write ? way.writeValueWithResponse(piece) : way.writeValueWithoutResponse(piece))
  }
}
