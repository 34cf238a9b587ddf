/** What every door tells of what was done (`test/http`), over DynamoDB and S3. */
await import('../../http/audit.test.ts')
await import('../../http/webhooks.test.ts')
