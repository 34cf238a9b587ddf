/** What a client that is given to `DynamoDbTable` should be made with, beside region and credentials. */
export const dynamodbClientSettings = () => ({
  /** The table repeats for itself: it knows which refusals pass, and two such loops would multiply each other. */
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 1000,
    /**
     * Milliseconds for a whole exchange; a transaction of 4 MB takes a few hundred. Without the flag the SDK only warns.
     * Connections are kept alive by default; one that died while a function was frozen is found out by its reset.
     */
    requestTimeout: 3000,
    throwOnRequestTimeout: true,
  },
})
