/** Label and field selectors of a list. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
import { badRequest, isMembers, type WireObject } from './wire-object.ts'

type Matches = (object: WireObject) => boolean

export function labelSelector(text: string): Matches {
  const requirements = split(text).map(labelRequirement)
  return ({ metadata }) => {
    const labels = isMembers(metadata['labels']) ? metadata['labels'] : {}
    return requirements.every((holds) =>
      holds((name) => {
        const value = labels[name]
        return typeof value === 'string' ? value : undefined
      }),
    )
  }
}

/** Commas inside of parentheses separate values. */
const split = (text: string): string[] =>
  (text.match(/(?:\([^)]*\)?|[^,(])+/g) ?? [])
    .map((part) => part.trim())
    .filter((part) => part !== '')

function labelRequirement(text: string): (label: (name: string) => string | undefined) => boolean {
  const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text)
  if (set) {
    const [, name = '', how, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    return (label) => values.includes(label(name) ?? '\u0000') === (how === 'in')
  }
  const equality = /^([\w./-]+)\s*(==|=|!=)\s*([\w./-]*)$/.exec(text)
  if (equality) {
    const [, name = '', how, value] = equality
    return (label) => (label(name) === value) === (how !== '!=')
  }
  const presence = /^(!?)\s*([\w./-]+)$/.exec(text)
  if (!presence) throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}`)
  const [, not, name = ''] = presence
  return (label) => (label(name) !== undefined) === (not === '')
}

const FIELDS = ['metadata.name', 'metadata.namespace']

export function fieldSelector(text: string): Matches {
  const requirements = split(text).map((part) => {
    const found = /^([\w.]+)(==|=|!=)(.*)$/.exec(part)
    const [, field = '', how, value] = found ?? []
    if (!FIELDS.includes(field)) throw badRequest(`field label not supported: ${field || part}`)
    const name = field.slice('metadata.'.length)
    return ({ metadata }: WireObject) => ((metadata[name] ?? '') === value) === (how !== '!=')
  })
  return (object) => requirements.every((holds) => holds(object))
}
