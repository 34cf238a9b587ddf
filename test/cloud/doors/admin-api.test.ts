/** What every door promises of the admin API (`test/http/apis`), over DynamoDB and S3. */
await import('../../http/apis/administrator.test.ts')
await import('../../http/apis/discovery.test.ts')
await import('../../http/apis/objects.test.ts')
await import('../../http/apis/request-bodies.test.ts')
await import('../../http/apis/service-accounts.test.ts')
await import('../../http/apis/rights.test.ts')
await import('../../http/apis/image-streams.test.ts')
await import('../../http/apis/limits.test.ts')
