/** What every door promises of pulls and lists (`test/http`), over DynamoDB and S3. */
await import('../../http/blobs.test.ts')
await import('../../http/manifests.test.ts')
await import('../../http/referrers.test.ts')
await import('../../http/tags.test.ts')
await import('../../http/catalog.test.ts')
