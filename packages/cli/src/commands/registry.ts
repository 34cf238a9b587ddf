/** `sluice registry login` and `registry info`: for the tools that pull and push. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { ApiClient } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import type { Session } from '../session.ts'

interface Options {
  readonly to?: string
  readonly skipCheck?: boolean
  readonly authBasic?: string
}

interface AuthFile {
  readonly auths?: Readonly<Record<string, { readonly auth: string }>>
  readonly [field: string]: unknown
}

export function addRegistry(program: Command, session: Session): void {
  const registry = program.command('registry').description('The registry, for other tools')
  registry
    .command('login')
    .description('Save your token where podman, buildah and skopeo find it')
    .option('-a, --to <file>', 'an authentication file')
    .option('--auth-basic <user:password>', 'these credentials in place of your token')
    .option('--skip-check', 'do not try them first')
    .action((options: Options) => login(session, options))
  registry
    .command('info')
    .description('Where the registry is')
    .option('--check', 'and whether it answers')
    .action(async ({ check }: { readonly check?: boolean }) => {
      const { login: current } = session
      if (check) {
        const { status } = await new ApiClient(current).ask('GET', '/v2/')
        if (status !== 200 && status !== 401)
          throw new CommandError(`error: ${current.server} answers ${status}`)
      }
      session.say(new URL(current.server).host)
    })
}

async function login(session: Session, { to, skipCheck, authBasic }: Options): Promise<void> {
  const { login: current } = session
  const credentials = authBasic ?? `user:${await session.token()}`
  const auth = Buffer.from(credentials).toString('base64')
  if (!skipCheck) {
    const { status } = await new ApiClient(current, async () => `Basic ${auth}`).ask('GET', '/v2/')
    if (status !== 200)
      throw new CommandError(
        'error: unable to check your credentials: the registry refuses them (pass --skip-check to save them all the same)',
      )
  }
  const { host } = new URL(current.server)
  const file = to ?? defaultFile(session.env)
  const before = readAuthFile(file)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(
    file,
    `${JSON.stringify({ ...before, auths: { ...before.auths, [host]: { auth } } }, undefined, 2)}\n`,
    { mode: 0o600 },
  )
  session.say(`Saved credentials for ${host} into ${file}`)
}

/** Where containers' tools look, in their order. */
function defaultFile(env: NodeJS.ProcessEnv): string {
  if (env['REGISTRY_AUTH_FILE']) return env['REGISTRY_AUTH_FILE']
  const runtime = env['XDG_RUNTIME_DIR']
  return runtime
    ? join(runtime, 'containers', 'auth.json')
    : join(env['HOME'] ?? homedir(), '.config', 'containers', 'auth.json')
}

function readAuthFile(file: string): AuthFile {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return {}
  }
  try {
    return JSON.parse(text) as AuthFile
  } catch {
    throw new CommandError(`error: ${file} is no JSON: nothing was changed`)
  }
}
