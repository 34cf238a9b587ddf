/** What may be said of an upstream on the command line, and how the API writes it. */
import { readFileSync } from 'node:fs'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { CommandError } from './command-error.ts'
import { secondsOf } from './duration.ts'

export interface TagAge {
  readonly pattern: string
  readonly seconds: number
}

/** As the API writes it, as far as what is said depends on what is there. */
export interface UpstreamSpec {
  readonly urls: readonly string[]
  readonly tagAges: readonly TagAge[]
  readonly credentials?: { readonly type: string; readonly secretName?: string }
  readonly [field: string]: unknown
}

/** Some fields of it. */
export type Said = Readonly<Record<string, unknown>>

export interface UpstreamOptions {
  readonly url?: string
  readonly mirror?: readonly string[]
  readonly alias?: readonly string[]
  readonly secret?: string
  readonly credentials?: string
  readonly missPolicy?: string
  readonly tagAge?: readonly TagAge[]
  readonly staleIfError?: number
  readonly minimumTagAge?: number
  readonly revalidate?: string
  readonly concurrency?: number
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly defaultPrefix?: string
  readonly realmHost?: readonly string[]
  readonly ca?: string
  readonly insecure?: boolean
  readonly privateAddresses?: boolean
  readonly proxy?: string
}

export const withUpstreamOptions = (command: Command): Command =>
  command
    .option('--url <url>', 'https://host[:port] of the registry')
    .option(
      '--mirror <url>',
      'asked after it; may be repeated, as all that makes a list',
      collected,
    )
    .option('--alias <host>', "another of its host names; '' for none, as in any list", collected)
    .option(
      '--secret <name>',
      "of the secret with <user>:<password>, the token, or the key of Google's account",
    )
    .addOption(
      new Option(
        '--credentials <type>',
        'what the secret is, or whose credentials to fetch',
      ).choices(['basic', 'bearer', 'ecr', 'gar', 'none']),
    )
    .addOption(
      new Option('--miss-policy <policy>', 'how a blob is answered that is not here').choices([
        'stream',
        'redirect',
        'wait',
      ]),
    )
    .option(
      '--tag-age <pattern=time>',
      'how long such tags are believed; before those of other patterns',
      collectedAge,
    )
    .option('--stale-if-error <time>', 'how much longer, while it cannot be asked', durationOf)
    .option('--minimum-tag-age <time>', 'how old a moved tag is before it is followed', durationOf)
    .addOption(
      new Option(
        '--revalidate <when>',
        'asks about a stale tag before the answer, or after',
      ).choices(['first', 'behind']),
    )
    .option('--concurrency <number>', 'transfers at once, of one process', numberOf)
    .option('--allow <pattern>', 'only these repositories', collected)
    .option('--deny <pattern>', 'and none of these', collected)
    .option('--default-prefix <name>', 'set before names of one component')
    .option('--realm-host <host>', 'of a token service outside its domain', collected)
    .option('--ca <file>', "PEM of its authorities, instead of the system's")
    .option('--insecure', 'http, or certificates of anybody')
    .option('--no-insecure', 'neither')
    .option('--private-addresses', 'it may be at a private, loopback or link-local address')
    .option('--no-private-addresses', 'it may not')
    .option('--proxy <url>', 'through which it is reached')

/** `there`: what it is now, or what it would be with no more of this than `said`. */
export async function specOf(
  options: UpstreamOptions,
  there: (said: Said) => Promise<UpstreamSpec>,
): Promise<Said> {
  const { url, mirror, tagAge, secret, credentials } = options
  const said = plainOf(options)
  let found: Promise<UpstreamSpec> | undefined
  const before = () => (found ??= there(url === undefined ? said : { ...said, urls: [url] }))
  return known({
    ...said,
    urls: url === undefined && !mirror ? undefined : await urlsOf(options, before),
    tagAges: tagAge && mergedAges(tagAge, (await before()).tagAges),
    credentials:
      secret === undefined && credentials === undefined
        ? undefined
        : await credentialsOf(options, before),
  })
}

/** What is as it is said, whatever was there. */
const plainOf = (options: UpstreamOptions): Said =>
  known({
    missPolicy: options.missPolicy,
    staleIfError: options.staleIfError,
    minimumTagAge: options.minimumTagAge,
    revalidate: options.revalidate,
    concurrency: options.concurrency,
    allow: options.allow,
    deny: options.deny,
    defaultPrefix: options.defaultPrefix,
    insecure: options.insecure,
    privateAddresses: options.privateAddresses,
    proxy: options.proxy,
    aliases: options.alias,
    realmHosts: options.realmHost,
    certificateAuthority: options.ca === undefined ? undefined : certificatesIn(options.ca),
  })

const known = (fields: Said): Said =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

async function urlsOf(
  { url, mirror }: UpstreamOptions,
  there: () => Promise<UpstreamSpec>,
): Promise<readonly string[]> {
  if (url !== undefined && mirror) return [url, ...mirror]
  const [first, ...mirrors] = (await there()).urls
  return [...[url ?? first].filter((one) => one !== undefined), ...(mirror ?? mirrors)]
}

/** `null`: they are to go. */
async function credentialsOf(
  { secret, credentials }: UpstreamOptions,
  there: () => Promise<UpstreamSpec>,
): Promise<object | null> {
  if (credentials === 'none') return null
  const type = credentials ?? (await there()).credentials?.type ?? 'basic'
  return secret === undefined ? { type } : { type, secretName: secret }
}

/** Of a pattern that is there the age alone changes: where it stands decides what else it matches. */
function mergedAges(said: readonly TagAge[], there: readonly TagAge[]): readonly TagAge[] {
  const known = new Set(there.map(({ pattern }) => pattern))
  const saidOf = new Map(said.map((age) => [age.pattern, age]))
  return [
    ...[...saidOf.values()].filter(({ pattern }) => !known.has(pattern)),
    ...there.map((age) => saidOf.get(age.pattern) ?? age),
  ]
}

const collected = (text: string, before: readonly string[] = []): readonly string[] =>
  text === '' ? before : [...before, text]

const durationOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) : secondsOf(text))

function numberOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is no whole number.')
}

function collectedAge(text: string, before: readonly TagAge[] = []): readonly TagAge[] {
  const at = text.lastIndexOf('=')
  if (at < 1) throw new CommandError(`error: invalid tag age "${text}": say PATTERN=5m`)
  return [...before, { pattern: text.slice(0, at), seconds: durationOf(text.slice(at + 1)) }]
}

function certificatesIn(file: string): string {
  if (file === '') return ''
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CommandError(`error: the certificate authority ${file} cannot be read`, { cause })
  }
}
