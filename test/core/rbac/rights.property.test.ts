import { it } from 'vitest'
import { propertyRuns } from '../../property-runs.ts'
import { openTemporaryRegistry } from '../../temporary-registry.ts'
import { expectRights } from './rights-model.ts'

it('roles and bindings decide as the documentation reads, whatever they are', async () => {
  await expectRights(openTemporaryRegistry, propertyRuns(40))
}, 120_000)
