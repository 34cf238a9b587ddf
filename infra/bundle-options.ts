/** How a function becomes one file and what it loads later: for deployment, and for the tests that run what is deployed. */
import type { BuildOptions } from 'esbuild'

export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Modules can be shaken; what is CommonJS comes whole.
  mainFields: ['module', 'main'],
  // Of functions alone: a container has its credentials from elsewhere. Resolved from the repository's root.
  alias: {
    '@aws-sdk/credential-provider-node': '@sluice/functions/environment-credentials',
    '@smithy/core/event-streams': '@sluice/functions/no-event-streams',
  },
  legalComments: 'none',
  // Packages that are CommonJS ask for Node's own modules by `require`, which a module has not.
  banner: {
    js: "import{createRequire as sluiceRequire}from'node:module';const require=sluiceRequire(import.meta.url);",
  },
} as const satisfies BuildOptions
