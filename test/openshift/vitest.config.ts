import { defineConfig } from 'vitest/config'

/** What OpenShift's documentation has its users do, with real podman and our own command line, on both engines. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
})
