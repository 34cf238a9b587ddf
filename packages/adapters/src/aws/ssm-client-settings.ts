/** What a client of the parameter store should be made with, beside region and credentials: a cold start waits for it. */
export const ssmClientSettings = () => ({
  maxAttempts: 4,
  requestHandler: {
    /** Milliseconds, both. Without the flag the SDK only warns. */
    connectionTimeout: 1000,
    requestTimeout: 3000,
    throwOnRequestTimeout: true,
  },
})
