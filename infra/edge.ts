import type { StageDeployment } from './deployment.ts'
import { challengeHeader } from './edge/challenge.ts'
import { viewerRequestCode } from './edge/viewer-request.ts'
import type { UploadOrigin } from './upload-door/upload-origin.ts'

/** AWS's managed policies. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

/** `*` crosses slashes here. The second is for clients that leave out the slash at the end. */
const UPLOAD_PATHS = ['/v2/*/blobs/uploads/*', '/v2/*/blobs/uploads']

/** CloudFront under the public host name: uploads to their door, all else to the gateway; nothing is cached. */
export function makeEdge(
  { hostName, dns, certificateArn }: StageDeployment,
  gateway: sst.aws.ApiGatewayV2,
  upload: UploadOrigin | undefined,
  originSecret: $util.Output<string>,
): sst.aws.Cdn {
  const challenge = { realm: `https://${hostName}/token`, service: $app.name }
  const viewerRequest = new aws.cloudfront.Function('ViewerRequest', {
    runtime: 'cloudfront-js-2.0',
    comment: `${$app.name} ${$app.stage}: challenges strangers`,
    code: viewerRequestCode(challenge),
    publish: true,
  })
  const headers = new aws.cloudfront.ResponseHeadersPolicy('ChallengeHeader', {
    name: `${$app.name}-${$app.stage}-challenge`,
    comment: 'The gateway renames WWW-Authenticate',
    customHeadersConfig: {
      items: [{ header: 'WWW-Authenticate', value: challengeHeader(challenge), override: false }],
    },
  })
  const behaviour = (targetOriginId: string) => ({
    targetOriginId,
    // No redirect: by then a client would have sent its password in the open.
    viewerProtocolPolicy: 'https-only',
    allowedMethods: METHODS,
    cachedMethods: ['GET', 'HEAD'],
    compress: false,
    cachePolicyId: CACHING_DISABLED,
    originRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
    responseHeadersPolicyId: headers.id,
    functionAssociations: [{ eventType: 'viewer-request', functionArn: viewerRequest.arn }],
  })
  const customHeaders = [{ name: 'x-sluice-origin', value: originSecret }]
  const origins: aws.types.input.cloudfront.DistributionOrigin[] = [
    {
      originId: 'gateway',
      domainName: gateway.url.apply((url) => new URL(url).hostname),
      customOriginConfig: {
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: 'https-only',
        originSslProtocols: ['TLSv1.2'],
        // The gateway itself gives up after 30 s, and its answer is better than the edge's.
        originReadTimeout: 35,
      },
      customHeaders,
    },
  ]
  if (upload) origins.push({ originId: 'uploads', ...upload.origin, customHeaders })

  return new sst.aws.Cdn('Edge', {
    comment: `${$app.name} ${$app.stage}`,
    domain: {
      name: hostName,
      ...(certificateArn !== undefined && { cert: certificateArn }),
      ...(dns === 'manual' && { dns: false as const }),
    },
    origins,
    defaultCacheBehavior: behaviour('gateway'),
    orderedCacheBehaviors: upload
      ? UPLOAD_PATHS.map((pathPattern) => ({ pathPattern, ...behaviour('uploads') }))
      : [],
    transform: {
      distribution: (args) => {
        args.httpVersion = 'http2and3'
        args.isIpv6Enabled = true
      },
    },
  })
}
