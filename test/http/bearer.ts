import { json, type Answer } from './answer.ts'
import type { DoorUnderTest } from './door-under-test.ts'

export interface TokenAnswer {
  readonly token: string
  readonly access_token: string
  readonly expires_in: number
}

export const tokenOf = (answer: Answer): TokenAnswer => json(answer) as TokenAnswer

/** What a client does with a challenge: a token for these scopes, as the value of Authorization. */
export async function bearer(
  door: DoorUnderTest,
  scopes: readonly string[],
  as: 'admin' | 'nobody' = 'admin',
): Promise<{ readonly authorization: string }> {
  const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join('&')
  const { token } = tokenOf(await door.ask({ path: `/token?service=sluice&${query}`, as }))
  return { authorization: `Bearer ${token}` }
}
