import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

/** The server that `./dev up` runs, for working on screens with `./dev npm run dev`. */
const SERVER = process.env['DUKA_SERVER'] ?? 'http://127.0.0.1:8000'

type Module = { isEntry: boolean; importers: string[] } | null

/** Say whether the app cannot start without a module: `main.ts` imports it, or what it imports does. */
function isNeededAtStart(id: string, module: (id: string) => Module, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false
  seen.add(id)
  const found = module(id)
  return !!found && (found.isEntry || found.importers.some((importer) => isNeededAtStart(importer, module, seen)))
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
        globIgnores: ['**/zxing*', '**/escpos*', '**/chart*'],
      },
    }),
  ],
  resolve: { alias: { $lib: '/src/lib', $ui: '/src/lib/ui', $pages: '/src/pages' } },
  build: {
    outDir: '../duka/web_app',
    emptyOutDir: true,
    target: 'es2022',
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // One file, not a dozen: a browser fetches six at a time, and on a weak network each round costs half a second.
        codeSplitting: {
          groups: [
            { debugName: 'start', name: (id, context) => (isNeededAtStart(id, (each) => context.getModuleInfo(each)) ? 'start' : null) },
            { name: 'money', test: /\/lib\/money\/(amounts|bill|taxes)\.ts$/ },
          ],
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
