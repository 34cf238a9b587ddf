/** An address at which a door answers its administrator, and what is asked there. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DoorUnderTest } from '../door-under-test.ts'

export interface Front {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Since the start or `forget`, in order. */
  readonly requests: readonly { readonly asked: string; readonly via: string | undefined }[]
  forget(): void
  close(): Promise<void>
}

export async function frontOf(door: DoorUnderTest): Promise<Front> {
  const requests: { asked: string; via: string | undefined }[] = []
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    const { via } = headers
    requests.push({ asked: `${method} ${path}`, via })
    const { accept = '*/*' } = headers
    const asked = door.ask({ method, path, headers: { accept, ...(via && { via }) } })
    asked.then(
      (answer) => response.writeHead(answer.status, { ...answer.headers }).end(answer.body),
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    forget: () => void requests.splice(0),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
