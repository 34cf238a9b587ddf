import { defineConfig } from 'vitest/config'

/** Real clients against real servers: minutes, root and many tools, so apart from `npm test`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['share-engines.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Engines and gigabyte layers: two files at once would measure each other's disk, not the registry.
    fileParallelism: false,
    reporters: ['verbose'],
  },
})
