/**
 * In which of its formats Prometheus wants an exposition. https://prometheus.io/docs/instrumenting/content_negotiation/
 * Without a wish for OpenMetrics it is the text format, as OpenShift's registry writes it.
 */

export interface ExpositionFormat {
  readonly openMetrics: boolean
  readonly contentType: string
}

/** Names here need none of them; a scraper wants to read which one was meant. */
const ESCAPINGS = new Set(['allow-utf-8', 'underscores', 'dots', 'values'])

const TYPES: readonly { readonly type: string; readonly versions: readonly string[] }[] = [
  { type: 'application/openmetrics-text', versions: ['1.0.0', '0.0.1'] },
  { type: 'text/plain', versions: ['0.0.4', '1.0.0'] },
]

export function expositionFormat(accept: string | undefined): ExpositionFormat {
  const wishes = (accept ?? '')
    .split(',')
    .map(wishOf)
    .toSorted((a, b) => b.quality - a.quality)
  for (const { type, parameters, quality } of wishes) {
    const offered = TYPES.find((one) => one.type === type)
    const version = parameters.get('version') ?? offered?.versions[0]
    if (!(quality > 0) || version === undefined || !offered?.versions.includes(version)) continue
    return formatOf(type, version, parameters.get('escaping'))
  }
  return formatOf('text/plain', '0.0.4', undefined)
}

function formatOf(type: string, version: string, asked: string | undefined): ExpositionFormat {
  const escaping = asked !== undefined && ESCAPINGS.has(asked) ? asked : 'underscores'
  return {
    openMetrics: type !== 'text/plain',
    contentType: `${type}; version=${version}; charset=utf-8; escaping=${escaping}`,
  }
}

function wishOf(text: string): {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
} {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase())
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=', 2)
      return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')] as const
    }),
  )
  return { type, parameters, quality: Number(parameters.get('q') ?? 1) }
}
