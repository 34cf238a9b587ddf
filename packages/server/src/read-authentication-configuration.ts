/** The identity providers of a server, from the file that its owner wrote, in YAML or JSON. */
import {
  AuthenticationConfigurationError,
  parseAuthenticationConfiguration,
} from '@sluice/adapters/identity/authentication-configuration'
import type { Issuer } from '@sluice/adapters/identity/issuer'
import { readFile } from 'node:fs/promises'
import { parse, YAMLParseError } from 'yaml'
import { fileProblem, StartFailure } from './start-failure.ts'

/** None without a file. Throws `StartFailure` in one line. */
export async function readAuthenticationConfiguration(
  file: string | undefined,
): Promise<readonly Issuer[]> {
  if (file === undefined) return []
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new StartFailure(`${file} ${fileProblem(error)}`, { cause: error })
  })
  try {
    return parseAuthenticationConfiguration(parse(text))
  } catch (error) {
    if (error instanceof AuthenticationConfigurationError) {
      throw new StartFailure(`${file}: ${error.message}`, { cause: error })
    }
    if (!(error instanceof YAMLParseError)) throw error
    const line = error.linePos?.[0].line ?? 0
    throw new StartFailure(`${file} is not YAML: line ${line}`, { cause: error })
  }
}
