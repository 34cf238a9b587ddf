/** What every door promises to whoever keeps a cache (`test/http/pull-through`), over DynamoDB and S3. */
await import('../../http/pull-through/cached-images.test.ts')
await import('../../http/pull-through/refreshes.test.ts')
await import('../../http/pull-through/prefetches.test.ts')
await import('../../http/pull-through/lists.test.ts')
await import('../../http/pull-through/image-streams.test.ts')
await import('../../http/pull-through/projects.test.ts')
await import('../../http/pull-through/loops.test.ts')
