/** `--dry-run`: say what would be done. `client` asks the registry nothing, `server` all but to do it. */
import { Option } from 'commander'

export type DryRun = 'client' | 'none' | 'server'

const HOWS: readonly DryRun[] = ['client', 'none', 'server']

export const dryRunOption = (): Option =>
  new Option('--dry-run <how>', 'change nothing').choices(HOWS).default('none', 'change it')

/** What stands behind what is said to be done. */
export const dryRunSuffix = (how: DryRun = 'none'): string =>
  ({ client: ' (dry run)', none: '', server: ' (server dry run)' })[how]

/** As a query is to be continued. */
export const dryRunQuery = (how: DryRun = 'none'): string => (how === 'server' ? 'dryRun=All' : '')

/** `--dry-run` alone means the client's, as it did once in `oc`. */
export const withWholeDryRun = (args: readonly string[]): readonly string[] =>
  args.map((arg, at) =>
    arg === '--dry-run' && !(HOWS as readonly (string | undefined)[]).includes(args[at + 1])
      ? '--dry-run=client'
      : arg,
  )
