const USER = 'kubeadmin'

interface Challenge {
  readonly realm: string
  readonly service: string
}

async function challengeOf(url: string): Promise<Challenge> {
  const answer = await fetch(`${url}/v2/`)
  const header = answer.headers.get('www-authenticate') ?? ''
  const realm = /realm="([^"]+)"/.exec(header)?.[1]
  const service = /service="([^"]+)"/.exec(header)?.[1]
  if (answer.status !== 401 || realm === undefined || service === undefined) {
    throw new Error(`no Bearer challenge at ${url}/v2/: ${answer.status} ${header}`)
  }
  return { realm, service }
}

const challenges = new Map<string, Promise<Challenge>>()

/** Does what every client does: reads the challenge, asks its realm for a token that grants the scopes. */
export async function bearerToken(
  url: string,
  password: string,
  scopes: readonly string[],
): Promise<string> {
  const asked = challenges.get(url) ?? challengeOf(url)
  challenges.set(url, asked)
  const { realm, service } = await asked
  const target = new URL(realm)
  target.searchParams.set('service', service)
  for (const scope of scopes) target.searchParams.append('scope', scope)
  const answer = await fetch(target, {
    headers: { authorization: `Basic ${Buffer.from(`${USER}:${password}`).toString('base64')}` },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`no token from ${realm}: ${answer.status} ${text}`)
  const body: { token: string } = JSON.parse(text)
  return body.token
}
