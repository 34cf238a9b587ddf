/** What an operator can set: one table from which the flags, the environment variables and `--help` come. */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { platform } from 'node:process'
import { parseArgs } from 'node:util'
import { AUDIT_LEVELS } from '@sluice/core/services/audit-to'
import { StartFailure } from './start-failure.ts'

/** `parse` throws an `Error` that says what the value must be, to follow the names of flag and variable. */
interface Setting<T> {
  readonly variable: string
  /** Without one the setting comes from the environment alone: flags show in the list of processes. */
  readonly flag?: string
  readonly placeholder: string
  readonly help: string
  readonly preset?: string
  readonly parse: (text: string) => T
}

/** By default: each costs some 40 MB, and a machine with more cores has other work as well. */
const MOST_THREADS = 4

const SETTINGS = {
  address: {
    variable: 'SLUICE_ADDRESS',
    flag: 'address',
    placeholder: 'ADDRESS',
    help: 'address to listen on; 0.0.0.0 for all',
    preset: '127.0.0.1',
    parse: (text: string) => text,
  },
  port: {
    variable: 'SLUICE_PORT',
    flag: 'port',
    placeholder: 'PORT',
    help: 'port to listen on; 0 for any free one',
    preset: '5000',
    parse: (text: string) => wholeNumber(text, 0, 65_535),
  },
  dataDir: {
    variable: 'SLUICE_DATA_DIR',
    flag: 'data-dir',
    placeholder: 'DIRECTORY',
    help: 'where everything is kept; made when it is missing',
    preset: './data',
    parse: (text: string) => resolve(text),
  },
  publicUrl: {
    variable: 'SLUICE_PUBLIC_URL',
    flag: 'public-url',
    placeholder: 'URL',
    help: 'how clients reach the registry, when not by the address it listens on',
    parse: (text: string) => publicUrl(text),
  },
  tlsCert: {
    variable: 'SLUICE_TLS_CERT',
    flag: 'tls-cert',
    placeholder: 'FILE',
    help: 'certificate chain (PEM): serves HTTPS, needs the key as well',
    parse: (text: string) => resolve(text),
  },
  tlsKey: {
    variable: 'SLUICE_TLS_KEY',
    flag: 'tls-key',
    placeholder: 'FILE',
    help: 'private key of the certificate (PEM)',
    parse: (text: string) => resolve(text),
  },
  logLevel: {
    variable: 'SLUICE_LOG_LEVEL',
    flag: 'log-level',
    placeholder: 'LEVEL',
    help: 'debug, info, warn or error',
    preset: 'info',
    parse: (text: string) => oneOf(text, ['debug', 'info', 'warn', 'error']),
  },
  logFormat: {
    variable: 'SLUICE_LOG_FORMAT',
    flag: 'log-format',
    placeholder: 'FORMAT',
    help: 'text or json',
    preset: 'text',
    parse: (text: string) => oneOf(text, ['text', 'json']),
  },
  accessLog: {
    variable: 'SLUICE_ACCESS_LOG',
    flag: 'access-log',
    placeholder: 'on|off',
    help: 'whether a line of the log tells of each request',
    preset: 'on',
    parse: (text: string) => oneOf(text, ['on', 'off']) === 'on',
  },
  audit: {
    variable: 'SLUICE_AUDIT',
    flag: 'audit',
    placeholder: 'WHAT',
    help: 'who did what, in the log: off, changes (refused logins too) or all (pulls too)',
    preset: 'changes',
    parse: (text: string) => oneOf(text, AUDIT_LEVELS),
  },
  threads: {
    variable: 'SLUICE_THREADS',
    flag: 'threads',
    placeholder: 'NUMBER',
    help: 'threads that serve, best one for each core; more than one needs Linux',
    preset: String(platform === 'linux' ? Math.min(availableParallelism(), MOST_THREADS) : 1),
    parse: (text: string) => wholeNumber(text, 1, 64),
  },
  adminPassword: {
    variable: 'SLUICE_ADMIN_PASSWORD',
    placeholder: 'PASSWORD',
    help: 'password of kubeadmin, read at the first start only; generated without it',
    parse: (text: string) => text,
  },
  metrics: {
    variable: 'SLUICE_METRICS',
    flag: 'metrics',
    placeholder: 'on|off',
    help: 'whether it measures what it does, and shows that at /extensions/v2/metrics',
    preset: 'on',
    parse: (text: string) => oneOf(text, ['on', 'off']) === 'on',
  },
  metricsSecret: {
    variable: 'SLUICE_METRICS_SECRET',
    placeholder: 'SECRET',
    help: 'what alone opens the metrics; without it, whoever may get registry/metrics',
    parse: (text: string) => text,
  },
  authenticationConfig: {
    variable: 'SLUICE_AUTHENTICATION_CONFIG',
    flag: 'authentication-config',
    placeholder: 'FILE',
    help: "identity providers whose tokens are passwords: Kubernetes' AuthenticationConfiguration",
    parse: (text: string) => resolve(text),
  },
  upstreamsConfig: {
    variable: 'SLUICE_UPSTREAMS_CONFIG',
    flag: 'upstreams-config',
    placeholder: 'FILE',
    help: 'registries to read through, as objects of the API (YAML); applied at each start',
    parse: (text: string) => resolve(text),
  },
  rootUpstream: {
    variable: 'SLUICE_ROOT_UPSTREAM',
    flag: 'root-upstream',
    placeholder: 'NAME',
    help: "the one found at the root as well, for docker's registry-mirrors; empty for none",
    preset: 'docker.io',
    parse: (text: string) => text,
  },
  sweepInterval: {
    variable: 'SLUICE_SWEEP_INTERVAL',
    flag: 'sweep-interval',
    placeholder: 'SECONDS',
    help: 'between two removals of what nothing refers to',
    preset: '3600',
    parse: (text: string) => wholeNumber(text, 1, MAX_SECONDS),
  },
  grace: {
    variable: 'SLUICE_GRACE',
    flag: 'grace',
    placeholder: 'SECONDS',
    help: 'for which blobs are kept that no manifest refers to',
    preset: '86400',
    parse: (text: string) => wholeNumber(text, 0, MAX_SECONDS),
  },
  uploadIdle: {
    variable: 'SLUICE_UPLOAD_IDLE',
    flag: 'upload-idle',
    placeholder: 'SECONDS',
    help: 'after which an upload that got nothing more is removed',
    preset: '86400',
    parse: (text: string) => wholeNumber(text, 1, MAX_SECONDS),
  },
} satisfies Readonly<Record<string, Setting<unknown>>>

