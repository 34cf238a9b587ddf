/** `sluice login`: as the bootstrap administrator, with a token, or at an identity provider that the registry trusts. */
import type { Command } from 'commander'
import { ApiClient, type Server } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { listAll } from '../list-pages.ts'
import type { Login } from '../logins.ts'
import { freshLogin } from '../oidc/fresh-login.ts'
import { chooseIssuer, loginIssuers } from '../oidc/login-issuer.ts'
import { nameOf, type Session } from '../session.ts'
import { identityProviderLogin } from './identity-provider-login.ts'
import { knownLogin, serverToLogInAt, type ServerOptions } from './login-server.ts'
import { passwordLogin } from './password-login.ts'
import { projectsText } from './projects.ts'

interface Options extends ServerOptions {
  readonly username?: string
  readonly password?: string
  readonly token?: string
  readonly web?: boolean
  readonly device?: boolean
  readonly browser: boolean
  readonly issuerUrl?: string
}

/** What a login brings, and what is said of it. */
type Obtained = Pick<Login, 'renewal' | 'token'> & { readonly said: 'existing' | 'new' | 'token' }

export function addLogin(program: Command, session: Session): void {
  program
    .command('login [server]')
    .description('Log in to a registry')
    .option('-u, --username <name>', 'name of the bootstrap administrator')
    .option('-p, --password <password>', 'its password')
    .option(
      '--token <token>',
      "a token of the registry's or of an identity provider that it trusts",
    )
    .option('-w, --web', 'at an identity provider, with a browser here')
    .option('--device', 'at an identity provider, with a browser anywhere and a code')
    .option('--no-browser', 'start no browser: only print where to go')
    .option('--issuer, --issuer-url <url>', 'which identity provider, where there are several')
    .option('--certificate-authority <file>', 'of the server (PEM)')
    .option('--insecure-skip-tls-verify', 'believe any server')
    .action(async (named: string | undefined, options: Options) => login(session, named, options))
}

async function login(session: Session, named: string | undefined, options: Options): Promise<void> {
  const server = serverToLogInAt(session, named, options)
  const { said, ...obtained } = await obtain(session, server, options)
  const client = new ApiClient(server, async () => `Bearer ${obtained.token}`)
  const { metadata } = await client.object('GET', '/apis/user.openshift.io/v1/users/~')
  const names = (await listAll(client, '/apis/project.openshift.io/v1/projects')).map(nameOf)
  const project = projectToUse(session, server, names)
  const made = { ...server, user: metadata.name, ...obtained, project }
  if (said === 'existing') session.resume(made)
  else session.save(made)
  const logged = `Logged into "${server.server}" as "${metadata.name}"`
  switch (said) {
    case 'token':
      session.say(`${logged} using the token provided.\n`)
      break
    case 'existing':
      session.say(`${logged} using existing credentials.\n`)
      break
    case 'new':
      session.say('Login successful.\n')
  }
  session.say(projectsText(names, project))
}

async function obtain(session: Session, server: Server, options: Options): Promise<Obtained> {
  const { token, username, password, web, device, browser, issuerUrl } = options
  if (token !== undefined) return { token, said: 'token' }
  if (username !== undefined || password !== undefined) {
    return { token: await passwordLogin(server, options, session.isTerminal), said: 'new' }
  }
  const asked = web === true || device === true || issuerUrl !== undefined
  if (!asked) {
    const existing = await stillGood(session, server)
    if (existing) return existing
    if (!session.isTerminal) {
      throw new CommandError(
        'error: say how: --web or --device for an identity provider, --token, or -u kubeadmin -p <password>',
      )
    }
  }
  const issuer = chooseIssuer(await loginIssuers(server), issuerUrl)
  const how = device === true ? 'device' : browser ? 'browser' : 'url'
  return { ...(await identityProviderLogin(session, issuer, how)), said: 'new' }
}

/** The one that one worked in there, while it is there. */
function projectToUse(session: Session, { server }: Server, names: readonly string[]): string {
  const before = knownLogin(session, server)?.project
  if (before !== undefined && names.includes(before)) return before
  return names.includes('default') ? 'default' : (names[0] ?? 'default')
}

/** As `oc` does: whoever is logged in there need not do it again. */
async function stillGood(session: Session, server: Server): Promise<Obtained | undefined> {
  const known = knownLogin(session, server.server)
  const login = known && (await freshLogin(session.config, known).catch(() => undefined))
  if (!login) return undefined
  const { token, renewal } = login
  const client = new ApiClient(server, async () => `Bearer ${token}`)
  const { status } = await client.ask('GET', '/apis/user.openshift.io/v1/users/~')
  return status === 200 ? { token, ...(renewal && { renewal }), said: 'existing' } : undefined
}
