import { ECRClient } from '@aws-sdk/client-ecr'
import { fetchEcrLogin } from '@sluice/adapters/aws/fetch-ecr-login'
import { expect, it } from 'vitest'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'

const clientAt = (endpoint: string): ECRClient =>
  new ECRClient({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 })

it("fetches the account's login to ECR", async () => {
  const login = await fetchEcrLogin(clientAt(engineUrls().moto))
  const [user, password] = Buffer.from(login.authorizationToken, 'base64').toString().split(':')
  expect(user).toBe('AWS')
  expect(password).not.toBe('')
  // The stand-in may say a date of its own.
  expect(Number.isSafeInteger(login.expiresAt)).toBe(true)
})

it('throws when AWS cannot be asked', async () => {
  await expect(fetchEcrLogin(clientAt('http://127.0.0.1:1'))).rejects.toThrow(Error)
})
