import type { GatewayRules } from '../gateway-rules.ts'

const PERCENT_RUN = /(?:%[0-9a-f]{2})+/gi

/** The path of a target as an event tells it. */
export function rawPath(target: string, rules: GatewayRules): string {
  const sent = target.split('?', 1)[0] ?? ''
  const path = rules.decodesPath ? decoded(sent) : sent
  const cut = rules.cutsPathAtQuestionMark ? path.split('?', 1)[0]! : path
  return rules.collapsesSlashes ? cut.replace(/\/{2,}/g, '/') : cut
}

export const rawQuery = (target: string): string => {
  const mark = target.indexOf('?')
  return mark < 0 ? '' : target.slice(mark + 1)
}

/** Bytes that are no UTF-8 are lost. */
const decoded = (path: string): string =>
  path.replace(PERCENT_RUN, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
