import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace'
import type { TracingEnvironment } from './open-tracing.ts'

/**
 * `OTEL_TRACES_SAMPLER` and its `_ARG`, as the specification has them; what is none of its names is told, and stands for
 * the default, `parentbased_always_on`.
 */
export function samplerOf(env: TracingEnvironment, onProblem: (problem: string) => void): Sampler {
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on'
  const ratio = ratioOf(env['OTEL_TRACES_SAMPLER_ARG'], onProblem)
  const roots: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  }
  const [, parentBased, rootName = ''] = /^(parentbased_)?(.*)$/.exec(name) ?? []
  if (!Object.hasOwn(roots, rootName)) {
    onProblem(`OTEL_TRACES_SAMPLER is none of the specification's: ${JSON.stringify(name)}`)
  }
  const root = Object.hasOwn(roots, rootName) ? roots[rootName]!() : new AlwaysOnSampler()
  const follows = parentBased !== undefined || !Object.hasOwn(roots, rootName)
  return follows ? new ParentBasedSampler({ root }) : root
}

function ratioOf(text: string | undefined, onProblem: (problem: string) => void): number {
  if (!text) return 1
  const ratio = Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  onProblem(`OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1: ${JSON.stringify(text)}`)
  return 1
}
