import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/faults/**/*.test.ts'],
    pool: 'forks',
    // Kill moments and a machine's speed belong together: one test at a time has the machine.
    fileParallelism: false,
    watch: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
