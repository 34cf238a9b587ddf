/** What every door logs of requests (`test/http`), over DynamoDB and S3. */
await import('../../http/request-log.test.ts')
