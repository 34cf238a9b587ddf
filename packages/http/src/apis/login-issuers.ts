/** `GET /apis/sluice.dev/v1/issuers`: where people log in. Anybody may ask: who does has no token yet. */
import type { TrustedIssuer } from '../app-environment.ts'
import type { Answering } from './discovery.ts'

export const LOGIN_ISSUERS: Answering = {
  group: 'sluice.dev',
  version: 'v1',
  plural: 'issuers',
  kind: 'Issuer',
  namespaced: false,
  verbs: ['list'],
}

/** In the order of the configuration; of an issuer nothing but what its own clients send in the open. */
export const loginIssuers = (trusted: readonly TrustedIssuer[]): object => ({
  kind: 'IssuerList',
  apiVersion: 'sluice.dev/v1',
  metadata: {},
  items: trusted.flatMap(({ url, clientId, scopes }) =>
    clientId === undefined
      ? []
      : [
          {
            kind: 'Issuer',
            apiVersion: 'sluice.dev/v1',
            metadata: { name: url },
            spec: { clientID: clientId, scopes },
          },
        ],
  ),
})
