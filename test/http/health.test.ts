import { StorageError } from '@sluice/core/ports/storage-error'
import { describe, expect, it } from 'vitest'
import { text } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { expectRefusal } from './refusal.ts'

describeDoors('how the registry is', (door) => {
  const ask = async (path: string, method = 'GET') => {
    const answer = await door.ask({ method, path, as: 'nobody' })
    return [answer.status, text(answer)] as const
  }

  /** Asked anew, and not what was known a moment ago. */
  const askLater = (path: string) => {
    door.clock.advance(1001)
    return ask(path)
  }

  it.each(['/', '/healthz'])('is said at %s to anybody, by any method', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST']) expect(await ask(path, method)).toEqual([200, ''])
    const { headers } = await door.ask({ path, as: 'nobody' })
    expect(headers['cache-control']).toBe('no-cache')
    expect(headers['content-length']).toBe('0')
  })

  it('is said at /readyz in the form of Kubernetes', async () => {
    expect(await askLater('/readyz')).toEqual([200, 'ok'])
    expect(await ask('/readyz', 'HEAD')).toEqual([200, ''])
    expect(await ask('/readyz?verbose')).toEqual([
      200,
      '[+]ping ok\n[+]table ok\n[+]blob-store ok\nreadyz check passed\n',
    ])
    expect(await ask('/readyz/table')).toEqual([200, 'ok'])
    expect(await ask('/readyz/table?verbose')).toEqual([200, '[+]table ok\nreadyz check passed\n'])
    const { headers } = await door.ask({ path: '/readyz', as: 'nobody' })
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(headers['cache-control']).toBe('no-cache, no-store')
    expectRefusal(await door.ask({ path: '/readyz/nothing', as: 'nobody' }), 404, 'NOT_FOUND')
  })

  describe('where the blob store fails', () => {
    it('says which check fails, and passes again when it works again', async () => {
      const { store } = door.served
      const list = store.list.bind(store)
      store.list = async () => {
        throw new StorageError('unavailable', 'account 123456789012', new Error('secret'))
      }
      const failing = '[-]blob-store failed: S3 does not answer'
      const told = `[+]ping ok\n[+]table ok\n${failing}\nreadyz check failed\n`
      expect(await askLater('/readyz')).toEqual([503, told])
      expect(await ask('/readyz?verbose')).toEqual([503, told])
      expect(await ask('/readyz/blob-store')).toEqual([503, `${failing}\nreadyz check failed\n`])
      expect(await ask('/readyz/table')).toEqual([200, 'ok'])
      expect(await ask('/readyz?exclude=blob-store')).toEqual([200, 'ok'])
      store.list = list
      expect(await ask('/readyz')).toEqual([503, told])
      expect(await askLater('/readyz')).toEqual([200, 'ok'])
    })
  })
})
