/** Headers of an answer, their names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** What stood in several lines comes as one list (RFC 9110 section 5.3). */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(', ')
}
