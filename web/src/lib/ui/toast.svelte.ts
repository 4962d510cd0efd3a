/** Short messages at the edge of the screen: `toast(t('till.held'), { undo: resume })`. */

export type ToastKind = 'done' | 'info' | 'warning' | 'error'

export interface Toast {
  id: number
  text: string
  kind: ToastKind
  undo?: () => void
  /** The words of the undo button, where it does something else than undo. */
  action?: string
}

const SHOWN_MAX = 3
let last = 0

class Messages {
  shown = $state<Toast[]>([])
}

export const messages = new Messages()

/**
 * Show a message. `seconds` 5 unless told, 8 with a button; an error stays until it is closed.
 * `undo` only where it truly undoes; give `action` for another word on the button.
 */
export function toast(
  text: string,
  options: { kind?: ToastKind; undo?: () => void; action?: string; seconds?: number } = {},
): void {
  const { kind = 'done', undo, action, seconds = undo ? 8 : 5 } = options
  last += 1
  const id = last
  messages.shown = [...messages.shown.filter((each) => each.text !== text), { id, text, kind, undo, action }].slice(-SHOWN_MAX)
  if (kind !== 'error') setTimeout(() => dismiss(id), seconds * 1000)
}

/** Take a message away. */
export function dismiss(id: number): void {
  messages.shown = messages.shown.filter((each) => each.id !== id)
}
