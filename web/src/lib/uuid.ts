/** Make a UUIDv7 (RFC 9562): milliseconds first, so that ids sort by the time of their making. */
export function newId(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const moment = Math.max(0, Math.floor(now))
  for (let place = 0; place < 6; place += 1) bytes[place] = Math.floor(moment / 256 ** (5 - place)) % 256
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
