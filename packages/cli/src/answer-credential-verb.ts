/** What the verbs of a credential helper answer. https://github.com/docker/docker-credential-helpers#development */
import { CommandError } from './command-error.ts'
import type { ConfigFile } from './config-file.ts'
import { loginsByHost, withCredential, withoutHost } from './logins.ts'
import { freshLogin } from './oidc/fresh-login.ts'

/** Callers compare these very words (`credentials/error.go` there), and go on without credentials after the first. */
const NOT_FOUND = 'credentials not found in native keychain'
const NO_SERVER = 'no credentials server URL'
const NO_USER = 'no credentials username'

/** Beside a token any name will do. */
const ANYONE = 'user'

export async function answerCredentialVerb(
  config: ConfigFile,
  verb: string | undefined,
  input: string,
): Promise<string> {
  switch (verb) {
    case 'get':
      return get(config, input.trim())
    case 'store':
      return store(config, input)
    case 'erase': {
      const host = hostNamed(input.trim())
      config.change((file) => withoutHost(file, host))
      return ''
    }
    case 'list': {
      const file = config.read()
      const logins = [...loginsByHost(file).keys()].map((host) => [host, ANYONE] as const)
      const stored = file.credentials.map(({ name, credential }) => [name, credential.username])
      return JSON.stringify(Object.fromEntries([...logins, ...stored]))
    }
    case undefined:
    default:
      throw new CommandError('Usage: docker-credential-sluice <store|get|erase|list>')
  }
}

async function get(config: ConfigFile, asked: string): Promise<string> {
  const host = hostNamed(asked)
  const file = config.read()
  const stored = file.credentials.find(({ name }) => name === host)?.credential
  if (stored) {
    return JSON.stringify({ ServerURL: asked, Username: stored.username, Secret: stored.secret })
  }
  const login = loginsByHost(file).get(host)
  if (!login) throw new CommandError(NOT_FOUND)
  const { token } = await freshLogin(config, login)
  return JSON.stringify({ ServerURL: asked, Username: ANYONE, Secret: token })
}

/** What `podman login` gave goes before what `sluice login` brought, until either is done again. */
function store(config: ConfigFile, input: string): string {
  let told: { ServerURL?: unknown; Username?: unknown; Secret?: unknown }
  try {
    told = JSON.parse(input) as typeof told
  } catch (error) {
    throw new CommandError('the credentials are no JSON', { cause: error })
  }
  const { ServerURL: server, Username: username, Secret: secret } = told
  const host = hostNamed(typeof server === 'string' ? server : '')
  if (typeof username !== 'string' || username === '') throw new CommandError(NO_USER)
  if (typeof secret !== 'string') throw new CommandError('no credentials secret')
  config.change((file) => withCredential(file, host, { username, secret }))
  return ''
}

/** `host[:port]` of what tools call a server: a host, an address, one with a path. */
function hostNamed(server: string): string {
  if (server === '') throw new CommandError(NO_SERVER)
  return URL.parse(server.includes('://') ? server : `https://${server}`)?.host ?? server
}
