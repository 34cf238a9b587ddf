/** How much work the last request of an upload is, in bytes that are read. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { digestOf } from '@sluice/core/digest'
import { describeDoors } from './describe-doors.ts'

const BYTES = randomBytes(3_000_000)

describeDoors('end-6, the end of an upload', (door) => {
  async function read(query: string, algorithm: 'sha256' | 'sha512', chunks = 3): Promise<number> {
    const location =
      (await door.post(`/v2/default/app/blobs/uploads/${query}`)).headers.location ?? ''
    for (let at = 0; at < chunks; at++) {
      const chunk = BYTES.subarray(
        (at * BYTES.byteLength) / chunks,
        ((at + 1) * BYTES.byteLength) / chunks,
      )
      expect((await door.patch(location, chunk)).status).toBe(202)
    }
    door.served.store.bytesRead = 0
    const answer = await door.put(`${location}?digest=${digestOf(algorithm, BYTES)}`)
    expect(answer.status).toBe(201)
    return door.served.store.bytesRead
  }

  it('end-6 reads nothing for a final PUT without a body', async () => {
    expect(await read('', 'sha256')).toBe(0)
  })

  it('end-6 reads nothing for sha512 either, when the client said so at the start', async () => {
    expect(await read('?digest-algorithm=sha512', 'sha512')).toBe(0)
  })

  it('end-6 reads the upload once for a sha512 that nobody announced', async () => {
    expect(await read('', 'sha512')).toBe(BYTES.byteLength)
    expect(await read('?digest-algorithm=sha512', 'sha256')).toBe(BYTES.byteLength)
  })

  it('end-5 reads nothing again while chunks come', async () => {
    door.served.store.bytesRead = 0
    await read('', 'sha256', 10)
    expect(door.served.store.bytesRead).toBe(0)
  })
})
