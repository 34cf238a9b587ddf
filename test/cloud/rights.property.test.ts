import { createRegistry } from '@sluice/core/registry'
import { it } from 'vitest'
import { expectRights, type OpenRegistry } from '../core/rbac/rights-model.ts'
import { propertyRuns } from '../property-runs.ts'
import { engineUrls } from './engines/engines.ts'
import { openRooms } from './engines/open-rooms.ts'

const openRegistry: OpenRegistry = async () => {
  const rooms = await openRooms(engineUrls())
  return { registry: createRegistry(rooms), close: () => rooms.close() }
}

it('roles and bindings decide as the documentation reads, on DynamoDB as well', async () => {
  await expectRights(openRegistry, propertyRuns(10))
}, 300_000)
