/** What is shown: get, describe, images, tags, status, projects, and in which form. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { sluiceCommand } from '../openshift/sluice-command.ts'
import { pushImage } from './push-image.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

let world: RegistryOfAlice
const digests: Record<string, string> = {}
beforeAll(async () => {
  world = await startRegistryOfAlice()
  const token = await world.tokenOf('alice')
  for (const tag of ['v1', 'latest'])
    digests[tag] = await pushImage(world.registry.url, token, `hers/app:${tag}`)
  await pushImage(world.registry.url, token, 'hers/tool:v1')
})
afterAll(() => world?.close())
const alice: RegistryOfAlice['alice'] = (args, input) => world.alice(args, input)

/** Which the registry names where its owner has told it how clients reach it. */
const withoutHost = (text: string): string => text.replaceAll(`${world.registry.host}/`, '')

it('describe project, as oc', async () => {
  const text = await alice(['describe', 'project', 'hers'])
  expect(text.replace(/(Created:\t+).*/, '$1now')).toBe(
    `Name:\t\t\thers
Created:\t\tnow
Labels:\t\t\t<none>
Annotations:\t\topenshift.io/description=Of alice
\t\t\topenshift.io/display-name=Hers
\t\t\topenshift.io/requester=alice
Display Name:\t\tHers
Description:\t\tOf alice
Status:\t\t\tActive
Node Selector:\t\t<none>
Quota:\t\t\t<none>
Resource limits:\t<none>
`,
  )
  expect(text).toMatch(
    /Created:\t\t(?:\d+ seconds?|\d+ minutes?|Less than a second|About a minute) ago/,
  )
})

it('describe of roles and bindings, as kubectl', async () => {
  await alice(['policy', 'add-role-to-user', 'system:image-pusher', 'bob', '-z', 'default'])
  expect(await alice(['describe', 'rolebinding', 'system:image-pusher'])).toBe(
    `Name:         system:image-pusher
Labels:       <none>
Annotations:  <none>
Role:
  Kind:  ClusterRole
  Name:  system:image-pusher
Subjects:
  Kind            Name     Namespace
  ----            ----     ---------
  User            bob      ${''}
  ServiceAccount  default  hers
`,
  )
  const role = await world.admin(['describe', 'clusterrole', 'system:image-pusher', 'view'])
  expect(role).toContain(`PolicyRule:
  Resources                               Non-Resource URLs  Resource Names  Verbs
  ---------                               -----------------  --------------  -----
  imagestreams/layers                     []                 []              [get update]
  imagestreams.image.openshift.io/layers  []                 []              [get update]


Name:         view
`)
  // What others give it by aggregation is among its rules.
  expect(role).toMatch(
    /view[^]*\n {2}imagestreams\.image\.openshift\.io\/layers +\[\] +\[\] +\[get\]/,
  )
})

it('describe of an image stream and its tags, as oc', async () => {
  const text = withoutHost(await alice(['describe', 'is/app'])).replaceAll(
    /\S[^\t\n]* ago$/gm,
    'now',
  )
  const each = (tag: string): string =>
    `\n${tag}\n  no spec tag\n\n  * hers/app@${digests[tag]}\n      now\n`
  const head =
    /^Name:\t\t\tapp\nNamespace:\t\thers\nCreated:\t\t.*\nLabels:\t\t\t<none>\nAnnotations:\t\t<none>\n/
  expect(text).toMatch(head)
  expect(text.replace(head, '')).toBe(
    `Image Repository:\thers/app
Image Lookup:\t\tlocal=false
Unique Images:\t\t2
Tags:\t\t\t2
${each('latest')}${each('v1')}`,
  )
  expect(withoutHost(await alice(['describe', 'istag', 'app:v1']))).toContain(
    `Docker Image:\thers/app@${digests['v1']}\n`,
  )
})

