/** The Lambda door without Lambda: each question becomes an event, and each result an answer, as an HTTP API does it. */
import { createApp } from '@sluice/http/app'
import { accessForms } from '@sluice/http/access-forms'
import { lambdaDoor } from '@sluice/functions/lambda-door'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { gatewayRules } from '../gateway/gateway-rules.ts'
import { askHttpApi, type Outcome } from '../gateway/http-api/http-api.ts'
import type { Question } from './answer.ts'
import { openLogFile } from './log-file.ts'
import type { Passage } from './door-under-test.ts'
import type { ServedRegistry } from './served-registry.ts'

/** What the gateway does to a challenge and to Host has tests of its own; here is the door. */
const RULES = gatewayRules({ wwwAuthenticate: 'kept', forwardsHost: true, forwardedProto: 'http' })

export async function openEventDoor({ parts, failures }: ServedRegistry): Promise<Passage> {
  const logged = openLogFile()
  const handler = lambdaDoor(async () => createApp(parts), {
    originSecret: undefined,
    onFailure: (error) => failures.push(error),
    requests: { log: logged.log, access: accessForms(logged.log) },
  })
  const api = {
    rules: RULES,
    challenge: '',
    // Through JSON, as everything between a gateway and a function.
    invoke: async (event: unknown): Promise<Outcome> => {
      const given = JSON.stringify(event)
      if (Buffer.byteLength(given) > RULES.maxEventBytes) return { kind: 'tooLarge' }
      const result = JSON.stringify(await handler(JSON.parse(given) as APIGatewayProxyEventV2))
      if (Buffer.byteLength(result) > RULES.maxResultBytes) return { kind: 'failed' }
      return { kind: 'result', result: JSON.parse(result) as unknown }
    },
  }
  return {
    ask: async ({ method = 'GET', path, headers = {}, body }) => {
      const named = Object.entries({ Host: 'registry.test', ...headers })
      const request = {
        method,
        target: path,
        headers: Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), [value]])),
        body: await wholeOf(body),
        sourceIp: '192.0.2.1',
      }
      return askHttpApi(request, api)
    },
    logged,
    close: async () => logged.close(),
  }
}

async function wholeOf(body: Question['body']): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body)
  return Buffer.concat(await Array.fromAsync(body))
}
