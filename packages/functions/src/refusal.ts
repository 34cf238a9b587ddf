/** What the door itself refuses, in the form of the app's own refusals. */
import { RegistryError, type ErrorCode } from '@sluice/core/errors'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

export function refusal(
  statusCode: number,
  refused: ErrorCode,
  reason: string,
): APIGatewayProxyStructuredResultV2 {
  const { code, message, details } = new RegistryError(refused, reason)
  const errors = details.map((detail) => ({ code, message, detail }))
  return {
    statusCode,
    headers: {
      'content-type': 'application/json',
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
    },
    body: JSON.stringify({ errors }),
    isBase64Encoded: false,
  }
}
