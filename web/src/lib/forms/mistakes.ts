/** What the server found wrong with a form, at the field it is about. */
import { Refusal, wordsOf } from '$lib/api/errors'

/** A message for each field by its dotted path (`variants.0.price`); what no field is about is under `''`. */
export type Mistakes = Record<string, string>

/** Read a failure into mistakes. A refusal that names a `field` belongs to it; others concern the whole form. */
export function mistakesOf(failure: unknown): Mistakes {
  if (!(failure instanceof Refusal)) return { '': wordsOf(failure) }
  const listed = Object.keys(failure.fields).length ? failure.fields : messagesIn(failure)
  const entries = Object.entries(listed)
  if (failure.code === 'VALIDATION_ERROR' && entries.length) {
    return Object.fromEntries(entries.map(([field, messages]) => [field === 'body' ? '' : field, messages.join(' ')]))
  }
  const field = failure.details['field']
  return { [typeof field === 'string' ? field : '']: wordsOf(failure) }
}

function messagesIn(failure: Refusal): Record<string, string[]> {
  const isText = (each: unknown): each is string => typeof each === 'string'
  const entries = Object.entries(failure.details).filter(([, value]) => Array.isArray(value) && value.every(isText))
  return Object.fromEntries(entries) as Record<string, string[]>
}

/** Somebody changed the thing meanwhile. */
export function isStale(failure: unknown): boolean {
  return failure instanceof Refusal && failure.code === 'STALE_VERSION'
}

/** Which of the named values differ between what was read and what stands now: those another person changed. */
export function changedBetween<T extends object>(read: T, now: T, names: (keyof T & string)[]): (keyof T & string)[] {
  return names.filter((name) => JSON.stringify(read[name] ?? null) !== JSON.stringify(now[name] ?? null))
}
