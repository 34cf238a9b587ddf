/** One of a path's methods; HEAD wherever there is GET, with the same headers and no body. */
import type { AppContext } from './app-environment.ts'
import { MethodError } from './errors.ts'
import type { Methods, Target } from './route-table.ts'

export function answerRoute(
  c: AppContext,
  methods: Methods,
  target: Target,
): Response | Promise<Response> {
  const { method } = c.req
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler) return handler(c, target)
  if (method === 'HEAD' && methods.GET) return headOf(methods.GET(c, target))
  throw new MethodError(allowedOf(methods))
}

async function headOf(get: Response | Promise<Response>): Promise<Response> {
  const response = await get
  const length = (await response.arrayBuffer()).byteLength
  const headers = Object.fromEntries(response.headers)
  if (response.status === 200) headers['content-length'] = String(length)
  return new Response(null, { status: response.status, headers })
}

const allowedOf = (methods: Methods): string[] => {
  const names = Object.keys(methods)
  return names.includes('GET') && !names.includes('HEAD') ? ['HEAD', ...names] : names
}
