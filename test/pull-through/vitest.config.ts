import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/pull-through/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    watch: false,
    testTimeout: 60_000,
    // What they are run with may have to be built first.
    hookTimeout: 300_000,
  },
})
