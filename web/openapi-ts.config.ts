import { defineConfig } from '@hey-api/openapi-ts'

/** Types only: the app's requests go through `lib/api/client.ts`, and an outbox item is a request of its own. */
export default defineConfig({
  input: '../docs/openapi.json',
  output: { path: 'src/lib/api/generated', clean: true },
  plugins: [{ name: '@hey-api/typescript', enums: false }],
})
