/** What every door says of how the registry is (`test/http`), over DynamoDB and S3. */
await import('../../http/health.test.ts')
