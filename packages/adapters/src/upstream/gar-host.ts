/** https://cloud.google.com/artifact-registry/docs/repositories/repo-locations, and Container Registry's names, which it serves. */
const HOST = /^(?:[a-z0-9-]{1,40}-docker\.pkg\.dev|(?:(?:us|eu|asia)\.)?gcr\.io)$/

/** Whether Google's own registry answers there: to no other host may a token of Google's be sent. */
export const isGarHost = (hostname: string): boolean => HOST.test(hostname)
