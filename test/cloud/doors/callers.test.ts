/** What every door promises to whoever calls (`test/http`), over DynamoDB and S3. */
await import('../../http/base.test.ts')
await import('../../http/token.test.ts')
await import('../../http/identity-tokens.test.ts')
await import('../../http/own-tokens.test.ts')
await import('../../http/rights-age.test.ts')
await import('../../http/openshift.test.ts')
await import('../../http/errors.test.ts')
await import('../../http/attack-content.test.ts')