it('describe of several, of all, of none', async () => {
  const accounts = await alice(['describe', 'sa'])
  expect(accounts.match(/^Name: .*$/gm)?.map((line) => line.split(/ +/)[1])).toEqual([
    'builder',
    'default',
    'deployer',
  ])
  expect(await alice(['describe', 'ns', 'hers'])).toContain(
    'Status:       Active\n\nNo resource quota.',
  )
  await expect(alice(['describe', 'roles'])).rejects.toThrow(
    'ended with 1:\nNo resources found in hers namespace.',
  )
  await expect(alice(['describe', 'sa', 'nobody'])).rejects.toThrow(
    'Error from server (NotFound): serviceaccounts "nobody" not found',
  )
})

it('images and tags, in every form', async () => {
  expect(withoutHost((await alice(['images'])).replaceAll(/ +/g, ' '))).toBe(
    'NAME IMAGE REPOSITORY TAGS\napp hers/app latest,v1\ntool hers/tool v1\n',
  )
  expect(await alice(['images', '-o', 'name'])).toBe(
    'imagestream.image.openshift.io/app\nimagestream.image.openshift.io/tool\n',
  )
  expect(await alice(['tags'])).toBe('app:latest\napp:v1\ntool:v1\n')
  expect(await alice(['tags', 'tool'])).toBe('tool:v1\n')
  expect(withoutHost(await alice(['tags', 'app', '-o', 'wide']))).toMatch(
    new RegExp(`^NAME +IMAGE REFERENCE +UPDATED\napp:latest +hers/app@${digests['latest']} `),
  )
  expect(JSON.parse(await alice(['tags', 'tool', '-o', 'json']))).toMatchObject({
    kind: 'List',
    items: [{ kind: 'ImageStreamTag', metadata: { name: 'tool:v1' } }],
  })
  expect(await alice(['tags', 'nothing'])).toBe('')
})

it('get as a table, wide, in YAML and JSON, by name, and of all projects', async () => {
  await alice(['policy', 'add-role-to-group', 'view', 'devs'])
  const bindings = ['get', 'rolebindings', 'view', 'admin']
  expect(await alice(bindings)).toMatch(
    /^NAME {4}ROLE {16}AGE\nview {4}ClusterRole\/view {4}\d+\w*\nadmin {3}ClusterRole\/admin {3}\w+\n$/,
  )
  expect(await alice([...bindings, '-o', 'wide'])).toMatch(
    /^NAME +ROLE +AGE +USERS +GROUPS +SERVICEACCOUNTS\nview .* devs\nadmin .* alice\n$/,
  )
  const yaml = await alice(['get', 'rolebinding/view', '-o', 'yaml'])
  expect(yaml).toMatch(
    /^apiVersion: rbac[^]*\n {2}creationTimestamp: "20[^]*\nsubjects:\n- apiGroup: /,
  )
  expect(parse(yaml)).toMatchObject({ kind: 'RoleBinding', metadata: { name: 'view' } })
  expect(JSON.parse(await alice([...bindings, '-o', 'json']))).toMatchObject({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { kind: 'RoleBinding', metadata: { name: 'view' } },
      { kind: 'RoleBinding', metadata: { name: 'admin' } },
    ],
  })
  expect(await alice(['get', 'sa', '-o', 'name'])).toBe(
    'serviceaccount/builder\nserviceaccount/default\nserviceaccount/deployer\n',
  )
  expect(await world.admin(['get', 'sa', '-A'])).toMatch(/^NAMESPACE +NAME[^]*^hers +builder /m)
  expect(await alice(['get', 'sa/default', 'is/app', '-o', 'name'])).toBe(
    'serviceaccount/default\nimagestream.image.openshift.io/app\n',
  )
  expect(withoutHost(await alice(['get', 'is,sa,roles']))).toMatch(
    /^NAME +IMAGE REPOSITORY +TAGS\nimagestream\.image\.openshift\.io\/app +hers\/app +.*\n.*\n\nNAME .*\nserviceaccount\/builder /,
  )
  await expect(alice(['get', 'sa/default', 'builder'])).rejects.toThrow(
    'there is no need to specify a resource type as a separate argument',
  )
  await expect(alice(['get', 'sa', '-o', 'xml'])).rejects.toThrow(
    'allowed formats are: json,yaml,name,wide',
  )
})

