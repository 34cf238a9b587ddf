/** What whoever asked should see (RFC 9111 section 5.5, as Kubernetes sends it): code 299, no agent, a quoted text. */

/** Of all of them: Kubernetes sends no more, and heads have an end. */
const MOST_CHARACTERS = 4096

export function warningHeader(warnings: readonly string[]): Readonly<Record<string, string>> {
  let header = ''
  for (const text of warnings) {
    const separator = header === '' ? '' : ', '
    const warning = `${separator}299 - ${JSON.stringify(text.replace(/[^ -~]/gu, '?'))}`
    if (header.length + warning.length > MOST_CHARACTERS) break
    header += warning
  }
  return header === '' ? {} : { Warning: header }
}
