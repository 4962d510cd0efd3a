/** Labels to print, and catalogues to begin with. */
import { call } from '$lib/api/client'
import type { LabelsIn, StartedOut, StarterOut, StarterWhole } from '$lib/api/generated'

/** The papers, with how many labels a sheet has; a roll has one. */
export const PAPERS = { a4_65: 65, a4_40: 40, a4_24: 24, '80mm': 1, '58mm': 1, '2x1in': 1 } as const
export type Paper = keyof typeof PAPERS

/** One file holds so many labels, of so many items. */
export const LABELS_MAX = 2_000
export const ITEMS_MAX = 500

const DRAW_MS = 60_000

/** Count the sheets (or labels of a roll) that so many labels take, `skip` places of the first being used already. */
export function sheetsFor(labels: number, paper: Paper, skip: number): number {
  return labels === 0 ? 0 : Math.ceil((labels + (PAPERS[paper] > 1 ? skip : 0)) / PAPERS[paper])
}

/** Have labels drawn; gives the PDF. Throws Refusal (CODE_TOO_LONG ...), Unreachable. */
export async function drawLabels(labels: LabelsIn): Promise<Blob> {
  return (await call<Blob>('POST', '/api/products/labels', { body: labels, want: 'blob', timeoutMs: DRAW_MS })).data
}

export async function listStarters(): Promise<StarterOut[]> {
  return (await call<StarterOut[]>('GET', '/api/catalogue/starters')).data
}

export async function readStarter(kind: string): Promise<StarterWhole> {
  return (await call<StarterWhole>('GET', `/api/catalogue/starters/${kind}`)).data
}

/** Put a starter catalogue's items on sale; names that are there are left alone. */
export async function addStarter(kind: string): Promise<StartedOut> {
  return (await call<StartedOut>('POST', `/api/catalogue/starters/${kind}`, { timeoutMs: DRAW_MS })).data
}
