/** Traces of functions, which are frozen with their answer, and of the upload door. */
import { describe, it, onTestFinished } from 'vitest'
import { expectSpans } from '../../tracing/expect-spans.ts'
import { startCollector } from '../../tracing/start-collector.ts'
import { engineUrls } from '../engines/engines.ts'
import { startCloud } from '../start-cloud.ts'

describe('traces in the cloud', () => {
  it.each([true, false])('reach a collector, upload door: %s', async (uploadDoor) => {
    const collector = await startCollector()
    onTestFinished(() => collector.close())
    const cloud = await startCloud({
      engines: engineUrls(),
      uploadDoor,
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_SERVICE_NAME: 'registry-under-test',
      },
    })
    onTestFinished(() => cloud.stop())
    await expectSpans(cloud, collector)
  })
})
