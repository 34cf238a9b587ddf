import type { Tracer } from '@sluice/core/ports/tracer'
import { tracedPort } from '@sluice/core/services/traced-port'
import { expect, it } from 'vitest'
import { openTemporaryRegistry } from '../temporary-registry.ts'

it('calls are spans, and looks at what is in memory are none', async () => {
  const registry = await openTemporaryRegistry()
  const spans: string[] = []
  const span: Tracer['span'] = (facts, work) => {
    spans.push(facts.name)
    return work({ set: () => undefined, end: () => undefined } as never)
  }
  const tracer = { span } as Tracer
  const table = tracedPort(registry.table, 'Table', tracer)
  const key = { pk: 'one', sk: 'meta' }
  await table.transact([{ put: key, item: { text: 'there' } }])
  expect(await table.get(key)).toMatchObject({ text: 'there' })
  table.peek?.(key)
  expect(spans).toEqual(['Table.transact', 'Table.get'])
  await registry.close()
})
