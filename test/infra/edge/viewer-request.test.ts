import { runInNewContext } from 'node:vm'
import { VIEWER_HEADER } from '@sluice/http/origin-secret'
import { describe, expect, it } from 'vitest'
import { viewerRequestCode } from '../../../infra/edge/viewer-request.ts'

interface Request {
  readonly uri: string
  readonly headers: Record<string, { readonly value: string }>
}

const code = viewerRequestCode({ realm: 'https://registry.sluice.test/token', service: 'sluice' })

/** What the edge makes of a request: another one, or an answer. */
const handled = (ip: string, request: Request): Request & { readonly statusCode?: number } =>
  runInNewContext(`${code}; handler(event)`, { event: { viewer: { ip }, request } }) as Request

describe('the edge', () => {
  it('says whom it sees, whatever the client says', () => {
    const headers = {
      authorization: { value: 'Bearer x' },
      'x-sluice-viewer': { value: '192.0.2.66' },
    }
    const seen = handled('203.0.113.9', { uri: '/v2/team/app/blobs/uploads/', headers })
    expect(seen.headers[VIEWER_HEADER]).toEqual({ value: '203.0.113.9' })
    expect(seen.headers['authorization']).toEqual({ value: 'Bearer x' })
    const token = handled('2001:db8::9', { uri: '/token', headers: {} })
    expect(token.headers[VIEWER_HEADER]).toEqual({ value: '2001:db8::9' })
  })

  it('challenges strangers', () => {
    const { statusCode, headers } = handled('203.0.113.9', { uri: '/v2/', headers: {} })
    expect(statusCode).toBe(401)
    expect(headers['www-authenticate']?.value).toContain('https://registry.sluice.test/token')
  })
})
