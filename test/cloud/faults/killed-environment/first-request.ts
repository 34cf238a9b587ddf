/** The first request of a registry's life, which makes its keys, its administrator and its first project. */
import { ADMIN_USER } from '@sluice/adapters/identity/admin-identity-provider'
import { contentOf } from '../../../faults/content.ts'
import { json } from '../../../http/answer.ts'
import { basic } from '../../../http/served-registry.ts'
import { BereftClient } from './bereft-client.ts'
import { openKillableCloud, PASSWORD, type KillableCloud } from './killable-cloud.ts'
import type { Kill } from './killing-calls.ts'
import { pullBlob } from './pull-whole.ts'
import { StruckRequests } from './struck-requests.ts'

const LOGIN = 'login'
const REPOSITORY = 'default/first'
const PATH = `/token?scope=repository:${REPOSITORY}:pull,push`

/**
 * Opens a new stage, kills as is told, and logs in again and pushes, each by an environment that has just begun. Answers
 * the calls of the login where it was not killed, and what is wrong.
 */
export async function runFirstRequest(
  file: string,
  kill?: Kill,
): Promise<{ readonly calls: readonly string[]; readonly problems: readonly string[] }> {
  const cloud = await openKillableCloud(file)
  const logins = new StruckRequests(
    cloud,
    async () => basic(ADMIN_USER, PASSWORD),
    kill && { ...kill, step: LOGIN },
  )
  const problems: string[] = []
  try {
    await logInAndPush(cloud, logins)
    problems.push(...(await cloud.leftovers(0)))
  } catch (error) {
    problems.push(String(error))
  } finally {
    await cloud.close()
  }
  const where = kill ? `killed ${kill.moment} call ${kill.nth} of ${kill.name}` : 'not killed'
  return {
    calls: logins.calls.get(LOGIN) ?? [],
    problems: problems.map((problem) => `${problem}; ${where}`),
  }
}

async function logInAndPush(cloud: KillableCloud, logins: StruckRequests): Promise<void> {
  const login = new BereftClient(logins, 'anew')
  const answer = await login.send(LOGIN, { path: PATH }, 200)
  const { token } = json(answer) as { token: string }
  for (const environment of cloud.gateway.environments()) await environment.close()
  const client = new BereftClient(new StruckRequests(cloud, async () => `Bearer ${token}`), 'anew')
  const blob = contentOf('first', 100)
  await client.pushWhole('POST blob', REPOSITORY, blob)
  await pullBlob(client, REPOSITORY, blob)
}
