/** The log of a part, as `kubectl logs` asks for it. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
import { ObjectError } from '@sluice/core/object-error'
import type { LoggedLine } from '@sluice/core/ports/log-reader'
import { lineOfProject } from '@sluice/core/services/line-of-project'
import type { AppContext, Parts } from '../app-environment.ts'
import { streamOf } from '../stream-of.ts'
import { CONTAINER, partOfPod, REGISTRY_NAMESPACE } from './pod-resources.ts'
import { badRequest } from './wire-object.ts'

/** Lines are sent in pieces so large; one by one to whoever waits for them. */
const PIECE_CHARACTERS = 64 * 1024

/** Whoever asks has the right to. */
export async function answerPodLog(
  c: AppContext,
  { logs, parts }: Pick<Parts, 'logs' | 'parts'>,
  namespace: string,
  pod: string,
): Promise<Response> {
  const part = namespace === REGISTRY_NAMESPACE ? partOfPod(pod) : undefined
  if (part === undefined) throw noPod(pod)
  const container = c.req.query('container') ?? CONTAINER
  if (container !== CONTAINER)
    throw badRequest(`container ${container} is not valid for pod ${pod}`)
  if (isTrue(c.req.query('previous'))) {
    throw badRequest(`previous terminated container "${CONTAINER}" in pod "${pod}" not found`)
  }
  const follow = isTrue(c.req.query('follow')) && logs?.follows === true
  const timestamps = isTrue(c.req.query('timestamps'))
  const gone = new AbortController()
  const query = queryOf(c)
  const most = number(c, 'limitBytes', 1) ?? Infinity
  if (!logs) throw badRequest('this registry keeps no log: it is where its processes write it')
  const lines = await logs.read(part, query, follow ? gone.signal : undefined)
  if (!lines) {
    const known = await parts?.list()
    if (!known?.some(({ name }) => name === part)) throw noPod(pod)
    throw badRequest(`pod ${pod} has no log of its own: the one that serves requests tells of it`)
  }
  const pieces = piecesOf(lines, timestamps, follow ? 1 : PIECE_CHARACTERS)
  const body = streamOf(firstOf(pieces, most), gone)
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }
  return new Response(body, { headers })
}

const noPod = (pod: string): ObjectError => new ObjectError('NotFound', `pods "${pod}" not found`)

const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1'

function queryOf(c: AppContext) {
  const [seconds, time] = [number(c, 'sinceSeconds', 1), c.req.query('sinceTime')]
  if (seconds !== undefined && time !== undefined) {
    throw badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified')
  }
  const at = time === undefined ? undefined : Date.parse(time)
  if (Number.isNaN(at)) throw badRequest('sinceTime must be a time of RFC 3339')
  const since = seconds === undefined ? at : Date.now() - seconds * 1000
  const tail = number(c, 'tailLines', 0)
  const project = c.req.query('project')
  return {
    ...(since !== undefined && { since }),
    ...(tail !== undefined && { tail }),
    ...(project && { matches: lineOfProject(project) }),
  }
}

function number(c: AppContext, name: string, least: number): number | undefined {
  const text = c.req.query(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d{1,12}$/.test(text) && value >= least) return value
  throw badRequest(`${name} must be a whole number, at least ${least}`)
}

/** `most`: characters that are gathered before they go out. */
async function* piecesOf(
  lines: AsyncIterable<LoggedLine>,
  timestamps: boolean,
  most: number,
): AsyncGenerator<Uint8Array> {
  let piece = ''
  for await (const { at, text } of lines) {
    piece += timestamps ? `${new Date(at).toISOString()} ${text}\n` : `${text}\n`
    if (piece.length < most) continue
    yield Buffer.from(piece)
    piece = ''
  }
  if (piece !== '') yield Buffer.from(piece)
}

/** The first bytes, at most so many: that may be in the middle of a line. */
async function* firstOf(
  pieces: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array> {
  let left = most
  for await (const piece of pieces) {
    yield piece.subarray(0, left)
    left -= piece.byteLength
    if (left <= 0) return
  }
}
