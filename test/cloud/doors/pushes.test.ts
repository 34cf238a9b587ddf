/** What every door promises of pushes (`test/http`), over DynamoDB and S3. */
await import('../../http/uploads.test.ts')
await import('../../http/upload-work.test.ts')
await import('../../http/writers.test.ts')
await import('../../http/manifest-push.test.ts')
await import('../../http/many-layers.test.ts')
await import('../../http/mounts.test.ts')
await import('../../http/limits.test.ts')
