/** Keycloak on this machine, with realms made through its admin API. */
import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startEngine } from '../cloud/engines/start-engine.ts'
import { requireTools, toolPath } from '../tools/require-tools.ts'

const CLIENT = 'sluice-cli'
const PASSWORD = 'a password of theirs'
const ADMIN = { username: 'admin', password: 'admin' }

export interface Realm {
  /** What an owner writes to trust it: users by their names, groups with `kc:` before theirs. */
  readonly configuration: object
  /** Of a user who logs in with the password; good for an hour. */
  idToken(user: string): Promise<string>
  /** Makes a new key, which signs from now on. */
  rotate(): Promise<void>
}

export interface Keycloak {
  /** `people`: users, each with the one group that they are in. */
  createRealm(name: string, people: Readonly<Record<string, string>>): Promise<Realm>
  /** Connections are taken and nothing is answered, as by a machine that hangs. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

export async function startKeycloak(): Promise<Keycloak> {
  await requireTools(['keycloak'])
  const distribution = dirname(dirname(toolPath('keycloak')))
  const engine = await startEngine({
    name: 'keycloak',
    readyWithinMs: 240_000,
    command: ({ port, directory }) => {
      // It writes beside its program.
      const home = join(directory, 'keycloak')
      cpSync(distribution, home, { recursive: true })
      return { file: 'java', args: javaArguments(home, port), env: BOOTSTRAP }
    },
  })
  const { url, pid } = engine

  async function send(path: string, body: URLSearchParams | object, token?: string) {
    const isForm = body instanceof URLSearchParams
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(!isForm && { 'content-type': 'application/json' }),
      },
      body: isForm ? body : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${text}`)
    return text
  }
  async function logIn(realm: string, form: Readonly<Record<string, string>>) {
    const path = `/realms/${realm}/protocol/openid-connect/token`
    const body = new URLSearchParams({ grant_type: 'password', ...form })
    return JSON.parse(await send(path, body)) as { id_token: string; access_token: string }
  }
  const administrate = async (path: string, body: object): Promise<void> => {
    const { access_token: token } = await logIn('master', { client_id: 'admin-cli', ...ADMIN })
    await send(`/admin/realms${path}`, body, token)
  }

  return {
    async createRealm(name, people) {
      await administrate('', realmOf(name, people))
      return {
        configuration: configurationOf(`${url}/realms/${name}`),
        idToken: async (username) =>
          (
            await logIn(name, {
              client_id: CLIENT,
              scope: 'openid',
              username,
              password: PASSWORD,
            })
          ).id_token,
        rotate: () => administrate(`/${name}/components`, newKey()),
      }
    },
    freeze: () => process.kill(pid, 'SIGSTOP'),
    thaw: () => process.kill(pid, 'SIGCONT'),
    close: () => engine.close(),
  }
}

const BOOTSTRAP = {
  KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
  KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
}

/** As its own script starts it, without the script: a signal is to reach Java itself. */
const javaArguments = (home: string, port: number): string[] => [
  '-Xms64m',
  '-Xmx512m',
  ...['java.base/java.util', 'java.base/java.util.concurrent', 'java.base/java.lang'].map(
    (name) => `--add-opens=${name}=ALL-UNNAMED`,
  ),
  '--add-opens=java.base/java.security=ALL-UNNAMED',
  `-Dkc.home.dir=${home}`,
  `-Djboss.server.config.dir=${join(home, 'conf')}`,
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Dpicocli.disable.closures=true',
  '-cp',
  join(home, 'lib', 'quarkus-run.jar'),
  'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
  'start',
  '--optimized',
  '--cache=local',
  '--http-enabled=true',
  '--http-host=127.0.0.1',
  `--http-port=${port}`,
  '--hostname-strict=false',
]

/** https://www.keycloak.org/docs-api/latest/rest-api/index.html#RealmRepresentation */
const realmOf = (realm: string, people: Readonly<Record<string, string>>) => ({
  realm,
  enabled: true,
  sslRequired: 'none',
  accessTokenLifespan: 3600,
  groups: [...new Set(Object.values(people))].map((name) => ({ name })),
  clients: [
    {
      clientId: CLIENT,
      publicClient: true,
      directAccessGrantsEnabled: true,
      redirectUris: ['http://127.0.0.1/*'],
      protocolMappers: [
        {
          name: 'groups',
          protocol: 'openid-connect',
          protocolMapper: 'oidc-group-membership-mapper',
          config: { 'claim.name': 'groups', 'full.path': 'false', 'id.token.claim': 'true' },
        },
      ],
    },
  ],
  users: Object.entries(people).map(([username, group]) => ({
    username,
    enabled: true,
    email: `${username}@example.com`,
    firstName: username,
    lastName: username,
    groups: [`/${group}`],
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
  })),
})

let keys = 0

/** Of a higher priority than those before it. */
const newKey = () => ({
  name: `key ${++keys}`,
  providerId: 'rsa-generated',
  providerType: 'org.keycloak.keys.KeyProvider',
  config: {
    priority: [String(1000 + keys)],
    enabled: ['true'],
    active: ['true'],
    algorithm: ['RS256'],
  },
})

const configurationOf = (url: string) => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  jwt: [
    {
      issuer: { url, audiences: [CLIENT] },
      claimMappings: {
        username: { claim: 'preferred_username' },
        groups: { claim: 'groups', prefix: 'kc:' },
      },
      clientID: CLIENT,
    },
  ],
})
