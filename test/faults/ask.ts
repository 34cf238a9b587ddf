/** One request and its answer; or none, which leaves open what became of the request. */

/** A registry to talk to: a server, or the app in this process. */
export type Door = (path: string, init: RequestInit) => Promise<Response>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** Once the head has come the request counts as answered, whatever happens to the body. */
export async function ask(
  door: Door,
  method: string,
  path: string,
  { headers = {}, body }: Ask = {},
): Promise<Answer> {
  const response = await door(path, {
    method,
    headers,
    ...(body && { body: new Uint8Array(body) }),
  }).catch((cause: unknown) => {
    throw new NoAnswer(`${method} ${path}`, { cause })
  })
  const bytes = await response.arrayBuffer().catch(() => new ArrayBuffer(0))
  return { status: response.status, headers: response.headers, body: Buffer.from(bytes) }
}

/** The codes of an OCI error body; none where there is no such body. */
export function errorCodes({ body }: Answer): string[] {
  try {
    const { errors } = JSON.parse(body.toString()) as { errors: readonly { code: string }[] }
    return errors.map(({ code }) => code)
  } catch {
    return []
  }
}

/** A server's door, for who has its password. */
export function serverDoor(server: { url: string; user: string; password: string }): Door {
  const pair = Buffer.from(`${server.user}:${server.password}`).toString('base64')
  return (path, init) => {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Basic ${pair}` }
    return fetch(server.url + path, { ...init, headers })
  }
}
