/** Scopes of the token specification: `repository:<name>:<action>,<action>`, separated by spaces or repeated. */
import type { Access, Action } from '@sluice/core/access'
import { parseRepositoryName } from '@sluice/core/repository-name'

const MAX_SCOPES = 50
const ACTIONS: readonly string[] = ['pull', 'push', 'delete', '*']

/** What cannot be granted is left out, as the token specification says: the token then carries less than was asked. */
export function parseScopes(parameters: readonly string[]): Access[] {
  const scopes = parameters
    .flatMap((parameter) => parameter.split(' '))
    .filter((scope) => scope !== '')
  return scopes.slice(0, MAX_SCOPES).flatMap(parseScope)
}

function parseScope(scope: string): Access[] {
  const match = /^(repository|registry)(?:\([a-z0-9]+\))?:([^:]+):([a-z*,]+)$/.exec(scope)
  if (!match) return []
  const [, type, name = '', listed = ''] = match
  const actions = [...new Set(listed.split(','))].filter((action): action is Action =>
    ACTIONS.includes(action),
  )
  if (actions.length === 0) return []
  if (type === 'registry') return [{ type, name, actions }]
  try {
    return [{ type: 'repository', name: parseRepositoryName(name), actions }]
  } catch {
    return []
  }
}
