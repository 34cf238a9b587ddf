import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const BOOTSTRAP = {
  version: 99,
  asset: 'sst-asset-standin',
  state: 'sst-state-standin',
  assetEcrRegistryId: '123456789012',
  assetEcrUrl: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/sst-asset',
  appsyncHttp: 'h',
  appsyncRealtime: 'r',
}

/** Stands in for SSM and S3, as far as the SST CLI asks them: a store of parameters and one of objects. */
export async function startFakeAws(): Promise<{
  readonly url: string
  readonly close: () => void
}> {
  const parameters = new Map<string, string>([['/sst/bootstrap', JSON.stringify(BOOTSTRAP)]])
  const objects = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const target = request.headers['x-amz-target']
      if (target !== undefined) {
        const { Name, Value } = JSON.parse(body.toString()) as { Name: string; Value: string }
        const value = parameters.get(Name)
        if (target === 'AmazonSSM.PutParameter') {
          parameters.set(Name, Value)
          json(response, 200, { Version: 1 })
        } else if (target === 'AmazonSSM.GetParameter' && value !== undefined) {
          json(response, 200, { Parameter: { Name, Value: value } })
        } else {
          json(response, 400, {
            __type: value === undefined ? 'ParameterNotFound' : 'UnknownOperation',
          })
        }
        return
      }
      const key = request.url!.split('?')[0]!
      const object = objects.get(key)
      if (request.method === 'PUT') {
        objects.set(key, body)
        response.writeHead(200, { etag: '"standin"' }).end()
      } else if (request.method === 'DELETE') {
        objects.delete(key)
        response.writeHead(204).end()
      } else if (object) {
        response.writeHead(200, { 'content-length': object.length })
        response.end(request.method === 'HEAD' ? undefined : object)
      } else {
        response.writeHead(404, { 'content-type': 'application/xml' })
        response.end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function json(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(JSON.stringify(content))
}
