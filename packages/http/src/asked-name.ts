/**
 * Which repository a reader means: by its name here; by an upstream's name in `?ns=` (containerd's hosts.toml), which is
 * answered in `OCI-Namespace`; or by an upstream's own name at the root (docker's `registry-mirrors`).
 */
import type { Caches } from '@sluice/core/services/caches'
import type { AppContext, Parts } from './app-environment.ts'
import { bearerToken } from './bearer-token.ts'
import type { RouteName, Target } from './route-table.ts'
import { whenKnown } from './when-known.ts'

const READ: ReadonlySet<RouteName> = new Set(['manifests', 'blobs', 'tags', 'referrers'])

/** The registry's own name may come as a namespace too: containerd adds it wherever it is configured. */
const isOwn = (ns: string, c: AppContext, { publicUrl }: Parts): boolean =>
  ns === c.req.header('host') || (publicUrl !== undefined && ns === new URL(publicUrl).host)

/** Who asked for a token to push to a project that does not exist shall hear that, and nothing of an upstream. */
async function isPusher(c: AppContext, { tokens }: Parts, name: string): Promise<boolean> {
  const token = bearerToken(c.req.header('authorization'))
  const content = token === undefined ? undefined : await tokens.verify(token)
  return content?.access.some((access) => access.name === name) ?? false
}

interface AskedName {
  readonly name: string
  readonly namespace?: string
}

export function askedName(
  c: AppContext,
  parts: Parts,
  caches: Caches,
  asked: { readonly route: RouteName } & Target,
): AskedName | Promise<AskedName> {
  const { method } = c.req
  if ((method !== 'GET' && method !== 'HEAD') || !READ.has(asked.route)) return asked
  const { name } = asked
  const namespace = c.req.query('ns')
  if (namespace === undefined || isOwn(namespace, c, parts)) {
    return whenKnown(caches.atRoot(name), (atRoot) =>
      atRoot === name ? asked : atRootUnlessPushed(c, parts, name, atRoot),
    )
  }
  return caches.inNamespace(namespace, name).then((within) => ({ name: within, namespace }))
}

async function atRootUnlessPushed(
  c: AppContext,
  parts: Parts,
  name: string,
  atRoot: string,
): Promise<AskedName> {
  return { name: (await isPusher(c, parts, name)) ? name : atRoot }
}
