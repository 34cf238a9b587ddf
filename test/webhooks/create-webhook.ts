import { expect } from 'vitest'

/** Makes a webhook of a running registry, whose doors know of it within ten seconds. */
export async function createWebhook(
  url: string,
  authorization: string,
  name: string,
  receiver: string,
  more: object = {},
): Promise<void> {
  const answer = await fetch(`${url}/apis/sluice.dev/v1/webhooks`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'sluice.dev/v1',
      kind: 'Webhook',
      metadata: { name },
      spec: { url: receiver, insecure: true, privateAddresses: true, ...more },
    }),
  })
  expect([answer.status, await answer.text()]).toEqual([201, expect.anything()])
}
