import { expect } from 'vitest'
import { onlyOf, type Graph } from './resource-graph.ts'

interface Origin {
  readonly originId: string
  readonly customHeaders: unknown
}

export const UPLOAD_PATHS = ['/v2/*/blobs/uploads/*', '/v2/*/blobs/uploads']

/** CloudFront: what goes where, uncached and challenged. Resolves to the origins by name. */
export function expectEdge(
  graph: Graph,
  hostName: string,
  uploadPaths: readonly string[],
): Record<string, Origin> {
  const { inputs } = onlyOf(graph, 'Distribution')
  const behaviour = {
    viewerProtocolPolicy: 'https-only',
    compress: false,
    allowedMethods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
    // CachingDisabled and AllViewerExceptHostHeader.
    cachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
    originRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
    responseHeadersPolicyId: expect.stringMatching(/-challenge-id$/),
    functionAssociations: [
      {
        eventType: 'viewer-request',
        functionArn: expect.stringMatching(/:Function\/ViewerRequest$/),
      },
    ],
  }
  expect(inputs).toMatchObject({
    enabled: true,
    aliases: [hostName],
    viewerCertificate: { minimumProtocolVersion: 'TLSv1.2_2021', sslSupportMethod: 'sni-only' },
    defaultCacheBehavior: { ...behaviour, targetOriginId: 'gateway' },
    orderedCacheBehaviors: uploadPaths.map((pathPattern) => ({
      ...behaviour,
      pathPattern,
      targetOriginId: 'uploads',
    })),
  })
  const origins = inputs['origins'] as readonly Origin[]
  for (const { originId, customHeaders } of origins) {
    expect(customHeaders, originId).toEqual([
      { name: 'x-sluice-origin', value: 'a-generated-secret' },
    ])
  }
  expect(origins[0]).toMatchObject({
    originId: 'gateway',
    domainName: 'gatewayapi.execute-api.standin.test',
    customOriginConfig: { originProtocolPolicy: 'https-only', originSslProtocols: ['TLSv1.2'] },
  })
  expect(onlyOf(graph, 'ResponseHeadersPolicy').inputs['customHeadersConfig']).toEqual({
    items: [
      {
        header: 'WWW-Authenticate',
        value: `Bearer realm="https://${hostName}/token",service="sluice"`,
        override: false,
      },
    ],
  })
  const edge = onlyOf(graph, 'cloudfront/Function').inputs
  expect(edge).toMatchObject({ runtime: 'cloudfront-js-2.0', publish: true })
  expect(edge['code']).toContain(`realm=\\"https://${hostName}/token\\"`)
  return Object.fromEntries(origins.map((origin) => [origin.originId, origin]))
}
