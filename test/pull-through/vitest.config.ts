import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/pull-through/**/*.test.ts'],
    pool: 'forks',
    // Engines and large layers: two files at once would measure each other.
    fileParallelism: false,
    watch: false,
    testTimeout: 60_000,
    // What they are run with may have to be built first.
    hookTimeout: 300_000,
  },
})
