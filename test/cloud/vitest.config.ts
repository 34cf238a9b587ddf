import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/cloud/**/*.test.ts'],
    globalSetup: ['test/cloud/engines/global-setup.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    watch: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
