import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'

import svelteConfig from './svelte.config.js'

export default ts.config(
  { ignores: ['node_modules', 'src/lib/api/generated'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', 400],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
    },
  },
  {
    // What is not drawing stays free of the drawing library, so that it runs and is tested without a browser.
    files: ['src/lib/**/*.ts'],
    ignores: ['src/lib/ui/**', '**/*.svelte.ts', 'src/lib/app.svelte.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['svelte', 'svelte/*', '*.svelte'] }] },
  },
  {
    // One place talks to the server.
    files: ['src/**/*.{ts,svelte}'],
    ignores: ['src/lib/api/client.ts', 'src/lib/api/live.ts', 'src/sw.ts'],
    rules: { 'no-restricted-globals': ['error', 'fetch', 'XMLHttpRequest', 'EventSource'] },
  },
)
