import type { Tracer } from '@sluice/core/ports/tracer'

export type TracingEnvironment = Readonly<Record<string, string | undefined>>

/**
 * By OpenTelemetry's own variables: off unless one says where spans are to be sent, and then nothing of it is even loaded.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export async function openTracing(
  env: TracingEnvironment,
  onProblem: (problem: string) => void,
): Promise<Tracer | undefined> {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT']
  const off = env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none'
  if (!endpoint || off) return undefined
  const { OpenTelemetryTracer } = await import('./open-telemetry-tracer.ts')
  return new OpenTelemetryTracer(env, onProblem)
}
