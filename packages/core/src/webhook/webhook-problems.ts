/** What is wrong with a webhook's settings, field by field. */
import { IMAGE_ACTIONS } from '../activity.ts'
import { certificatesProblems } from '../certificates-problems.ts'
import { invalidValue } from '../invalid-value.ts'
import { isMediaType } from '../media-type.ts'
import type { FieldProblem } from '../object-error.ts'
import { isSecretName } from '../secret-name.ts'
import { MOST_ATTEMPTS, type WebhookSettings } from './webhook-settings.ts'

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const PATTERN = /^[a-z0-9.*-]{1,63}$/
const MOST_URL_CHARACTERS = 2048

export function webhookProblems(name: string, settings: WebhookSettings): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  const invalid = (field: string, value: unknown, why: string): void => {
    problems.push(invalidValue(field, value, why))
  }
  if (!NAME.test(name)) {
    invalid('metadata.name', name, 'must be at most 63 lower-case letters, digits and dashes')
  }
  const { url, secretName, actions, mediaTypes, projects, attempts, insecure } = settings
  const problem = urlProblem(url, insecure)
  // What stands before an @ would be a password.
  if (problem !== undefined) invalid('spec.url', url.replace(/\/\/[^/]*@/, '//...@'), problem)
  if (secretName !== undefined && !isSecretName(secretName)) {
    invalid('spec.secretName', secretName, 'must be the name of a secret')
  }
  actions.forEach((action, at) => {
    const why = `must be one of ${IMAGE_ACTIONS.join(', ')}`
    if (!IMAGE_ACTIONS.includes(action)) invalid(`spec.actions[${at}]`, action, why)
  })
  mediaTypes.forEach((type, at) => {
    if (!isMediaType(type)) invalid(`spec.mediaTypes[${at}]`, type, 'must be a media type')
  })
  projects.forEach((pattern, at) => {
    const why = 'must be the name of a project, in which * stands for anything'
    if (!PATTERN.test(pattern)) invalid(`spec.projects[${at}]`, pattern, why)
  })
  if (!Number.isSafeInteger(attempts) || attempts < 1 || attempts > MOST_ATTEMPTS) {
    invalid('spec.attempts', attempts, `must be 1 to ${MOST_ATTEMPTS}`)
  }
  return [
    ...problems,
    ...certificatesProblems('spec.certificateAuthority', settings.certificateAuthority),
  ]
}

function urlProblem(text: string, insecure: boolean): string | undefined {
  const url = text.length <= MOST_URL_CHARACTERS ? URL.parse(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must hold no credentials: sign instead'
  if (url.hash !== '') return 'must have no fragment'
  if (url.protocol === 'http:' && !insecure) return 'must be https unless spec.insecure is true'
  return undefined
}
