/** What a server's log tells that its answers do not. */
export interface Swept {
  links: number
  blobs: number
  objects: number
  uploads: number
}

export function readServerLog(log: string): { readonly swept: Swept; readonly errors: string[] } {
  const swept: Swept = { links: 0, blobs: 0, objects: 0, uploads: 0 }
  const errors: string[] = []
  for (const line of log.split('\n')) {
    const entry = parse(line)
    const wrong = entry?.['level'] === 'error' || entry?.['level'] === 'warning'
    if (wrong && !isRefusal(entry)) errors.push(line)
    // Whatever is no entry of the log and looks like a stack.
    if (!entry && /^\s+at |Error/.test(line)) errors.push(line)
    if (entry?.['msg'] !== 'swept') continue
    for (const kind of Object.keys(swept) as (keyof Swept)[]) swept[kind] += Number(entry[kind])
  }
  return { swept, errors }
}

/** What a client asked in vain is no fault of the server's. */
const isRefusal = ({ msg, 'http.response.status': status }: Record<string, unknown>): boolean =>
  String(msg).startsWith('error authorizing context') ||
  (msg === 'response completed with error' && Number(status) < 500)

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
