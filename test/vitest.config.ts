import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/clients/**', 'test/faults/**'],
    // Real processes, as the adapters will have: their threads and their files are not shared.
    pool: 'forks',
    watch: false,
    testTimeout: 20_000,
  },
})
