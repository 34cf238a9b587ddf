/**
 * Stands in for the Pulumi engine under the real SST CLI: runs the program under Pulumi's own mocks and reports a preview, as
 * the engine would. Beyond that it writes the graph of resources, with what no event says (protection, retention, import),
 * to the file of `SLUICE_STANDIN_GRAPH`.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { found, madeOf, type Asked } from './mock-provider.ts'
import type { Resource } from '../resource-graph.ts'

const [command = 'nothing', ...args] = process.argv.slice(2)

switch (command) {
  case 'version':
    // The one that SST wants.
    console.log('v3.215.0')
    break
  case 'stack':
    saveState(args[1]!.split('/'), [])
    break
  case 'preview':
    await preview(after('--stack').split('/'), after('--event-log'))
    break
  default:
    throw new Error(`the stand-in knows no ${command}`)
}

function after(flag: string): string {
  const value = args[args.indexOf(flag) + 1]
  if (!args.includes(flag) || value === undefined) throw new Error(`no ${flag}`)
  return value
}

interface Monitor {
  readonly resources: ReadonlyMap<string, { readonly state: unknown }>
  registerResource: (request: Request, callback: unknown) => unknown
}

interface Request {
  readonly getType: () => string
  readonly getName: () => string
  readonly getProtect: () => boolean | undefined
  readonly getRetainondelete: () => boolean | undefined
  readonly getImportid: () => string
}

interface Pulumi {
  readonly runtime: {
    readonly setMocks: (mocks: object, app: string, stage: string, preview: boolean) => void
    readonly runInPulumiStack: (program: () => Promise<unknown>) => Promise<unknown>
  }
}

async function preview([, app, stage]: string[], eventLog: string): Promise<void> {
  const main = /^main: (.*)$/m.exec(readFileSync('Pulumi.yaml', 'utf8'))![1]!
  const load = createRequire(main)
  const { runtime } = load('@pulumi/pulumi') as Pulumi
  const graph: Resource[] = []
  let sequence = 0
  const event = (what: object): void =>
    appendFileSync(eventLog, `${JSON.stringify({ sequence: sequence++, timestamp: 0, ...what })}\n`)
  const said = new Set<string>()
  const failed = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error)
    // One mistake reaches every output that waits for it.
    if (said.has(message)) return
    said.add(message)
    event({ diagnosticEvent: { message, color: 'never', severity: 'error' } })
    process.exitCode = 1
  }

  runtime.setMocks(
    {
      newResource: (asked: Asked & { readonly custom?: boolean }) => {
        const { type, name, custom } = asked
        const inputs = plain(asked.inputs) as Asked['inputs']
        const { id, state } = madeOf({ type, name, inputs })
        const urn = `urn:pulumi:${stage}::${app}::${type}::${name}`
        const made = { urn, type, id, custom: custom === true, inputs, outputs: state, parent: '' }
        const metadata = { op: 'create', urn, type, old: null, new: made, provider: '' }
        event({ resourcePreEvent: { metadata } })
        event({ resOutputsEvent: { metadata } })
        graph.push({ type, name, inputs, protect: false, retain: false })
        return { id, state }
      },
      call: ({ token, inputs }: { token: string; inputs: Asked['inputs'] }) => found(token, inputs),
    },
    app!,
    stage!,
    false,
  )
  const monitor = (
    load('@pulumi/pulumi/runtime/settings') as { getMonitor: () => Monitor }
  ).getMonitor()
  const options = new Map<string, Pick<Resource, 'protect' | 'retain' | 'importId'>>()
  const register = monitor.registerResource.bind(monitor)
  monitor.registerResource = (request, callback) => {
    options.set(`${request.getType()} ${request.getName()}`, {
      protect: request.getProtect() === true,
      retain: request.getRetainondelete() === true,
      ...(request.getImportid() && { importId: request.getImportid() }),
    })
    return register(request, callback)
  }

  process.on('unhandledRejection', failed)
  process.on('exit', () => {
    if (process.exitCode) return
    const { deserializeProperty } = load('@pulumi/pulumi/runtime/rpc') as {
      deserializeProperty: (value: unknown) => unknown
    }
    saveState([app!, app!, stage!], linksOf(monitor, deserializeProperty))
    const whole = graph.map((made) => ({ ...made, ...options.get(`${made.type} ${made.name}`) }))
    const path = process.env['SLUICE_STANDIN_GRAPH']
    if (path) writeFileSync(path, JSON.stringify(whole))
  })
  try {
    const program = async (): Promise<unknown> =>
      ((await import(pathToFileURL(main).href)) as { default: unknown }).default
    await runtime.runInPulumiStack(program)
  } catch (error) {
    failed(error)
  }
}

/** What the CLI reads once the engine has ended: the stack's outputs and the links. */
function linksOf(monitor: Monitor, read: (value: unknown) => unknown): object[] {
  const kept = ['pulumi:pulumi:Stack', 'sst:sst:LinkRef']
  return [...monitor.resources]
    .map(([urn, { state }]) => ({ urn, type: urn.split('::')[2]!.split('$').at(-1)!, state }))
    .filter(({ type }) => kept.includes(type))
    .toSorted((a, b) => kept.indexOf(a.type) - kept.indexOf(b.type))
    .map(({ urn, type, state }) => ({
      urn,
      type,
      custom: false,
      outputs: plain(asObject(state, read)),
    }))
}

function asObject(state: unknown, read: (value: unknown) => unknown): unknown {
  const struct = state as { toJavaScript?: () => unknown }
  return typeof struct?.toJavaScript === 'function' ? struct.toJavaScript() : read(state)
}

function saveState([, app, stage]: string[], resources: object[]): void {
  const path = `.pulumi/stacks/${app}/${stage}.json`
  mkdirSync(dirname(path), { recursive: true })
  const manifest = { time: new Date().toISOString(), magic: '', version: '' }
  const latest = { manifest, metadata: {}, resources }
  const checkpoint = { stack: `organization/${app}/${stage}`, latest }
  writeFileSync(path, JSON.stringify({ version: 3, checkpoint }))
}

/** Secrets as what they hide. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  if ('4dabf18193072939515e22adb298388d' in value && 'value' in value) return plain(value.value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
