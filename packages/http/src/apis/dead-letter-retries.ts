/** A dead letter is sent anew by making an object that nobody keeps. */
import { ObjectError } from '@sluice/core/object-error'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { SLUICE_GROUP } from '@sluice/core/services/upstream-kind'
import type { Answering } from './discovery.ts'
import { badRequest, membersOf, textOf, type Members } from './wire-object.ts'

export const DEAD_LETTER_RETRIES: Answering = {
  group: SLUICE_GROUP,
  version: 'v1',
  plural: 'deadletterretries',
  kind: 'DeadLetterRetry',
  namespaced: false,
  verbs: ['create'],
}

/** Whoever may update dead letters may have them sent anew. */
export function readDeadLetterRetry(object: Members): {
  readonly right: ResourceAttributes
  readonly answer: (registry: Registry) => Promise<Members>
} {
  const name = textOf(membersOf(object['spec'], 'spec')['deadLetter'], 'spec.deadLetter')
  if (name === '') throw badRequest('spec.deadLetter must be set: its name')
  return {
    right: { verb: 'update', group: SLUICE_GROUP, resource: 'deadletters', name },
    answer: async ({ deliveries }) => {
      if (!deliveries) throw new ObjectError('BadRequest', 'this registry sends no events')
      await deliveries.retry(name)
      const { kind } = DEAD_LETTER_RETRIES
      return { kind, apiVersion: `${SLUICE_GROUP}/v1`, metadata: {}, spec: { deadLetter: name } }
    },
  }
}
