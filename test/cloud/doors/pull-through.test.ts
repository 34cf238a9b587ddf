/** What every door promises of projects that cache an upstream (`test/http/pull-through`), over DynamoDB and S3. */
await import('../../http/pull-through/blobs.test.ts')
await import('../../http/pull-through/cached-images.test.ts')
await import('../../http/pull-through/evictions.test.ts')
await import('../../http/pull-through/image-streams.test.ts')
await import('../../http/pull-through/imports.test.ts')
await import('../../http/pull-through/lists.test.ts')
await import('../../http/pull-through/manifests.test.ts')
await import('../../http/pull-through/projects.test.ts')
