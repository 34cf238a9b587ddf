/** Upstreams as objects of the API, with those that everybody pulls from. */
import { BOOTSTRAPPING } from '../rbac/default-cluster-roles.ts'
import type { StoredObject } from '../stored-object.ts'
import { UPSTREAM_PRESETS } from '../upstream/upstream-presets.ts'
import { upstreamProblems } from '../upstream/upstream-problems.ts'
import type { UpstreamSettings } from '../upstream/upstream-settings.ts'
import type { ObjectKind } from './object-kind.ts'

export const SLUICE_GROUP = 'sluice.dev'

const presets: readonly StoredObject<UpstreamSettings>[] = Object.entries(UPSTREAM_PRESETS).map(
  ([name, content]) => ({
    meta: {
      name,
      uid: `default:${name}`,
      resourceVersion: '1',
      createdAt: 0,
      labels: BOOTSTRAPPING,
      annotations: {},
    },
    content,
  }),
)

export const upstreamKind: ObjectKind<UpstreamSettings> = {
  kind: 'Upstream',
  resource: 'upstreams',
  group: SLUICE_GROUP,
  defaults: presets,
  problems: ({ name, content }) => upstreamProblems(name, content),
}
