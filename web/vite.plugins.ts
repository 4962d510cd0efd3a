/** What the build adds so that the app starts fast on a weak network. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

import type { Plugin, Rolldown } from 'vite'

import { ALSO, type Part } from './src/lib/i18n/languages.ts'
import { ROUTES, type Route } from './src/pages/routes.ts'

type Bundle = Rolldown.OutputBundle
type Chunk = Rolldown.OutputChunk & { viteMetadata?: { importedCss: Set<string> } }

/** Where the server reads which files a page's address needs. */
const LINKS = 'links.json'
const TEXTS = /\.(html|js|css|json|webmanifest|svg|wasm|txt)$/
const BYTES_MIN = 1_000

/** Name a script in the page before everything else, so that it runs while the rest of the app is on its way. */
export function earlyScript(source: string): Plugin {
  return {
    name: 'duka-early-script',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const built = bundle && chunksOf(bundle).find((chunk) => chunk.facadeModuleId?.endsWith(source))
        const src = built ? `/${built.fileName}` : source
        return [{ tag: 'script', attrs: { type: 'module', async: true, crossorigin: true, src }, injectTo: 'head-prepend' }]
      },
    },
  }
}

/** Write down what each address needs besides the app's start. The server names it with the page, so that a browser
 * fetches it at once instead of after the start has run. */
export function namedEarly(): Plugin {
  return {
    name: 'duka-named-early',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const entry = chunksOf(bundle).find((chunk) => chunk.isEntry && chunk.name === 'index')
        if (!entry) return
        const start = new Set(filesOf(bundle, entry))
        const links = ROUTES.map((route) => {
          const english = partsOf(route).map((part) => `/src/lib/i18n/${part}/en.ts`)
          const files = [`/src/pages/${route.page}.svelte`, ...english].flatMap((source) => {
            const chunk = chunksOf(bundle).find((each) => each.moduleIds.some((id) => id.endsWith(source)))
            return chunk ? filesOf(bundle, chunk) : []
          })
          return [route.path, [...new Set(files)].filter((file) => !start.has(file)).map((file) => `/${file}`)]
        })
        this.emitFile({ type: 'asset', fileName: LINKS, source: JSON.stringify(Object.fromEntries(links)) })
      },
    },
  }
}

/** Put the compressed forms of every file beside it, for the server to send as they are. */
export function compressed(): Plugin {
  let folder = ''
  return {
    name: 'duka-compressed',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
          const path = join(folder, name)
          if (TEXTS.test(name) && statSync(path).size >= BYTES_MIN) compress(path)
        }
      },
    },
  }
}

function compress(path: string): void {
  const plain = readFileSync(path)
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: quality }))
}

function chunksOf(bundle: Bundle): Chunk[] {
  return Object.values(bundle).filter((each) => each.type === 'chunk')
}

/** A chunk with all that it imports at once, and their styles. */
function filesOf(bundle: Bundle, chunk: Chunk, seen = new Set<string>()): string[] {
  if (seen.has(chunk.fileName)) return []
  seen.add(chunk.fileName)
  const imported = chunk.imports.map((name) => bundle[name]).filter((each): each is Chunk => each?.type === 'chunk')
  return [chunk.fileName, ...(chunk.viteMetadata?.importedCss ?? []), ...imported.flatMap((each) => filesOf(bundle, each, seen))]
}

function partsOf(route: Route): Part[] {
  const folder = route.page.split('/')[0] as Part
  return [folder, ...(ALSO[folder] ?? []), ...(route.words ?? [])]
}
