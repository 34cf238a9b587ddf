/** `sluice login`: with name and password as the bootstrap administrator, or with a token. */
import type { Command } from 'commander'
import { ApiClient, type Server } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import type { Session } from '../session.ts'

interface Options {
  readonly username?: string
  readonly password?: string
  readonly token?: string
  readonly certificateAuthority?: string
  readonly insecureSkipTlsVerify?: boolean
}

const AUTHORIZE = '/oauth/authorize?client_id=openshift-challenging-client&response_type=token'

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
    .option('--certificate-authority <file>', 'of the server (PEM)')
    .option('--insecure-skip-tls-verify', 'believe any server')
    .action(async (named: string | undefined, options: Options) => login(session, named, options))
}

async function login(session: Session, named: string | undefined, options: Options): Promise<void> {
  const server: Server = {
    server: serverOf(named ?? session.login.server),
    ...(options.certificateAuthority === undefined
      ? {}
      : { certificateAuthority: options.certificateAuthority }),
    ...(options.insecureSkipTlsVerify === true ? { insecure: true } : {}),
  }
  const token = options.token ?? (await tokenOf(server, options))
  const client = new ApiClient(server, `Bearer ${token}`)
  const { metadata } = await client.object('GET', '/apis/user.openshift.io/v1/users/~')
  const projects =
    (await client.object('GET', '/apis/project.openshift.io/v1/projects')).items ?? []
  const names = projects.map((project) => project.metadata.name)
  const project = names.includes('default') ? 'default' : (names[0] ?? 'default')
  session.config.save({ ...server, user: metadata.name, token, project })
  session.say(
    options.token === undefined
      ? 'Login successful.\n'
      : `Logged into "${server.server}" as "${metadata.name}" using the token provided.\n`,
  )
  session.say(projectsText(names, project))
}

function serverOf(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url.origin
  throw new CommandError(`error: ${text} is no server: say https://host[:port]`)
}

async function tokenOf(server: Server, { username, password }: Options): Promise<string> {
  if (username === undefined || password === undefined) {
    throw new CommandError(
      'error: say -u kubeadmin -p <password>, or --token <token> of your identity provider',
    )
  }
  const credentials = Buffer.from(`${username}:${password}`).toString('base64')
  const client = new ApiClient(server, `Basic ${credentials}`)
  const answer = await client.ask('GET', AUTHORIZE, undefined, { 'X-CSRF-Token': '1' })
  const { location } = answer.headers
  const granted = typeof location === 'string' ? new URL(location).hash.slice(1) : ''
  const token = new URLSearchParams(granted).get('access_token')
  if (token !== null) return token
  throw new CommandError(
    answer.status === 401
      ? 'Login failed (401 Unauthorized)\nVerify you have provided the correct credentials.'
      : `error: the server answers ${answer.status}`,
  )
}

export function projectsText(names: readonly string[], current: string): string {
  if (names.length === 0) {
    return "You don't have any projects. You can try to create a new project, by running\n\n    sluice new-project <projectname>\n"
  }
  if (names.length === 1)
    return `You have one project on this server: "${names[0]}"\n\nUsing project "${current}".`
  const list = names.map((name) => `${name === current ? '  * ' : '    '}${name}`).join('\n')
  const how =
    "the following projects and can switch between them with 'sluice project <projectname>'"
  return `You have access to ${how}:\n\n${list}\n\nUsing project "${current}".`
}
