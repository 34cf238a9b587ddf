/** What is deployed: files that stand alone, and do nothing before they are asked. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseMeteredLine } from '@sluice/adapters/metrics/metered-line'
import { defaultProvider } from '@sluice/functions/environment-credentials'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleFunction, type FunctionBundle } from '../gateway/bundle-function.ts'
import { startScriptedUpstream } from '../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../upstream/upstream-content.ts'

const DIALING = join(import.meta.dirname, 'dialing-function.ts')
const API = join(import.meta.dirname, '../../packages/functions/src/api.ts')

/** A loaded function in a process of its own, with this environment and no other. */
function run(file: string, more = '', env = {}): Promise<{ stdout: string; stderr: string }> {
  const script = `const { handler } = await import(${JSON.stringify(file)}); ${more}`
  const args = ['--input-type=module', '-e', script]
  return promisify(execFile)(process.execPath, args, { env, timeout: 20_000 })
}

/** The same; answers what it writes. */
const load = async (file: string, more = '', env = {}): Promise<string> =>
  (await run(file, more, env)).stdout

describe('the bundle of the api function', () => {
  let bundle: FunctionBundle
  let text: string
  beforeAll(async () => {
    bundle = await bundleFunction(API)
    const files = [...bundle.loadedAtStart].map((name) => join(dirname(bundle.file), name))
    text = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
  })
  afterAll(() => bundle.remove())

  it('is small, and without the credentials of what is no function', () => {
    expect(bundle.atStart).toBeLessThan(815_000)
    expect(text.includes('AWS_ACCESS_KEY_ID')).toBe(true)
    expect(text.includes('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI')).toBe(false)
  })

  it('leaves for later what only reading through, traces and reading logs need', async () => {
    const folder = dirname(bundle.file)
    const late = (await readdir(folder)).filter((name) => !bundle.loadedAtStart.has(name))
    const texts = await Promise.all(late.map((name) => readFile(join(folder, name), 'utf8')))
    // Of undici's errors, the list that tldts has, SQS, where OpenTelemetry sends to, CloudWatch Logs.
    const marks = [
      'UND_ERR_HEADERS_TIMEOUT',
      'kawasaki',
      'SendMessage',
      'v1/traces',
      'FilterLogEvents',
    ]
    for (const mark of marks) {
      expect([mark, texts.some((one) => one.includes(mark))]).toEqual([mark, true])
      expect([mark, text.includes(mark)]).toEqual([mark, false])
    }
    const bytes = texts.reduce((sum, one) => sum + Buffer.byteLength(one), 0)
    expect(bytes).toBeLessThan(1_400_000)
  })

  it('loads where nothing else is, opens nothing and holds nothing open', async () => {
    expect(await load(bundle.file, 'console.log(typeof handler)')).toBe('function\n')
  })

  it('answers without loading what fetch needs', async () => {
    const asked = { version: '2.0', rawPath: '/v2/', rawQueryString: '', headers: {} }
    const event = { ...asked, requestContext: { http: { method: 'GET', sourceIp: '192.0.2.1' } } }
    const env = {
      SLUICE_TABLE: 'table',
      SLUICE_BUCKET: 'bucket',
      SLUICE_KEYS_PARAMETER: '/keys',
      SLUICE_ADMIN_PASSWORD_PARAMETER: '/password',
      SLUICE_PUBLIC_URL: 'http://registry.example',
      AWS_REGION: 'us-east-1',
    }
    const ask = `const { statusCode, headers } = await handler(${JSON.stringify(event)})
      const loaded = () => process.moduleLoadList.filter((name) => name.includes('undici')).length
      console.log(JSON.stringify({ statusCode, headers, before: loaded(), after: new Request('http://h') && loaded() }))`
    const [metered = '', answered = ''] = (await load(bundle.file, ask, env)).split('\n')
    expect(parseMeteredLine(metered)).toMatchObject({ sequence: 1 })
    const written = JSON.parse(answered) as Record<string, unknown>
    expect(written).toMatchObject({
      statusCode: 401,
      headers: { 'www-authenticate': expect.stringContaining('http://registry.example/token') },
      before: 0,
    })
    expect(written['after']).toBeGreaterThan(0)
  })

  it('answers an environment that is wrong with 500, and says in its log what is', async () => {
    const event = {
      version: '2.0',
      rawPath: '/v2/',
      rawQueryString: '',
      headers: {},
      requestContext: { http: { method: 'GET', sourceIp: '192.0.2.1' } },
    }
    const ask = `console.log((await handler(${JSON.stringify(event)})).statusCode)`
    const { stdout, stderr: line } = await run(bundle.file, ask, {
      SLUICE_BUCKET: 'bucket-of-mine',
    })
    expect(stdout).toMatch(/^\{.*"ServerErrors":1.*\}\n500\n$/)
    expect(JSON.parse(line)).toMatchObject({
      error: expect.stringContaining('SLUICE_TABLE is missing') as unknown,
    })
    expect(line).not.toContain('bucket-of-mine')
  })
})

describe('a function that dials upstreams', () => {
  it('loads what it needs for that when it first dials', async () => {
    const scripted = await startScriptedUpstream()
    await putImage(scripted.content, 'team/app', 'v1', makeImage([]))
    const bundle = await bundleFunction(DIALING)
    expect(bundle.atStart).toBeLessThan(60_000)
    expect(await readFile(bundle.file, 'utf8')).not.toContain('UND_ERR_CONNECT_TIMEOUT')
    const ask = `console.log(JSON.stringify(await handler({ url: '${scripted.url}' })))`
    expect(JSON.parse(await load(bundle.file, ask))).toEqual(['v1'])
    await bundle.remove()
    await scripted.close()
  })
})

describe("a function's credentials", () => {
  it('are those of its environment', async () => {
    const { env } = process
    const provide = defaultProvider()
    try {
      process.env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' }
      expect(await provide()).toEqual({ accessKeyId: 'id', secretAccessKey: 'key' })
      process.env = { ...process.env, AWS_SESSION_TOKEN: 'token' }
      expect(await provide()).toMatchObject({ sessionToken: 'token' })
      process.env = {}
      await expect(provide()).rejects.toThrow('has no AWS_ACCESS_KEY_ID')
    } finally {
      process.env = env
    }
  })
})
