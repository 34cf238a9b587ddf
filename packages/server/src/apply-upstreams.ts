/** Brings the upstreams to what their owner's file says, and gives each its cache. */
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { Registry } from '@sluice/core/registry'
import type { ObjectDraft } from '@sluice/core/stored-object'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { StartFailure } from './start-failure.ts'

/** Whoever can write the server's configuration owns the server. */
const OWNER: Identity = { user: 'system:admin', groups: ['system:masters'] }

/** `anyone`: caches of upstreams that ask for no credentials are public from their beginning. */
export async function applyUpstreams(
  { upstreams }: Registry,
  drafts: readonly ObjectDraft<UpstreamSettings>[],
  anyone: boolean,
): Promise<void> {
  try {
    await upstreams.apply(OWNER, drafts, anyone)
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw new StartFailure(error.message, { cause: error })
  }
}
