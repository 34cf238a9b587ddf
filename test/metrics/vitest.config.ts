import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/metrics/**/*.test.ts'],
    pool: 'forks',
    // Each counts what its own server does, at its own speed.
    fileParallelism: false,
    watch: false,
    testTimeout: 120_000,
    // What they are run with may have to be installed first.
    hookTimeout: 300_000,
  },
})
