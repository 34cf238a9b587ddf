/** What a login by an identity provider's token costs: the token endpoint, with the issuer's keys known. */
import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportJWK } from 'jose'
import {
  AUDIENCE,
  newPair,
  startIssuer,
  type IssuerUnderTest,
} from '../identity/issuer-under-test.ts'
import { median } from './median.ts'
import { PASSWORD, sluicePeer } from './peers/sluice-peer.ts'
import { figure, type Table } from './report.ts'
import type { Bench } from './start-peers.ts'
import { wrk, type Load } from './wrk.ts'

const SCOPE = 'scope=repository:default/app:pull'

interface Row {
  readonly name: string
  readonly loads: readonly Load[]
}

export async function tokens({ dir, quick, say }: Bench): Promise<Table[]> {
  const [seconds, rounds] = quick ? [2, 1] : [5, 3]
  const idp = await startIssuer()
  const pair = await newPair('bench')
  idp.publish([pair])
  const configuration = join(dir, 'authentication.json')
  writeFileSync(configuration, JSON.stringify(idp.configuration))
  const peer = await sluicePeer({ SLUICE_AUTHENTICATION_CONFIG: configuration })
  const server = await peer.start(join(dir, 'sluice'))
  try {
    const key = createPrivateKey({ key: await exportJWK(pair.privateKey), format: 'jwk' } as never)
    const url = `${server.url}/token?${SCOPE}`
    await letGroupPull(server.url)
    const known = basic(signed(idp, key, 'known'))
    const rows: Row[] = []
    const firsts: Load[] = []
    for (let round = 0; round < rounds; round++) {
      // More than are asked for, or the last would be answered from memory.
      const count = seconds * 9000
      const script = join(dir, `tokens-${round}.lua`)
      const file = join(dir, `tokens-${round}.txt`)
      const lines = Array.from({ length: count }, (_, at) =>
        basic(signed(idp, key, `${round}-${at}`)),
      )
      writeFileSync(file, lines.join('\n'))
      writeFileSync(script, lua(file))
      await sleep(1000)
      firsts.push(await wrk(url, {}, seconds, script))
      say(`round ${round + 1}: ${figure(firsts.at(-1)?.perSecond ?? 0)} new tokens a second`)
    }
    rows.push({ name: 'every token for the first time (RS256, 2048 bits)', loads: firsts })
    const seen: Load[] = []
    while (seen.length < rounds) seen.push(await wrk(url, { Authorization: known }, seconds))
    rows.push({ name: 'a token that was seen before', loads: seen })
    return [table(rows, seconds, rounds)]
  } finally {
    await server.stop()
    await idp.close()
  }
}

const basic = (token: string, user = 'user'): string =>
  `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function letGroupPull(url: string): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings'
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: {
      Authorization: basic(PASSWORD, 'kubeadmin'),
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({
      metadata: { name: 'dev' },
      roleRef: { kind: 'ClusterRole', name: 'registry-viewer' },
      subjects: [{ kind: 'Group', name: 'dev' }],
    }),
  })
  if (answer.status !== 201)
    throw new Error(`the group has no role: ${answer.status} ${await answer.text()}`)
}

/** By Node itself: the issuer's own way takes ten times as long, and is not what is measured. */
function signed({ url }: IssuerUnderTest, key: KeyObject, sub: string): string {
  const at = Math.floor(Date.now() / 1000)
  const claims = { iss: url, aud: AUDIENCE, sub, iat: at, exp: at + 3600, groups: ['dev', 'ops'] }
  const input = `${encode({ alg: 'RS256', kid: 'bench', typ: 'JWT' })}.${encode(claims)}`
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`
}

const lua = (file: string): string => `local lines = {}
for line in io.lines(${JSON.stringify(file)}) do lines[#lines + 1] = line end
local at = 0
request = function()
  at = at + 1
  return wrk.format('GET', nil, { ['Authorization'] = lines[at] })
end
`

const of = (loads: readonly Load[], value: (load: Load) => number): string =>
  figure(median(loads.map(value)))

function table(rows: readonly Row[], seconds: number, rounds: number): Table {
  return {
    title: 'The token endpoint, 32 connections',
    head: ['', 'requests/s', 'p50 ms', 'p99 ms', 'errors'],
    rows: rows.map(({ name, loads }) => [
      name,
      of(loads, ({ perSecond }) => perSecond),
      of(loads, ({ p50 }) => p50),
      of(loads, ({ p99 }) => p99),
      String(loads.reduce((sum, { errors }) => sum + errors, 0)),
    ]),
    notes: [
      `\`wrk -t1 -c32 -d${seconds}s\`, a token for one repository, which a group of the user has a role for; median of ${rounds} runs`,
      'wanted: 4,000 a second of tokens that are seen for the first time',
    ],
  }
}
