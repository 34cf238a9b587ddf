import type { AppContext } from '../app-environment.ts'
import { answerJson } from './answer-json.ts'
import { openApi2 } from './openapi.ts'
import { openApi2Protobuf } from './openapi-protobuf.ts'
import type { Resource } from './resource.ts'

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/** The whole document, in protobuf for whoever asks for that. */
export function answerOpenApi2(c: AppContext, resources: readonly Resource[]): Response {
  if (!(c.req.header('accept') ?? '').includes('protobuf'))
    return answerJson(c, 200, openApi2(resources))
  const document = openApi2Protobuf(resources)
  const headers = { 'content-type': PROTOBUF, 'content-length': String(document.byteLength) }
  return new Response(c.req.method === 'HEAD' ? null : new Uint8Array(document), { headers })
}
