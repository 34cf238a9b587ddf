import type { Tracer } from '@sluice/core/ports/tracer'
import { tracedApp } from '@sluice/http/traced-app'
import type { LambdaApp } from './lambda-door.ts'

/** A function is frozen with its answer, so that its spans are sent before. */
export function flushingApp(app: LambdaApp, tracer: Tracer): LambdaApp {
  const traced = tracedApp(app, tracer)
  return {
    fetch: async (request, bindings) => {
      const response = await traced.fetch(request, bindings)
      await tracer.flush()
      return response
    },
  }
}
