// oxlint-disable-next-line typescript/triple-slash-reference -- SST writes this line, and its types are found by it
/// <reference path="./.sst/platform/config.d.ts" />

/** The cloud: what is deployed stands in `infra/`, what the owner decides in `infra/settings.ts`. */
export default $config({
  async app(input) {
    const { outlineOf } = await import('./infra/deployment.ts')
    const { production, region } = outlineOf(input.stage)
    return {
      name: 'sluice',
      home: 'aws',
      // Keeps the bucket and the table, and refuses `sst remove`.
      removal: production ? 'retain' : 'remove',
      protect: production,
      providers: { aws: { region }, random: '4.16.6' },
    }
  },
  async run() {
    const { deploymentOf } = await import('./infra/deployment.ts')
    const { makeRegistry } = await import('./infra/registry.ts')
    return makeRegistry(deploymentOf($app.stage))
  },
})
