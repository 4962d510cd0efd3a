/** Sheets that are brought in: a file, tried first and then taken in. */
import { call } from '$lib/api/client'
import type { SheetReport } from '$lib/api/generated'

/** Reading and storing thousands of rows takes its time. */
const PATIENCE_MS = 120_000

/** Have the server try a sheet (`dryRun`), or take it in. Throws Refusal, Unreachable. */
export async function sendSheet(path: string, file: File, dryRun: boolean): Promise<SheetReport> {
  const form = new FormData()
  form.set('file', file)
  form.set('dry_run', String(dryRun))
  return (await call<SheetReport>('POST', path, { form, timeoutMs: PATIENCE_MS })).data
}
