/**
 * What of a request's target may be logged: its path, and of its query what is known to hold no secret. All else (a token,
 * a signature, whatever somebody wrote there by mistake) keeps its name at most.
 */

/** Parameters of the registry's own and of Kubernetes' clients, by their exact names. */
const PLAIN = new Set([
  'account',
  'artifactType',
  'client_id',
  'container',
  'continue',
  'digest',
  'digest-algorithm',
  'dryRun',
  'exclude',
  'fieldManager',
  'fieldSelector',
  'fieldValidation',
  'follow',
  'from',
  'gracePeriodSeconds',
  'labelSelector',
  'last',
  'limit',
  'limitBytes',
  'mount',
  'n',
  'ns',
  'offline_token',
  'pretty',
  'propagationPolicy',
  'resourceVersion',
  'response_type',
  'scope',
  'service',
  'sinceSeconds',
  'sinceTime',
  'tag',
  'tailLines',
  'timeout',
  'timestamps',
  'verbose',
  'watch',
])

/** Beyond this a line says no more of it. */
const MAX_CHARACTERS = 2048

const NAME = /^[\w.-]{1,64}$/

export function loggedUri(target: string): string {
  const query = target.indexOf('?')
  const uri = query < 0 ? target : target.slice(0, query + 1) + loggedQuery(target.slice(query + 1))
  return uri.length <= MAX_CHARACTERS ? uri : `${uri.slice(0, MAX_CHARACTERS)}...`
}

const loggedQuery = (query: string): string => query.split('&').map(loggedParameter).join('&')

function loggedParameter(parameter: string): string {
  const equals = parameter.indexOf('=')
  const name = equals < 0 ? parameter : parameter.slice(0, equals)
  if (parameter === '' || PLAIN.has(name)) return parameter
  return NAME.test(name) && equals >= 0 ? `${name}=REDACTED` : 'REDACTED'
}
