/** `sluice doctor`: whether what stands between clients and a registry does what is assumed of it. */
import { randomBytes } from 'node:crypto'
import { Option, type Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { Examination, type Finding } from '../doctor/examination.ts'
import { Patient } from '../doctor/patient.ts'
import { readProbes } from '../doctor/read-probes.ts'
import { writeProbeNames, writeProbes } from '../doctor/write-probes.ts'
import { freshLogin } from '../oidc/fresh-login.ts'
import type { CommonOptions, Session } from '../session.ts'
import { knownLogin, serverToLogInAt, type ServerOptions } from './login-server.ts'

interface Options extends CommonOptions, ServerOptions {
  readonly project?: string
  readonly large?: boolean
  readonly output?: 'json'
}

export function addDoctor(program: Command, session: Session): void {
  program
    .command('doctor [url]')
    .description('Probe a registry, and all that stands before it, for what its clients rely on')
    .option('--project <project>', 'where you may push: an image comes and goes there')
    .option('--large', 'push a layer of 1 GB as well')
    .addOption(new Option('-o, --output <format>', 'as JSON').choices(['json']))
    .option('--certificate-authority <file>', 'whom to believe its certificate')
    .option('--insecure-skip-tls-verify', 'believe any certificate')
    .action((url: string | undefined, _: object, command: Command) =>
      doctor(session, command.optsWithGlobals(), url),
    )
}

async function doctor(session: Session, options: Options, url: string | undefined): Promise<void> {
  const { output, large = false } = options
  const project = options.project ?? options.namespace
  const server = serverToLogInAt(session, url, options)
  const login = knownLogin(session, server.server)
  const examination = new Examination((finding) => {
    if (output === undefined) session.write(lines(finding))
  })
  const repository = `${project ?? ''}/doctor-${randomBytes(4).toString('hex')}`
  const patient = new Patient(server, repository, async () => {
    if (!login) throw new CommandError(notLoggedIn(server.server))
    return (await freshLogin(session.config, login)).token
  })
  await readProbes(examination, patient)
  if (!login || project === undefined) {
    const why = login ? 'no --project was named' : notLoggedIn(server.server)
    examination.leaveOut(writeProbeNames(large), why)
  } else await writeProbes(examination, patient, large)
  conclude(session, server.server, examination.findings, output)
}

const notLoggedIn = (server: string): string => `nobody is logged in: sluice login ${server}`

const MARKS: Readonly<Record<Finding['outcome'], string>> = {
  fails: 'FAILS   ',
  holds: 'holds   ',
  'left out': 'LEFT OUT',
}

const lines = ({ probe, outcome, detail, fix }: Finding): string =>
  `${MARKS[outcome]}  ${probe.padEnd(18)} ${detail}\n${fix === undefined ? '' : `          ${' '.repeat(19)}-> ${fix}\n`}`

/** What was not looked at is no better than what does not hold. */
function conclude(
  session: Session,
  server: string,
  findings: readonly Finding[],
  output: 'json' | undefined,
): void {
  const count = (outcome: Finding['outcome']): number =>
    findings.filter((finding) => finding.outcome === outcome).length
  const [holds, fails, leftOut] = [count('holds'), count('fails'), count('left out')]
  if (output === 'json') {
    session.say(JSON.stringify({ server, holds: fails + leftOut === 0, findings }, undefined, 2))
  }
  const told = `${holds} hold, ${fails} ${fails === 1 ? 'does' : 'do'} not, ${leftOut} ${leftOut === 1 ? 'was' : 'were'} left out`
  if (fails + leftOut > 0) throw new CommandError(`error: ${told}`)
  if (output === undefined) session.say(`All ${holds} hold.`)
}
