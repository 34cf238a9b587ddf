/** Which paths of CloudFront go to the upload door. */
export const UPLOAD_PATTERN = '/v2/*/blobs/uploads/*'

/** As CloudFront matches: `*` is any characters, slashes too, and the path is the one that was sent. */
export function matchesPattern(pattern: string, target: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+^${}()|[\]\\?]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(target.split('?', 1)[0] ?? '')
}
