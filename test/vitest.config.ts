import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'test/clients/**',
      'test/cloud/**',
      'test/faults/**',
      'test/infra/**',
      'test/metrics/**',
      'test/openshift/**',
      'test/pull-through/**',
    ],
    // Real processes, as the adapters will have: their threads and their files are not shared.
    pool: 'forks',
    // Most of them wait for a disk or a process: a core left free would only idle.
    maxWorkers: '100%',
    watch: false,
    // To end what hangs; how fast anything is, no test says.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
