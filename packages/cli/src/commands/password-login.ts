/** The bootstrap administrator's token for her password, as OpenShift's challenging client asks for it. */
import { ApiClient, type Server } from '../api-client.ts'
import { CommandError } from '../command-error.ts'

const AUTHORIZE = '/oauth/authorize?client_id=openshift-challenging-client&response_type=token'

/** `isTerminal`: somebody is there to be asked for the password. */
export async function passwordLogin(
  server: Server,
  { username, password: given }: { readonly username?: string; readonly password?: string },
  isTerminal: boolean,
): Promise<string> {
  if (username === undefined || (given === undefined && !isTerminal)) {
    throw new CommandError('error: say both, -u kubeadmin -p <password>')
  }
  const password = given ?? (await askForPassword())
  const credentials = Buffer.from(`${username}:${password}`).toString('base64')
  const client = new ApiClient(server, async () => `Basic ${credentials}`)
  const answer = await client.ask('GET', AUTHORIZE, undefined, { 'X-CSRF-Token': '1' })
  const { location } = answer.headers
  const granted = typeof location === 'string' ? new URL(location).hash.slice(1) : ''
  const token = new URLSearchParams(granted).get('access_token')
  if (token !== null) return token
  throw new CommandError(
    answer.status === 401
      ? 'Login failed (401 Unauthorized)\nVerify you have provided the correct credentials.'
      : `error: the server answers ${answer.status}`,
  )
}

async function askForPassword(): Promise<string> {
  const { default: ask } = await import('@inquirer/password')
  try {
    return await ask({ message: 'Password:' })
  } catch (cause) {
    // Ctrl-C, as the shell has it.
    throw new CommandError('', { exitCode: 130, cause })
  }
}
