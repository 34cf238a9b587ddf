/** `npm run project`: makes, changes and lists projects, beside a running server or without one. */
import { RegistryError } from '@sluice/core/errors'
import type { Registry } from '@sluice/core/registry'
import { parseProjectName, type ProjectName } from '@sluice/core/repository-name'
import { runBesideServer } from './beside-server.ts'
import { StartFailure } from './start-failure.ts'

const COMMAND = {
  name: 'npm run project --',
  purpose: 'makes, changes and lists projects',
  operands: 'create NAME | set NAME | list',
  switches: {
    public: 'everyone may pull from it',
    private: 'only those with rights may pull from it',
    'deep-names': 'repositories may have more than two levels',
    'two-levels': 'repositories are <project>/<name>',
  },
}

type Switches = ReadonlySet<string>

function choice(switches: Switches, yes: string, no: string): boolean | undefined {
  if (switches.has(yes) && switches.has(no))
    throw new StartFailure(`--${yes} and --${no} exclude each other`)
  return switches.has(yes) ? true : switches.has(no) ? false : undefined
}

function settingsOf(switches: Switches) {
  const isPublic = choice(switches, 'public', 'private')
  const deepNames = choice(switches, 'deep-names', 'two-levels')
  return {
    ...(isPublic === undefined ? {} : { public: isPublic }),
    ...(deepNames === undefined ? {} : { deepNames }),
  }
}

function nameOf(text: string | undefined): ProjectName {
  try {
    return parseProjectName(text ?? '')
  } catch (error) {
    if (error instanceof RegistryError)
      throw new StartFailure(String(error.details[0]), { cause: error })
    throw error
  }
}

async function run(
  { projects }: Registry,
  [verb, name, ...rest]: readonly string[],
  switches: Switches,
): Promise<string> {
  if (rest.length > 0 || (verb === 'list' && name !== undefined)) {
    throw new StartFailure(`what is ${[name, ...rest].join(' ')}? Say: ${COMMAND.operands}`)
  }
  if (verb === 'list') return listing(projects)
  if (verb === 'create') {
    const project = nameOf(name)
    if (await projects.create(project, settingsOf(switches))) return `project ${project} created\n`
    throw new StartFailure(`project ${project} exists; change it with: set ${project}`)
  }
  if (verb === 'set') {
    const project = nameOf(name)
    if (await projects.change(project, settingsOf(switches))) return `project ${project} changed\n`
    throw new StartFailure(`project ${project} does not exist; make it with: create ${project}`)
  }
  throw new StartFailure(`say: ${COMMAND.name} ${COMMAND.operands}`)
}

async function listing(projects: Registry['projects']): Promise<string> {
  const lines = [['NAME', 'PULL', 'REPOSITORIES']]
  for await (const project of projects.list()) {
    const record = await projects.find(project)
    lines.push([
      project,
      record?.public ? 'everyone' : 'by right',
      record?.deepNames ? 'any depth' : 'two levels',
    ])
  }
  return lines
    .map(([name = '', ...others]) => `${name.padEnd(24)}${others.join('    ')}\n`)
    .join('')
}

await runBesideServer(COMMAND, async (registry, switches, operands) => {
  process.stdout.write(await run(registry, operands, switches))
  return true
})
