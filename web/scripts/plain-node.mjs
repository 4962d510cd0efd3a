/**
 * Lets plain Node run the app's own files: `node --import ./scripts/plain-node.mjs scripts/sums.ts`.
 *
 * Node strips the types by itself; what it does not know are imports without `.ts`, and those that begin with `$lib`.
 */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const LIB = new URL('../src/lib/', import.meta.url)

registerHooks({
  resolve(specifier, context, next) {
    const own = specifier.startsWith('.') || specifier.startsWith('$lib/')
    if (!own) return next(specifier, context)
    const found = new URL(specifier.replace('$lib/', LIB.href), context.parentURL)
    const source = new URL(`${found.href}.ts`)
    return next(existsSync(fileURLToPath(source)) ? source.href : found.href, context)
  },
})
