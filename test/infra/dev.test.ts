/** A stage that is not production, without an upload door, whose owner makes the DNS records and the certificate herself. */
import { beforeAll, describe, expect, it } from 'vitest'
import { diffStage, settings } from './diff-stage.ts'
import { expectDoors } from './expect-doors.ts'
import { expectEdge } from './expect-edge.ts'
import { expectMetrics } from './expect-metrics.ts'
import { expectGrants, expectTrust } from './expect-roles.ts'
import { expectStores } from './expect-stores.ts'
import { allOf, onlyOf, type Graph } from './resource-graph.ts'

const HOST_NAME = 'registry-dev.sluice.test'
const CERTIFICATE =
  'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef'

describe('dev', () => {
  let graph: Graph
  beforeAll(async () => {
    const manual = `dns: 'manual', certificateArn: '${CERTIFICATE}', existingBucket: 'my-blobs', `
    graph = await diffStage('dev', settings({ 'dev: { ': `dev: { ${manual}` }))
  }, 300_000)

  it('leaves nothing behind when it is removed, but a bucket that was there before', () => {
    const kept = graph.filter(({ protect, retain }) => protect || retain)
    expect(kept.map(({ name }) => name)).toEqual(['BlobsBucket'])
    expectStores(graph, { production: false })
  })

  it('grants as production does', () => {
    expectGrants(graph, 'dev')
    expectTrust(graph)
    expectDoors(graph, 'dev', HOST_NAME, false)
  })

  it('hands what its doors count to the exporter', () => {
    expectMetrics(graph, 'dev', ['api', 'fill', 'sweep'])
  })

  it('sends uploads to the gateway like all else, and has nothing that runs', () => {
    const origins = expectEdge(graph, HOST_NAME, [])
    expect(Object.keys(origins)).toEqual(['gateway'])
    for (const kind of ['Vpc', 'ecs/Service', 'LoadBalancer', 'cloudcontrol/Resource']) {
      expect(allOf(graph, kind), kind).toEqual([])
    }
  })

  it("takes the owner's certificate and makes no record", () => {
    expect(onlyOf(graph, 'Distribution').inputs['viewerCertificate']).toMatchObject({
      acmCertificateArn: CERTIFICATE,
    })
    expect(allOf(graph, 'Record')).toEqual([])
    expect(allOf(graph, 'Certificate')).toEqual([])
  })

  it('takes over a bucket that exists, under its name', () => {
    const bucket = onlyOf(graph, 'Bucket')
    expect(bucket).toMatchObject({ importId: 'my-blobs', inputs: { bucket: 'my-blobs' } })
  })

  it('has no alarms without a mail address', () => {
    expect(allOf(graph, 'MetricAlarm')).toEqual([])
    expect(allOf(graph, 'Topic')).toEqual([])
  })
})
