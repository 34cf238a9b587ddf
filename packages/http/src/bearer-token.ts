const BEARER = /^bearer +([^ ]+) *$/i

/** The token of an Authorization header with the Bearer scheme (RFC 6750 section 2.1). */
export const bearerToken = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : BEARER.exec(header)?.[1]
