import { createRegistry } from '@sluice/core/registry'
import { it } from 'vitest'
import { checkRights } from '../core/rbac/rights-model.ts'
import { propertyRuns } from '../property-runs.ts'
import { engineUrls } from './engines/engines.ts'
import { openRooms } from './engines/open-rooms.ts'

it('roles and bindings decide as the documentation reads, on DynamoDB as well', async () => {
  const openRegistry = async () => {
    const { close, ...ports } = await openRooms(engineUrls())
    return { registry: createRegistry(ports), close }
  }
  await checkRights(openRegistry, propertyRuns(10))
}, 300_000)
