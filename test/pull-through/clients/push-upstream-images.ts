import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeOciLayout } from '../../clients/oci-layout.ts'
import { runCommand } from '../../clients/run-command.ts'
import { toolPath } from '../../tools/require-tools.ts'
import type { ToolName } from '../../tools/tools.ts'

export const PUSHERS: readonly ToolName[] = ['crane', 'skopeo', 'oras']

export const AMD64 = 'linux/amd64'
export const ARM64 = 'linux/arm64'
export const TEXTS = { [AMD64]: 'for one', [ARM64]: 'for another' }
export const SBOM = 'application/vnd.example.sbom'

export interface UpstreamImages {
  /** Of `library/hello:v1`, an OCI index of two platforms, with an SBOM that refers to it and a signature as cosign tags them. */
  readonly index: string
  /** Of `library/schema2:v1`, in Docker's own format. */
  readonly schema2: string
  /** Of `library/plain:v1` and `v2`, one image without an index. */
  readonly plain: string
  /** The signature's, and that of its tag. */
  readonly signature: { readonly tag: string; readonly digest: string }
}

/** Pushes by real clients what they push; `login` is `<user>:<password>`. */
export async function pushUpstreamImages(
  host: string,
  dir: string,
  login?: string,
): Promise<UpstreamImages> {
  mkdirSync(dir)
  const auth = login === undefined ? undefined : Buffer.from(login).toString('base64')
  const logins = auth === undefined ? {} : { [host]: { auth } }
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ auths: logins }))
  const run = (tool: ToolName, args: readonly string[]): Promise<string> =>
    runCommand(toolPath(tool), args, { cwd: dir, env: { HOME: dir, DOCKER_CONFIG: dir } })
  const digestOf = async (image: string): Promise<string> =>
    (await run('crane', ['digest', image])).trim()

  const layouts = { hello: TEXTS, schema2: { [AMD64]: 'schema 2' }, plain: { [AMD64]: 'plain' } }
  for (const [name, texts] of Object.entries(layouts)) writeOciLayout(join(dir, name), name, texts)
  const library = `${host}/library`
  const copy = ['copy', '--dest-tls-verify=false', '--authfile', 'config.json', '--insecure-policy']
  const hello = `${library}/hello:v1`
  await run('skopeo', [...copy, '--all', 'oci:hello:latest', `docker://${hello}`])
  const schema2 = `${library}/schema2:v1`
  await run('skopeo', [...copy, '--format', 'v2s2', 'oci:schema2:latest', `docker://${schema2}`])
  await run('crane', ['push', 'plain', `${library}/plain:v1`])
  await run('crane', ['tag', `${library}/plain:v1`, 'v2'])

  const index = await digestOf(hello)
  writeFileSync(join(dir, 'sbom.json'), '{}')
  const sbom = ['--artifact-type', SBOM, hello, 'sbom.json:application/json']
  await run('oras', ['attach', '--plain-http', ...sbom])
  const tag = `${index.replace(':', '-')}.sig`
  writeFileSync(join(dir, 'payload.json'), JSON.stringify({ critical: { image: index } }))
  const payload = 'payload.json:application/vnd.dev.cosign.simplesigning.v1+json'
  await run('oras', ['push', '--plain-http', `${library}/hello:${tag}`, payload])
  return {
    index,
    schema2: await digestOf(schema2),
    plain: await digestOf(`${library}/plain:v1`),
    signature: { tag, digest: await digestOf(`${library}/hello:${tag}`) },
  }
}
