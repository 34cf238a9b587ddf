import type { Edits } from './copy-project.ts'
import type { Graph } from './resource-graph.ts'
import { openSstProject } from './sst-project.ts'

/** Resources of one stage of a project of its own. */
export async function diffStage(stage: string, edits: Edits = {}): Promise<Graph> {
  const project = await openSstProject(edits)
  try {
    return await project.diff(stage)
  } finally {
    project.close()
  }
}

/** An edit of `infra/settings.ts`: all of these are replaced, or it throws. */
export const settings = (replacements: Readonly<Record<string, string>>): Edits => ({
  'infra/settings.ts': (text) => {
    for (const [from, to] of Object.entries(replacements)) {
      if (!text.includes(from)) throw new Error(`the settings have no ${from}`)
      text = text.replace(from, to)
    }
    return text
  },
})
