/** Ask before something that is hard to take back: `if (await confirm('Void this sale?', { danger: true })) ...` */
import { mount, unmount } from 'svelte'

export interface Question {
  title?: string
  /** The words on the button that does it; "Yes" unless told. */
  yes?: string
  no?: string
  /** What it does cannot be undone: the button warns. */
  danger?: boolean
}

/** Ask, and give true only for a clear yes. */
export async function confirm(text: string, question: Question = {}): Promise<boolean> {
  return (await put(text, question, null)) !== null
}

/** Ask for a reason in words; null when the person goes back. An empty reason is not taken. */
export async function askReason(text: string, question: Question & { label?: string } = {}): Promise<string | null> {
  return put(text, question, question.label ?? '')
}

async function put(text: string, question: Question, label: string | null): Promise<string | null> {
  const { default: ConfirmDialog } = await import('./ConfirmDialog.svelte')
  return new Promise((resolve) => {
    const shown = mount(ConfirmDialog, {
      target: document.body,
      props: {
        text, label, ...question,
        answer: (given: string | null) => {
          resolve(given)
          void unmount(shown)
        },
      },
    })  // prettier-ignore
  })
}