it('a list of several pages is shown whole', async () => {
  const kind = { apiVersion: 'v1', kind: 'ServiceAccount' }
  const items = Array.from({ length: 510 }, (_, at) => ({ ...kind, metadata: { name: `a-${at}` } }))
  await world.admin(['new-project', 'many'])
  await world.admin(['create', '-f', '-'], JSON.stringify({ kind: 'List', items }))
  expect((await world.admin(['get', 'sa', '-o', 'name'])).split('\n').length - 1).toBe(513)
  expect((await world.admin(['get', 'sa'])).split('\n').length - 2).toBe(513)
})

it('status says what holds, and what one may not see', async () => {
  const { url } = world.registry
  const head = (user: string): string =>
    `In project hers on server ${url}\n\nThe registry answers, and knows you as ${user}.\n`
  expect(await alice(['status'])).toMatch(
    new RegExp(`^${head('alice')}  2 repositories\n  \\d+ role bindings\n  3 service accounts\n$`),
  )
  const carl = sluiceCommand(world.dir, 'carl')
  await carl(['login', url, '--token', await world.tokenOf('carl')])
  await expect(carl(['status', '-n', 'hers'])).rejects.toThrow(
    'You are not a member of project "hers"',
  )
  await alice(['policy', 'add-role-to-user', 'registry-viewer', 'carl'])
  expect(await carl(['status', '-n', 'hers'])).toBe(
    `${head('carl')}  2 repositories\n  role bindings: you may not see them\n  service accounts: you may not see them\n`,
  )
})

it('projects, and the one to work in', async () => {
  const { url } = world.registry
  await alice(['new-project', 'more'])
  expect(await alice(['projects'])).toBe(
    `You have access to the following projects and can switch between them with ' project <projectname>':\n\n    hers\n  * more\n\nUsing project "more" on server "${url}".\n`,
  )
  expect(await alice(['project', 'hers'])).toBe(`Now using project "hers" on server "${url}".\n`)
  expect(await alice(['project', 'hers'])).toBe(`Already on project "hers" on server "${url}".\n`)
  expect(await alice(['project'])).toBe(`Using project "hers" on server "${url}".\n`)
  await expect(alice(['project', 'many'])).rejects.toThrow(
    'error: You are not a member of project "many".\nYour projects are:\n* hers\n* more',
  )
})

it('whoami and registry info', async () => {
  const { url, host } = world.registry
  expect(await alice(['whoami'])).toBe('alice\n')
  expect(await alice(['whoami', '--show-server'])).toBe(`${url}\n`)
  expect(await alice(['whoami', '-t'])).toMatch(/^ey[\w-]+\.[\w-]+\.[\w-]+\n$/)
  expect(await alice(['registry', 'info', '--check'])).toBe(`${host}\n`)
})

it('what another has written tells a terminal nothing', async () => {
  const name = '\u001b]0;mine\u0007 and\u001b[2K\rgone'
  await alice(['new-project', 'loud', '--display-name', name])
  await alice(['project', 'hers'])
  const shown = '^[]0;mine^G and^[[2K^Mgone'
  expect(await world.admin(['get', 'project', 'loud'])).toContain(` ${shown} `)
  expect(await world.admin(['describe', 'project', 'loud'])).toContain(`\t${shown}\n`)
  const json = JSON.parse(await world.admin(['get', 'project', 'loud', '-o', 'json'])) as {
    metadata: { annotations: Record<string, string> }
  }
  expect(json.metadata.annotations['openshift.io/display-name']).toBe(name)
  const yaml = parse(await world.admin(['get', 'project', 'loud', '-o', 'yaml'])) as typeof json
  expect(yaml.metadata.annotations['openshift.io/display-name']).toBe(name)
})
