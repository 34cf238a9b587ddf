import type { StageDeployment, Upstream } from './deployment.ts'
import type { Functions } from './functions.ts'

/** An upstream as the admin API knows it (`sluice.dev/v1`); what is left out is as in the preset of its name. */
const objectOf = ({ name, url, coldBlob, credentials }: Upstream): object => ({
  apiVersion: 'sluice.dev/v1',
  kind: 'Upstream',
  metadata: { name },
  spec: {
    ...(url !== undefined && { urls: [url] }),
    ...(coldBlob !== undefined && { missPolicy: coldBlob }),
    ...(credentials && { credentials }),
  },
})

/**
 * Has the registry know its owner's upstreams, by a call of the sweep function with each deployment that changes them: they
 * are records, which the admin API shows and changes as well.
 */
export function makeUpstreams({ upstreams }: StageDeployment, { sweep }: Functions): void {
  new aws.lambda.Invocation('Upstreams', {
    functionName: sweep.name,
    input: JSON.stringify({ task: 'upstreams', upstreams: upstreams.map(objectOf) }),
  })
}
