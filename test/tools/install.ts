/** `node test/tools/install.ts [name...]`: installs the named tools, or all of them, and prints where each is. */
import { requireTools, toolPath } from './require-tools.ts'
import { isToolName, TOOLS } from './tools.ts'

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !isToolName(name))
if (unknown.length > 0) {
  console.error(`No such tool: ${unknown.join(', ')}. Known: ${Object.keys(TOOLS).join(', ')}`)
  process.exit(1)
}

let failed = false
for (const name of (asked.length > 0 ? asked : Object.keys(TOOLS)).filter(isToolName)) {
  try {
    await requireTools([name])
    console.log(`${name}\t${toolPath(name)}`)
  } catch (error) {
    failed = true
    console.error(`\n*** ${error instanceof Error ? error.message : String(error)}\n`)
  }
}
process.exit(failed ? 1 : 0)
