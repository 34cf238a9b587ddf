/** `sluice new-project`, `projects`, `project`: which there are, and in which one works. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { listAll } from '../list-pages.ts'
import { nameOf, type Session } from '../session.ts'

const PROJECTS = '/apis/project.openshift.io/v1/projects'

interface NewProject {
  readonly displayName?: string
  readonly description?: string
}

export function addProjects(program: Command, session: Session): void {
  program
    .command('new-project <name>')
    .description('Ask for a project, which is then yours')
    .option('--display-name <text>')
    .option('--description <text>')
    .action(async (name: string, { displayName, description }: NewProject) => {
      const request = {
        apiVersion: 'project.openshift.io/v1',
        kind: 'ProjectRequest',
        metadata: { name },
      }
      const more = { ...(displayName && { displayName }), ...(description && { description }) }
      await session
        .client()
        .object('POST', '/apis/project.openshift.io/v1/projectrequests', { ...request, ...more })
      session.resume({ ...session.login, project: name })
      session.say(`Now using project "${name}" on server "${session.login.server}".`)
    })
  program
    .command('projects')
    .description('Show the projects that you may see')
    .option('-q, --short', 'names alone')
    .action(async ({ short }: { readonly short?: boolean }) => {
      const names = (await listAll(session.client(), PROJECTS)).map(nameOf)
      const { project, server } = session.login
      if (short) session.write(names.map((name) => `${name}\n`).join(''))
      else if (names.length === 0)
        session.say(
          "You are not a member of any projects. You can request a project to be created with the 'new-project' command.",
        )
      else {
        session.say(
          "You have access to the following projects and can switch between them with ' project <projectname>':\n",
        )
        for (const name of names) session.say(`${name === project ? '  * ' : '    '}${name}`)
        session.say(`\nUsing project "${project}" on server "${server}".`)
      }
    })
  program
    .command('project [name]')
    .description('Show the project that you work in, or work in another')
    .action(async (name: string | undefined) => {
      const { project, server } = session.login
      if (name === undefined) {
        session.say(`Using project "${project}" on server "${server}".`)
        return
      }
      const found = await session
        .client()
        .object('GET', `${PROJECTS}/${encodeURIComponent(name)}`)
        .catch(() => undefined)
      if (!found) {
        const mine = (await listAll(session.client(), PROJECTS)).map(nameOf)
        const list = mine.map((one) => `\n* ${one}`).join('')
        throw new CommandError(
          `error: You are not a member of project "${name}".${list && `\nYour projects are:${list}`}`,
        )
      }
      session.resume({ ...session.login, project: name })
      session.say(
        name === project
          ? `Already on project "${name}" on server "${server}".`
          : `Now using project "${name}" on server "${server}".`,
      )
    })
}

/** What a login ends with. */
export function projectsText(names: readonly string[], current: string): string {
  if (names.length === 0) {
    return "You don't have any projects. You can try to create a new project, by running\n\n    sluice new-project <projectname>\n"
  }
  if (names.length === 1)
    return `You have one project on this server: "${names[0]}"\n\nUsing project "${current}".`
  const list = names.map((name) => `${name === current ? '  * ' : '    '}${name}`).join('\n')
  const how =
    "the following projects and can switch between them with 'sluice project <projectname>'"
  return `You have access to ${how}:\n\n${list}\n\nUsing project "${current}".`
}
