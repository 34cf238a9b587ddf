/** Who may push, and who may make a repository by pushing. */
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ProjectName } from '@sluice/core/repository-name'
import { expect, it } from 'vitest'
import { json, type Answer } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import type { DoorUnderTest } from './door-under-test.ts'
import { manifestBytes, plain, pushBlob, pushImage } from './push.ts'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { expectRefusal } from './refusal.ts'

const ADMINISTRATOR: Identity = { user: 'kube:admin', groups: ['system:cluster-admins'] }
const PROJECT = 'default' as ProjectName

/** Puts an image by tag as a user of his own who has the role there. */
async function pushAs(door: DoorUnderTest, role: string, repository: string): Promise<Answer> {
  const user = `user of ${role}`
  const { roleBindings, rights } = door.registry
  if (!(await roleBindings.get(PROJECT, role))) {
    await roleBindings.create(ADMINISTRATOR, PROJECT, {
      name: role,
      content: {
        roleRef: { kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'User', name: user }],
      },
    })
  }
  const identity = { user, groups: ['system:authenticated'] }
  const asked = [{ type: 'repository', name: repository, actions: ['pull', 'push'] }] as const
  const access = await rights.grant(identity, asked)
  const { token } = await door.served.parts.tokens.issue({ identity, access })
  const layer = plain(await pushBlob(door, repository))
  return door.ask({
    method: 'PUT',
    path: `/v2/${repository}/manifests/v1`,
    body: manifestBytes({ mediaType: OCI_MANIFEST, config: layer, layers: [layer] }),
    headers: { 'Content-Type': OCI_MANIFEST },
    as: { authorization: `Bearer ${token}` },
  })
}

describeDoors('a push to a repository that does not exist', (door) => {
  it.each(['system:image-builder', 'registry-editor', 'registry-admin', 'edit', 'admin'])(
    'makes it for whoever has the role %s',
    async (role) => {
      const answer = await pushAs(door, role, `default/new-by-${role.replace(':', '-')}`)
      expect(answer.status).toBe(201)
    },
  )

  it('is refused to a pusher, who may push to it once it exists', async () => {
    const refused = await pushAs(door, 'system:image-pusher', 'default/new')
    expectRefusal(refused, 403, 'DENIED')
    expect(json(refused)).toMatchObject({
      errors: [{ message: 'requested access to the resource is denied' }],
    })
    expect((await door.get('/v2/default/new/tags/list')).status).toBe(404)
    await pushImage(door, 'default/new')
    expect((await pushAs(door, 'system:image-pusher', 'default/new')).status).toBe(201)
  })

  it('is nothing that a viewer comes to', async () => {
    expect((await pushAs(door, 'registry-viewer', 'default/new')).status).toBe(401)
  })
})
