import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

import { compressed, earlyScript, namedEarly } from './vite.plugins.ts'

/** The server that `./dev up` runs, for working on screens with `./dev npm run dev`. */
const SERVER = process.env['DUKA_SERVER'] ?? 'http://127.0.0.1:8000'

type Modules = (id: string) => { isEntry: boolean; importers: string[] } | null

/** What runs first, by itself. */
const FIRST = '/src/first.ts'
/** Pages that people open the app with: what they import is named beside them, so that it is fetched with them. */
const OPENED_FIRST = /\/(till|home|login)-/

const FILES = ['first', 'start', 'engine', 'till', 'office', 'home', 'fields', 'login'] as const

/** Say whether a file imports a module, or what it imports does. */
function isNeededBy(begins: (id: string) => boolean, id: string, modules: Modules, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false
  seen.add(id)
  return begins(id) || !!modules(id)?.importers.some((importer) => isNeededBy(begins, importer, modules, seen))
}

/**
 * Say in which file a module is put; null leaves it to the bundler. A browser fetches six files at a time, and on a weak
 * network each round costs half a second: so what the app starts with, and each page that people open it with, come in
 * few files.
 */
function fileOf(id: string, modules: Modules): (typeof FILES)[number] | null {
  const isFor = (page: string): boolean => isNeededBy((each) => each.endsWith(`/src/pages/${page}.svelte`), id, modules)
  if (id.includes('rolldown/runtime') || id.includes('vite/preload-helper') || isNeededBy((each) => each.endsWith(FIRST), id, modules)) return 'first'
  // All parts of Svelte hang together; these are not used before the first page.
  if (/\/(bindings\/size|blocks\/svelte-element)\.js$/.test(id)) return 'office'
  // The bill is worked out by the till and by most pages of sales.
  if (isNeededBy((each) => !!modules(each)?.isEntry, id, modules) || /\/lib\/money\/(amounts|bill|taxes)\.ts$/.test(id)) return 'start'
  if (isNeededBy((each) => each.endsWith('/lib/engine.ts'), id, modules)) return 'engine'
  if (isFor('till/Till') || id.endsWith('/i18n/till/en.ts')) return 'till'
  if (/\/home\/en\.ts$/.test(id) || (/\/pages\/home\//.test(id) && isFor('home/Dashboard'))) return 'home'
  if (isFor('home/Dashboard') || id.endsWith('/i18n/lists/en.ts')) return 'office'
  if (/\/auth\/en\.ts$/.test(id) || (/\/(pages|lib)\/auth\//.test(id) && isFor('auth/Login'))) return 'login'
  return isFor('auth/Login') ? 'fields' : null
}

export default defineConfig({
  plugins: [
    tailwindcss(),
    svelte(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        // The shell, the till and every page; what is large and rarely needed is fetched when it is.
        globPatterns: ['index.html', 'assets/*.{js,css}', 'icons/*', 'manifest.webmanifest'],
        globIgnores: ['**/zxing*', '**/escpos*'],
      },
    }),
    earlyScript(FIRST),
    namedEarly(),
    compressed(),
  ],
  resolve: { alias: { $lib: '/src/lib', $ui: '/src/lib/ui', $pages: '/src/pages' } },
  build: {
    outDir: '../duka/web_app',
    emptyOutDir: true,
    target: 'es2022',
    cssCodeSplit: true,
    modulePreload: {
      polyfill: false,
      // All other pages are fetched for later by the service worker: naming what each imports would only make the start larger.
      resolveDependencies: (file, needed, { hostType }) =>
        needed.filter((each) => hostType === 'html' || OPENED_FIRST.test(file) || each.endsWith('.css')),
    },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    rolldownOptions: {
      input: { index: 'index.html', first: `.${FIRST}` },
      output: {
        codeSplitting: {
          groups: FILES.map((file, turn) => ({
            debugName: file,
            name: (id, context) => (fileOf(id, (each) => context.getModuleInfo(each)) === file ? file : null),
            // Each takes along what its modules import, unless an earlier one has it.
            priority: FILES.length - turn,
          })),
        },
      },
    },
  },
  server: { proxy: { '^/api/': SERVER } },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    alias: { $lib: new URL('./src/lib', import.meta.url).pathname },
  },
})
