/**
 * How the registry is: `/healthz` and `/` as OpenShift's registry has them, and `/readyz` in the form of Kubernetes' API
 * server. https://kubernetes.io/docs/reference/using-api/health-checks/
 */
import { RegistryError } from '@sluice/core/errors'
import type { CheckResult, Health } from '@sluice/core/services/health'
import type { AppContext } from '../app-environment.ts'
import { respond } from '../respond.ts'
import { withFacts } from '../response-facts.ts'

/** Throws while something fails without which there is no registry, and names it. */
export function admitWhileWell(health: Health | undefined): void {
  const failing = health?.failing
  if (failing === undefined) return
  const detail = `${failing.name}: ${failing.problem}; nothing was lost: try again, /readyz?verbose says how it is`
  throw new RegistryError('UNAVAILABLE', detail, { retryAfter: 10 })
}

/** By any method; whether the process is there and may serve. */
export function answerHealth(health: Health | undefined): Response {
  admitWhileWell(health)
  return respond(200, { 'Cache-Control': 'no-cache', 'Content-Length': '0' })
}

const PING: CheckResult = { name: 'ping', gates: false, problem: undefined }

/** `path` is what follows `/readyz`. */
export async function answerReadiness(
  c: AppContext,
  health: Health | undefined,
  path: string,
): Promise<Response> {
  const all = [PING, ...((await health?.results()) ?? [])]
  const one = path.slice(1)
  if (one !== '') {
    const found = all.find(({ name }) => name === one)
    if (!found) throw new RegistryError('NOT_FOUND', `no such check: ${namesOf(all)}`)
    return text(c, [found], c.req.query('verbose') !== undefined)
  }
  const excluded = c.req.queries('exclude') ?? []
  const asked = all.filter(({ name }) => !excluded.includes(name))
  return text(c, asked, c.req.query('verbose') !== undefined)
}

const namesOf = (results: readonly CheckResult[]): string =>
  results.map(({ name }) => name).join(', ')

function text(c: AppContext, results: readonly CheckResult[], verbose: boolean): Response {
  const ready = results.every(({ problem }) => problem === undefined)
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  )
  lines.push(`readyz check ${ready ? 'passed' : 'failed'}`)
  const body = ready && !verbose ? 'ok' : `${lines.join('\n')}\n`
  const length = Buffer.byteLength(body)
  const status = ready ? 200 : 503
  const contentType = 'text/plain; charset=utf-8'
  const headers = {
    'Content-Type': contentType,
    'Content-Length': String(length),
    'Cache-Control': 'no-cache, no-store',
    'X-Content-Type-Options': 'nosniff',
  }
  const isHead = c.req.method === 'HEAD'
  const response = new Response(isHead ? null : body, { status, headers })
  return withFacts(response, { status, contentType, length: isHead ? 0 : length })
}
