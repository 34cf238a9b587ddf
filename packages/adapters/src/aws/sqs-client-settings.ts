/** What a client of SQS should be made with, beside region and credentials: whoever asks for a blob waits for it. */
export const sqsClientSettings = () => ({
  maxAttempts: 4,
  requestHandler: {
    /** Milliseconds, both. Without the flag the SDK only warns. */
    connectionTimeout: 1000,
    requestTimeout: 3000,
    throwOnRequestTimeout: true,
  },
})
