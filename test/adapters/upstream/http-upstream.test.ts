/** The adapter against a registry that behaves, in every way that registries behave. */
import { describeUpstream } from '../../upstream/describe-upstream.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const WAYS: Readonly<Record<string, (upstream: ScriptedUpstream) => void>> = {
  'a registry that anybody may pull from': () => undefined,
  'a registry with a token service': (upstream) => {
    upstream.login = { kind: 'token' }
  },
  'a registry with a token service that wants a login': (upstream) => {
    upstream.login = { kind: 'token', user: 'robot', password: 'pass:word' }
  },
  'a registry with a token service that knows OAuth2 alone': (upstream) => {
    upstream.login = { kind: 'token', user: 'robot', password: 'pass:word', byPost: true }
  },
  'a registry with Basic': (upstream) => {
    upstream.login = { kind: 'basic', user: 'robot', password: 'pass:word' }
  },
  'a registry that redirects blobs': (upstream) => {
    upstream.login = { kind: 'token' }
    upstream.redirectsBlobs = true
  },
  'a registry without ranges': (upstream) => {
    upstream.fail('blob-get', { kind: 'no-ranges' })
  },
  'a registry whose HEAD says nothing': (upstream) => {
    const headers = { 'content-length': undefined, 'docker-content-digest': undefined }
    upstream.fail('manifest-head', { kind: 'headers', headers })
    upstream.fail('blob-head', { kind: 'headers', headers })
  },
  'a registry of small pages, without the API of referrers': (upstream) => {
    upstream.tagsPerPage = 7
    upstream.hasReferrers = false
  },
}

for (const [name, behave] of Object.entries(WAYS)) {
  describeUpstream(name, async () => {
    const scripted = await startScriptedUpstream()
    behave(scripted)
    const { dialer, secrets } = openDialer()
    secrets.set('login', 'robot:pass:word\n')
    const credentials = { type: 'basic', secretName: 'login' } as const
    const settings = upstreamSettings(scripted.url, { credentials })
    const upstream = dialer.dial('scripted', settings)
    return { upstream, content: scripted.content, close: () => scripted.close() }
  })
}
