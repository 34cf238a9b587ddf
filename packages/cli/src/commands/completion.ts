/** `sluice completion`: for bash, zsh and fish. The shell then asks `sluice complete` at each Tab. */
import type { Command } from 'commander'
import { resourceNames } from '../resource-names.ts'
import type { Session } from '../session.ts'

/** Which take a resource for their first word. */
const OF_RESOURCES = ['get', 'describe', 'delete'] as const

/** The library's own needs the package bash-completion, which not every machine has, and complains when it is read twice. */
const BASH = `# bash completion for sluice: source <(sluice completion bash)
_sluice() {
  local IFS=$'\\n' line
  COMPREPLY=()
  for line in $(sluice complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done
}
complete -o default -F _sluice sluice
`

/** When all other commands are there. */
export async function addCompletion(program: Command, session: Session): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander')
  const completion = tab(program, { completionCommandName: 'completion' })
  for (const name of OF_RESOURCES) {
    for (const argument of completion.commands.get(name)?.arguments.values() ?? []) {
      if (argument.name === 'resource')
        argument.handler = (complete) => resourceNames().forEach((one) => complete(one, ''))
    }
  }
  program.commands
    .find((command) => command.name() === 'completion')
    ?.description('Print what makes bash, zsh or fish complete the words of sluice')
    .action((shell: string) => {
      if (shell === 'bash') session.write(BASH)
      else completion.setup('sluice', 'sluice', shell)
    })
}
