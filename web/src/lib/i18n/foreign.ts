/** Where the words of all languages but English lie. */
import type { Words } from './types'

export const FOREIGN = import.meta.glob<{ default: Words }>(['./*/*.ts', '!./*/en.ts', '!./**/*.test.ts'])
