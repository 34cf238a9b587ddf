/**
 * Kubernetes' own client, old and current, manages projects, roles and tokens. Over TLS, since it sends no credentials without; so on a laptop
 * alone: the emulated cloud has none, and the same requests are asked through its doors in `test/http/apis`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCRAPER } from '../prometheus-scraper.ts'
import { hasTls } from '../start-registry.ts'
import { toolPath } from '../tools/require-tools.ts'
import { openSetting, type OpenSetting } from './open-setting.ts'
import { putIndex } from './put-index.ts'
import { runCommand } from './run-command.ts'

const bindingOf = (user: string, label: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: applied, namespace: default, labels: {step: ${label}}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: registry-editor}
subjects: [{kind: User, name: ${user}, apiGroup: rbac.authorization.k8s.io}]
`

const LIMITS = `apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: default}
spec:
  limits:
    - type: openshift.io/Image
      max: {storage: 1Gi}
    - type: openshift.io/ImageStream
      max: {openshift.io/image-tags: "20", openshift.io/images: "30"}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: default}
spec: {hard: {openshift.io/imagestreams: "10"}}
`

describe.skipIf(!hasTls()).each(['kubectl', 'kubectl-current'] as const)('%s', (tool) => {
  let setting: OpenSetting
  /** Of its version, after `1.` */
  let minor: number
  beforeAll(async () => {
    setting = await openSetting([tool], true)
    const { server, caFile, dir } = setting
    const user = { username: server.user, password: server.password }
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 's', cluster: { server: server.url, 'certificate-authority': caFile } }],
      users: [{ name: 'a', user }],
      contexts: [{ name: 'c', context: { cluster: 's', user: 'a', namespace: 'default' } }],
      'current-context': 'c',
    }
    writeFileSync(join(dir, 'config'), JSON.stringify(config))
    const { clientVersion } = JSON.parse(await kubectl(['version', '-o', 'json'])) as {
      clientVersion: { minor: string }
    }
    minor = Number.parseInt(clientVersion.minor, 10)
  })
  afterAll(() => setting?.close())

  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    runCommand(toolPath(tool), args, {
      env: { HOME: setting.dir, KUBECONFIG: join(setting.dir, 'config') },
      ...(input !== undefined && { input }),
    })
  /** Its exit code is 1 for a "no". */
  const may = async (...args: string[]): Promise<boolean> =>
    kubectl(['auth', 'can-i', ...args]).then(
      (answer) => /^yes$/m.test(answer),
      (error: Error) => {
        expect(error.message).toMatch(/ended with 1:[^]*^no$/m)
        return false
      },
    )

  const tokenByRequest = async (): Promise<string> => {
    const path = '/api/v1/namespaces/default/serviceaccounts/ci/token'
    const answer = await kubectl(
      ['create', '--raw', path, '-f', '-'],
      '{"spec":{"expirationSeconds":3600}}',
    )
    return (JSON.parse(answer) as { status: { token: string } }).status.token
  }
  /** Its own credentials win over `--token`: with none in the file the token counts. */
  const fetchWho = async (token: string): Promise<string> => {
    const { server, caFile } = setting
    const answer = await runCommand(
      toolPath(tool),
      [
        'get',
        '--raw',
        '/apis/user.openshift.io/v1/users/~',
        '--token',
        token,
        '-s',
        server.url,
        '--certificate-authority',
        caFile,
      ],
      { env: { HOME: setting.dir, KUBECONFIG: join(setting.dir, 'none') } },
    )
    return (JSON.parse(answer) as { metadata: { name: string } }).metadata.name
  }

  it("shows the registry's parts and its log", async () => {
    const within = ['-n', 'openshift-image-registry']
    const [head = '', ...rows] = (await kubectl(['get', 'pods', ...within])).trimEnd().split('\n')
    expect(head).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/)
    expect(rows.find((row) => row.startsWith('image-registry-server '))).toMatch(
      / +1\/1 +Running +0 +\d+/,
    )
    for (const pod of ['image-registry-server', 'deployments/image-registry']) {
      const lines = await kubectl(['logs', ...within, pod, '--tail=2', '--since=1h'])
      expect([pod, lines]).toEqual([pod, expect.stringMatching(/^(?:time=".*\n){2}$/)])
    }
    const all = await kubectl(['logs', ...within, 'image-registry-server', '--timestamps'])
    expect(all).toMatch(/^\S+Z time="\S+" level=info msg="start registry"/)
    await expect(kubectl(['logs', ...within, 'image-registry-table'])).rejects.toThrow(
      'has no log of its own',
    )
  })

  it('gets what there is, as tables, names, JSON and YAML', async () => {
    expect(await kubectl(['get', 'projects'])).toMatch(
      /^NAME +DISPLAY NAME +STATUS\ndefault +Active\ndocker\.io +Active\n/,
    )
    expect(await kubectl(['get', 'sa', '-o', 'name'])).toBe(
      'serviceaccount/builder\nserviceaccount/default\nserviceaccount/deployer\n',
    )
    expect(await kubectl(['get', 'rolebindings', '-A'])).toMatch(
      /default +system:image-pullers +ClusterRole\/system:image-puller/,
    )
    expect(await kubectl(['get', 'rolebindings', '-o', 'wide'])).toMatch(
      /^NAME.* GROUPS +SERVICEACCOUNTS[^]*^system:image-pullers .* system:serviceaccounts:default/m,
    )
    expect(await kubectl(['get', 'clusterrole', 'system:image-puller', '-o', 'yaml'])).toContain(
      '- imagestreams/layers',
    )
    const one = ['get', 'sa', '--field-selector', 'metadata.name=builder', '-o', 'json']
    expect(JSON.parse(await kubectl(one))).toMatchObject({
      items: [{ kind: 'ServiceAccount', metadata: { name: 'builder' } }],
    })
    await expect(kubectl(['get', 'rolebinding', 'none'])).rejects.toThrow(
      'Error from server (NotFound): rolebindings.rbac.authorization.k8s.io "none" not found',
    )
  })

  it('describes roles, bindings and accounts', async () => {
    expect(await kubectl(['describe', 'rolebinding', 'system:image-pullers'])).toMatch(
      /^Role:\n +Kind: +ClusterRole\n +Name: +system:image-puller\n/m,
    )
    expect(await kubectl(['describe', 'clusterrole', 'registry-monitoring'])).toMatch(
      /^ +registry\.image\.openshift\.io\/metrics +\[\] +\[\] +\[get\]$/m,
    )
    expect(await kubectl(['describe', 'serviceaccount', 'builder'])).toMatch(/^Name: +builder$/m)
  })

  it('asks caches for what they do, and changes the settings of upstreams', async () => {
    const purge = {
      apiVersion: 'sluice.dev/v1',
      kind: 'ImagePurge',
      metadata: { namespace: 'docker.io' },
      spec: { repository: 'library/none', tag: 'v1' },
    }
    await expect(kubectl(['create', '-f', '-'], JSON.stringify(purge))).rejects.toThrow(
      'there is no repository docker.io/library/none',
    )
    expect(await kubectl(['get', 'upstreams'])).toMatch(/^quay\.io +https:\/\/quay\.io +stream /m)
    const patch = ['patch', 'upstream', 'gcr.io', '--type=merge', '-p']
    expect(await kubectl([...patch, '{"spec":{"missPolicy":"wait"}}'])).toContain('patched')
    expect(await kubectl(['get', 'project', 'gcr.io', '-o', 'yaml'])).toContain(
      'sluice.dev/upstream: gcr.io',
    )
  })

  it('creates from YAML, applies and applies again, and deletes', async () => {
    expect(await kubectl(['create', '-f', '-'], SCRAPER)).toBe(
      'clusterrole.rbac.authorization.k8s.io/prometheus-scraper created\n',
    )
    await expect(kubectl(['create', '-f', '-'], SCRAPER)).rejects.toThrow('(AlreadyExists)')
    expect(await kubectl(['apply', '-f', '-'], bindingOf('bob', 'one'))).toContain('created')
    expect(await kubectl(['apply', '-f', '-'], bindingOf('bob', 'one'))).toContain('unchanged')
    expect(await kubectl(['apply', '-f', '-'], bindingOf('carol', 'two'))).toContain('configured')
    expect(await kubectl(['apply', '-f', '-'], bindingOf('carol', 'two'))).toContain('unchanged')
    const shown = await kubectl(['get', 'rolebinding', 'applied', '-o', 'json'])
    expect(JSON.parse(shown)).toMatchObject({
      metadata: { labels: { step: 'two' } },
      subjects: [{ kind: 'User', name: 'carol' }],
    })
    const byLabel = ['get', 'rolebindings', '-o', 'name', '-l']
    const applied = 'rolebinding.rbac.authorization.k8s.io/applied\n'
    expect(await kubectl([...byLabel, 'step=two'])).toBe(applied)
    expect(await kubectl([...byLabel, 'step in (one)'])).toBe('')
    await kubectl(['label', 'rolebinding', 'applied', 'step=three', '--overwrite'])
    expect(await kubectl([...byLabel, 'step=three'])).toBe(applied)
    // It waits until the object is gone.
    expect(await kubectl(['delete', 'rolebinding', 'applied'])).toMatch(/"applied" deleted/)
    expect(await kubectl([...byLabel, 'step'])).toBe('')
    expect(await kubectl(['delete', '-f', '-'], SCRAPER)).toMatch(/"prometheus-scraper" deleted/)
  })

  it('tries changes out, is told of typing errors, and explains', async () => {
    const account = ['create', 'serviceaccount', 'tried', '--dry-run=server', '-o', 'name']
    expect(await kubectl(account)).toBe('serviceaccount/tried\n')
    await expect(kubectl(['get', 'serviceaccount', 'tried'])).rejects.toThrow('(NotFound)')
    const applied = await kubectl(['apply', '--dry-run=server', '-f', '-'], bindingOf('eve', 'one'))
    expect(applied).toContain('created (server dry run)')
    await expect(kubectl(['get', 'rolebinding', 'applied'])).rejects.toThrow('(NotFound)')
    const typo = SCRAPER.replace('verbs:', 'verb:')
    // An old one looks itself, a current one asks the registry.
    await expect(kubectl(['create', '-f', '-'], typo)).rejects.toThrow(/unknown field ".*verb"/)
    await expect(kubectl(['diff', '-f', '-'], SCRAPER)).rejects.toThrow(
      /ended with 1:[^]*^\+ +- get$/m,
    )
    expect(await kubectl(['explain', 'clusterrole.rules'])).toMatch(
      /^ +verbs\s<\[\]string> -required-\n +get, list, create/m,
    )
    for (const kind of ['project', 'imagestream', 'image', 'serviceaccount', 'rolebinding'])
      expect(await kubectl(['explain', kind, '--recursive'])).toMatch(
        /^ +metadata\s<Object>\n +annotations/m,
      )
  })

  it.runIf(tool === 'kubectl-current')('is told who it is', async () => {
    expect(await kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe(
      'kube:admin',
    )
  })

  it('is told that nothing is watched here, and does not wait for it', async () => {
    await expect(kubectl(['get', 'sa', '-w'])).rejects.toThrow('(MethodNotAllowed)')
  })

  it.runIf(tool === 'kubectl-current')('waits for what is removed, by asking', async () => {
    await kubectl(['create', 'serviceaccount', 'leaving'])
    const wait = ['wait', '--for=delete', 'serviceaccount/leaving']
    await expect(kubectl([...wait, '--timeout=1s'])).rejects.toThrow('timed out')
    // Rejects when it is not told in time.
    const waits = kubectl([...wait, '--timeout=60s'])
    await kubectl(['delete', 'serviceaccount', 'leaving'])
    await waits
  })

  it('shows repositories, tags and images, and removes them', async () => {
    const digest = await putIndex(setting, 'default/app', 'v1')
    await putIndex(setting, 'default/app', 'v2')
    await putIndex(setting, 'default/other', 'v1')
    expect(await kubectl(['get', 'imagestreams', '-A'])).toMatch(
      /^NAMESPACE +NAME +IMAGE REPOSITORY +TAGS\ndefault +app +\S+\/default\/app +v1,v2\ndefault +other /,
    )
    expect(await kubectl(['get', 'istag', '--chunk-size=1', '-o', 'name'])).toBe(
      ['app:v1', 'app:v2', 'other:v1']
        .map((name) => `imagestreamtag.image.openshift.io/${name}\n`)
        .join(''),
    )
    expect(await kubectl(['get', 'images', '-o', 'name'])).toBe(
      `image.image.openshift.io/${digest}\n`,
    )
    expect(await kubectl(['describe', 'isimage', `app@${digest}`])).toMatch(
      /^Kind: +ImageStreamImage$/m,
    )
    await kubectl(['delete', 'istag', 'app:v1'])
    const tags = ['get', 'is', 'app', '-o', 'jsonpath={.status.tags[*].tag}']
    expect(await kubectl(tags)).toBe('v2')
    expect(await kubectl(['delete', 'imagestream', 'app'])).toMatch(/"app" deleted/)
    await expect(kubectl(['get', 'is', 'app'])).rejects.toThrow(
      'imagestreams.image.openshift.io "app" not found',
    )
    await kubectl(['delete', 'image', digest])
    expect(await kubectl(['get', 'istag', '-o', 'name'])).toBe('')
  })

  it('sets limits and quotas, and shows what there is of them', async () => {
    expect(await kubectl(['apply', '-f', '-'], LIMITS)).toBe(
      'limitrange/limits created\nresourcequota/quota created\n',
    )
    expect(await kubectl(['apply', '-f', '-'], LIMITS)).toBe(
      'limitrange/limits unchanged\nresourcequota/quota unchanged\n',
    )
    const more = LIMITS.replace('1Gi', '2Gi')
    expect(await kubectl(['apply', '-f', '-'], more)).toMatch(/^limitrange\/limits configured$/m)
    expect(await kubectl(['describe', 'limits'])).toMatch(
      /^openshift\.io\/Image +storage +- +2Gi +- +- +-$/m,
    )
    await putIndex(setting, 'default/counted', 'v1')
    const streams = (await kubectl(['get', 'is', '-o', 'name'])).trim().split('\n').length
    expect(await kubectl(['get', 'quota'])).toContain(`openshift.io/imagestreams: ${streams}/10 `)
    const described = (await kubectl(['describe', 'quota', 'quota'])).replaceAll(/ +/g, ' ')
    expect(described).toContain(`\nopenshift.io/imagestreams ${streams} 10\n`)
    // A number is as good as its text, though kubectl takes them for different.
    await kubectl(['apply', '-f', '-'], LIMITS.replace('"30"', '30'))
    await kubectl(['create', 'quota', 'made', '--hard=openshift.io/imagestreams=1k'])
    const hard = ['get', 'quota', 'made', '-o', 'jsonpath={.spec.hard}']
    expect(await kubectl(hard)).toContain('"1k"')
    await kubectl(['delete', 'quota,limits', '--all'])
    expect(await kubectl(['get', 'quota,limits', '-o', 'name'])).toBe('')
  })

  it('binds roles, and asks who may do what', async () => {
    expect(await may('get', 'projects')).toBe(true)
    expect(await may('create', 'rolebindings', '--as', 'alice')).toBe(false)
    await kubectl([
      'create',
      'rolebinding',
      'alice',
      '--clusterrole=registry-admin',
      '--user=alice',
    ])
    expect(await may('create', 'rolebindings', '--as', 'alice')).toBe(true)
    expect(await may('create', 'clusterrolebindings', '--as', 'alice')).toBe(false)
    expect(await kubectl(['auth', 'can-i', '--list', '--as', 'alice'])).toMatch(
      /imagestreams\/layers|imagestreams.*layers/,
    )
    const more = [
      'create',
      'clusterrolebinding',
      'x',
      '--clusterrole=cluster-admin',
      '--user=alice',
      '--as',
      'alice',
    ]
    await expect(kubectl(more)).rejects.toThrow(/forbidden/i)
  })

  it('makes accounts, and from 1.24 on tokens that are logins', async () => {
    await kubectl(['create', 'serviceaccount', 'ci'])
    const token =
      minor >= 24
        ? (await kubectl(['create', 'token', 'ci', '--duration', '1h'])).trim()
        : await tokenByRequest()
    const who = await fetchWho(token)
    expect(who).toBe('system:serviceaccount:default:ci')
  })
})
