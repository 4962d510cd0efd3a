/** What the tabs of one installation tell each other. */
export type Told =
  | { kind: 'pulled'; kinds: string[] }
  | { kind: 'outbox' }
  | { kind: 'register' }
  | { kind: 'entered' }
  | { kind: 'left'; farewell: string | null }
  | { kind: 'live'; event: string; data: string }

const NAME = 'duka'
let channel: BroadcastChannel | null = null

function open(): BroadcastChannel | null {
  if (!channel && typeof BroadcastChannel !== 'undefined') channel = new BroadcastChannel(NAME)
  return channel
}

/** Tell the other tabs. */
export function tell(told: Told): void {
  open()?.postMessage(told)
}

/** Hear the other tabs; gives what ends it. */
export function hear(listener: (told: Told) => void): () => void {
  const here = open()
  const heard = (event: MessageEvent): void => listener(event.data as Told)
  here?.addEventListener('message', heard)
  return () => here?.removeEventListener('message', heard)
}
