/** `npm run keys`: lists and changes the keys that sign the registry's own tokens, while servers run or not. */
import { SSMClient } from '@aws-sdk/client-ssm'
import { SigningKeysParameter } from '@sluice/adapters/aws/signing-keys-parameter'
import { ssmClientSettings } from '@sluice/adapters/aws/ssm-client-settings'
import {
  dropKey,
  listKeys,
  rotateKeys,
  type ListedKey,
} from '@sluice/adapters/identity/key-rotation'
import type { SigningKeyStore } from '@sluice/adapters/identity/signing-key-store'
import { SigningKeysError } from '@sluice/adapters/identity/signing-keys-error'
import { SigningKeysFile } from '@sluice/adapters/local/signing-keys-file'
import { StorageError } from '@sluice/core/ports/storage-error'
import { readCommandLine } from './config.ts'
import { findDataDirectory } from './data-directory.ts'
import { failStart, StartFailure } from './start-failure.ts'

const COMMAND = {
  name: 'npm run keys --',
  purpose: 'the keys that sign tokens: of the data directory, or of the cloud by its PARAMETER',
  operands: 'list [PARAMETER] | rotate [PARAMETER] | drop KID [PARAMETER]',
}

/** The name of a parameter begins with a stroke, and no key's does. */
async function storeOf(parameter: string | undefined, dataDir: string): Promise<SigningKeyStore> {
  if (parameter === undefined)
    return new SigningKeysFile((await findDataDirectory(dataDir)).keysFile)
  if (!parameter.startsWith('/')) throw new StartFailure(`say: ${COMMAND.name} ${COMMAND.operands}`)
  return new SigningKeysParameter(new SSMClient(ssmClientSettings()), parameter)
}

const time = (milliseconds: number | undefined): string =>
  new Date(milliseconds ?? 0).toISOString().replace('.000', '')

const STATES: Readonly<Record<ListedKey['state'], (key: ListedKey) => string>> = {
  signs: () => 'signs',
  published: ({ until }) => `published; signs from ${time(until)}`,
  verifies: ({ until }) => (until === undefined ? 'verifies' : `verifies until ${time(until)}`),
}

const lineOf = (key: ListedKey): string => `${key.kid}  ${STATES[key.state](key)}\n`

async function run(operands: readonly string[], dataDir: string): Promise<string> {
  const [verb, ...rest] = operands
  const named = verb === 'drop' ? rest.shift() : undefined
  const now = Date.now()
  if (rest.length > 1 || (verb === 'drop' && named === undefined)) {
    throw new StartFailure(`say: ${COMMAND.name} ${COMMAND.operands}`)
  }
  const store = await storeOf(rest[0], dataDir)
  if (verb === 'list') return (await listKeys(store, now)).map(lineOf).join('')
  if (verb === 'rotate') return lineOf(await rotateKeys(store, now))
  if (verb !== 'drop') throw new StartFailure(`say: ${COMMAND.name} ${COMMAND.operands}`)
  await dropKey(store, now, named ?? '')
  return `${named}  dropped\n`
}

try {
  const { config, operands, help } = readCommandLine(COMMAND, process.argv.slice(2), process.env)
  process.stdout.write(help ?? (await run(operands, config.dataDir)))
} catch (error) {
  const told = error instanceof SigningKeysError || error instanceof StorageError
  failStart(told ? new StartFailure(error.message, { cause: error }) : error)
}
