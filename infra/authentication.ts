import type { Issuer } from './deployment.ts'

/** The issuers as the doors read them: Kubernetes' AuthenticationConfiguration, as one JSON text. */
export function authenticationText(issuers: readonly Issuer[]): string {
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: issuers.map(
      ({ url, audiences, username, groups, required, algorithms, jwksUrl, clientId, scopes }) => ({
        issuer: { url, audiences },
        claimMappings: { username: username ?? { claim: 'sub' }, ...(groups && { groups }) },
        ...(required && {
          claimValidationRules: Object.entries(required).map(([claim, requiredValue]) => ({
            claim,
            requiredValue,
          })),
        }),
        ...(algorithms && { algorithms }),
        ...(jwksUrl !== undefined && { jwksURL: jwksUrl }),
        ...(clientId !== undefined && { clientID: clientId }),
        ...(scopes && { scopes }),
      }),
    ),
  })
}
