/** The registries that a server reads through, from the file that its owner wrote: objects of the API, in YAML or JSON. */
import { ObjectError } from '@sluice/core/object-error'
import type { ObjectDraft } from '@sluice/core/stored-object'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { upstreamDraft } from '@sluice/http/apis/upstream-draft'
import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { fileProblem, StartFailure } from './start-failure.ts'

/** None without a file. Throws `StartFailure` in one line. */
export async function readUpstreamsConfiguration(
  file: string | undefined,
): Promise<readonly ObjectDraft<UpstreamSettings>[]> {
  if (file === undefined) return []
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new StartFailure(`${file} ${fileProblem(error)}`, { cause: error })
  })
  const documents = parseAllDocuments(text)
  const broken = [...documents].flatMap(({ errors }) => errors)[0]
  if (broken) throw new StartFailure(`${file} is not YAML: line ${broken.linePos?.[0].line ?? 0}`)
  const objects = [...documents].map((document): unknown => document.toJS())
  return objects.filter((object) => object !== null).map((object) => draftIn(object, file))
}

function draftIn(object: unknown, file: string): ObjectDraft<UpstreamSettings> {
  try {
    return upstreamDraft(object)
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw new StartFailure(`${file}: ${error.message}`, { cause: error })
  }
}
