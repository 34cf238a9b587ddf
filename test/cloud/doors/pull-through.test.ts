/** What every door promises to whoever pulls from a cache (`test/http/pull-through`), over DynamoDB and S3. */
await import('../../http/pull-through/blobs.test.ts')
await import('../../http/pull-through/manifests.test.ts')
await import('../../http/pull-through/imports.test.ts')
await import('../../http/pull-through/evictions.test.ts')
