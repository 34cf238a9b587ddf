/** WWW-Authenticate (RFC 9110 section 11.6.1): one header may hold several challenges, their parameters in any order. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const PARAMETER = new RegExp(
  `[\\s,]*(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))(?=\\s|,|$)`,
  'y',
)
const SCHEME = new RegExp(`[\\s,]*(${TOKEN})(?=\\s|,|$)`, 'y')

/** What cannot be read ends the list. */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  const text = header ?? ''
  for (let at = 0; ;) {
    PARAMETER.lastIndex = at
    SCHEME.lastIndex = at
    const current = challenges.at(-1)
    const parameter = current && PARAMETER.exec(text)
    if (parameter) {
      const [, name = '', quoted, plain = ''] = parameter
      const value = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1')
      const key = name.toLowerCase()
      if (!current.parameters.has(key)) current.parameters.set(key, value)
      at = PARAMETER.lastIndex
      continue
    }
    const scheme = SCHEME.exec(text)
    if (!scheme) return challenges
    challenges.push({ scheme: scheme[1]!.toLowerCase(), parameters: new Map() })
    at = SCHEME.lastIndex
  }
}
