import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/infra/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    watch: false,
    testTimeout: 60_000,
    // SST's platform is installed once, from the package registry.
    hookTimeout: 300_000,
  },
})
