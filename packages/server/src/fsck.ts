/** `npm run fsck`: compares all records with all files, and puts right what can be, while a server runs or not. */
import type { Registry } from '@sluice/core/registry'
import type { Problem } from '@sluice/core/services/check/problem'
import type { Checked } from '@sluice/core/services/checker'
import { runBesideServer } from './beside-server.ts'
import { ProgressBar } from './progress-bar.ts'

const COMMAND = {
  name: 'npm run fsck --',
  purpose: 'checks the data directory; exit code 1 when something is wrong at the end',
  switches: {
    deep: 'read all blobs and manifests and compare their digests',
    repair: 'put right what can be put right',
  },
}

async function check(registry: Registry, switches: ReadonlySet<string>): Promise<boolean> {
  const bar = new ProgressBar()
  const repair = switches.has('repair')
  const checked = await registry.checker
    .check({
      deep: switches.has('deep'),
      repair,
      onProgress: (progress) => bar.show(progress),
    })
    .finally(() => bar.end())
  process.stdout.write(report(checked, repair))
  return checked.problems.length === 0
}

function report(checked: Checked, repair: boolean): string {
  const { problems, repaired, repositories, blobs, objects } = checked
  const lines = [
    ...repaired.map((problem) => `repaired: ${lineOf(problem)}`),
    ...problems.map(lineOf),
    `${repositories} repositories, ${blobs} blobs, ${objects} objects: ${verdict(checked, repair)}`,
  ]
  return `${lines.join('\n')}\n`
}

const lineOf = ({ kind, where, detail }: Problem): string => `${where}: ${detail} [${kind}]`

function verdict({ problems, repaired }: Checked, repair: boolean): string {
  const left = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`
  if (repair) {
    if (problems.length > 0) return `${repaired.length} repaired, ${left} left`
    return repaired.length > 0 ? `${repaired.length} repaired, nothing wrong now` : 'nothing wrong'
  }
  if (problems.length === 0) return 'nothing wrong'
  const mendable = problems.filter((problem) => problem.repair).length
  return `${left}, ${mendable} for --repair`
}

await runBesideServer(COMMAND, check)