/** Node's timers hold no more than 2^31 - 1 milliseconds. */
const MAX_SECONDS = 2_147_483

type Name = keyof typeof SETTINGS

type Parsed<N extends Name> = ReturnType<(typeof SETTINGS)[N]['parse']>

/** A setting without a preset is `undefined` when nobody set it. */
export type Config = {
  readonly [N in Name]: (typeof SETTINGS)[N] extends { readonly preset: string }
    ? Parsed<N>
    : Parsed<N> | undefined
}

export interface Command {
  /** What to type: `npm start`. */
  readonly name: string
  readonly purpose: string
  /** Flags without a value that only this command has, with their help. */
  readonly switches?: Readonly<Record<string, string>>
  /** What follows the flags, for the help; without it nothing may follow. */
  readonly operands?: string
}

export interface CommandLine {
  readonly config: Config
  readonly switches: ReadonlySet<string>
  readonly operands: readonly string[]
  /** Text to print instead of running. */
  readonly help?: string
}

/** A flag wins over its variable; an empty variable counts as none. Throws `StartFailure` for whatever it cannot read. */
export function readCommandLine(
  command: Command,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const { values: flags, positionals: operands } = parseFlags(command, args)
  const parsed: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const flag = setting.flag === undefined ? undefined : flags[setting.flag]
    const text = typeof flag === 'string' ? flag : env[setting.variable] || setting.preset
    if (text !== undefined) parsed[name] = parseSetting(setting, text)
  }
  // The loop has put exactly one parsed value under each name of the table.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const config = parsed as Config
  const switches = new Set(Object.keys(command.switches ?? {}).filter((name) => flags[name]))
  return { config, switches, operands, ...(flags['help'] === true && { help: helpText(command) }) }
}

function parseFlags(
  command: Command,
  args: readonly string[],
): {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
} {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  }
  for (const { flag } of Object.values<Setting<unknown>>(SETTINGS)) {
    if (flag !== undefined) options[flag] = { type: 'string' }
  }
  for (const name of Object.keys(command.switches ?? {})) options[name] = { type: 'boolean' }
  try {
    return parseArgs({
      args: [...args],
      options,
      allowPositionals: command.operands !== undefined,
    })
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new StartFailure(`${reason} (--help lists the flags)`, { cause: error })
  }
}

function parseSetting(setting: Setting<unknown>, text: string): unknown {
  try {
    return setting.parse(text)
  } catch (error) {
    const names =
      setting.flag === undefined ? setting.variable : `--${setting.flag} (${setting.variable})`
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartFailure(`${names} ${reason}, not ${JSON.stringify(text)}`, { cause: error })
  }
}

function helpText(command: Command): string {
  const rows: [string, string][] = []
  for (const setting of Object.values<Setting<unknown>>(SETTINGS)) {
    const { flag, variable, placeholder, help, preset } = setting
    const name = flag === undefined ? '' : `--${flag} ${placeholder}`
    rows.push([
      `${name.padEnd(26)} ${variable}`,
      preset === undefined ? help : `${help} [${preset}]`,
    ])
  }
  for (const [name, help] of Object.entries(command.switches ?? {})) rows.push([`--${name}`, help])
  rows.push(['--help', 'this text'])
  return [
    `${[command.name, command.operands].filter(Boolean).join(' ')}: ${command.purpose}`,
    '',
    'Flag, environment variable, meaning [default]; the flag wins:',
    '',
    ...rows.map(([names, help]) => `  ${names.padEnd(50)} ${help}`),
    '',
  ].join('\n')
}

function wholeNumber(text: string, least: number, most: number): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new Error(`must be a whole number from ${least} to ${most}`)
  }
  return number
}

function oneOf<const T extends string>(text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}`)
  return choice
}

function publicUrl(text: string): URL {
  const url = URL.parse(text)
  const bare = url !== null && `${url.origin}/` === url.href
  if (!bare || !/^https?:$/.test(url.protocol)) {
    throw new Error('must be http or https, a host and perhaps a port')
  }
  return url
}
