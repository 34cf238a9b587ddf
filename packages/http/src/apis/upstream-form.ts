/** Upstreams as `sluice.dev/v1` writes them: what is left out is as in the preset of the name, else as in every upstream. */
import { UPSTREAM_DEFAULTS, UPSTREAM_PRESETS } from '@sluice/core/upstream/upstream-presets'
import type { UpstreamCredentials, UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import type { Form } from './collection-store.ts'
import {
  badRequest,
  listOf,
  membersOf,
  textOf,
  textsOf,
  type Json,
  type Members,
} from './wire-object.ts'

export const upstreamForm: Form<UpstreamSettings> = {
  apiVersion: 'sluice.dev/v1',
  kind: 'Upstream',
  write: ({ tagAges, negativeAges, credentials, ...settings }) => ({
    spec: {
      ...settings,
      tagAges: tagAges.map((age) => ({ ...age })),
      negativeAges: { ...negativeAges },
      ...(credentials ? { credentials: { ...credentials } } : {}),
    },
  }),
  read: (object) => {
    const metadata = membersOf(object['metadata'], 'metadata')
    const name = textOf(metadata['name'], 'metadata.name')
    return settingsOf(membersOf(object['spec'], 'spec'), name)
  },
}

function settingsOf(spec: Members, name: string): UpstreamSettings {
  const preset: UpstreamSettings = {
    ...UPSTREAM_DEFAULTS,
    urls: [],
    ...(Object.hasOwn(UPSTREAM_PRESETS, name) ? UPSTREAM_PRESETS[name] : {}),
  }
  const given = (field: string): boolean => spec[field] !== undefined && spec[field] !== null
  const texts = (field: 'urls' | 'aliases' | 'realmHosts' | 'allow' | 'deny') =>
    given(field) ? textsOf(spec[field], `spec.${field}`) : preset[field]
  const number = (
    field: 'staleIfError' | 'concurrency' | 'minimumTagAge' | 'evictAfter' | 'maxBytes',
  ): number => (given(field) ? numberOf(spec[field], `spec.${field}`) : preset[field])
  const flag = (field: 'insecure' | 'privateAddresses'): boolean =>
    given(field) ? flagOf(spec[field], `spec.${field}`) : preset[field]
  const text = (field: 'defaultPrefix' | 'certificateAuthority' | 'proxy') => {
    const value = given(field) ? textOf(spec[field], `spec.${field}`) : preset[field]
    return value === undefined || value === '' ? {} : { [field]: value }
  }
  // What is none of the words that it may be is refused by core, with the field's name.
  const word = <F extends 'missPolicy' | 'revalidate'>(field: F): UpstreamSettings[F] =>
    given(field) ? (textOf(spec[field], `spec.${field}`) as UpstreamSettings[F]) : preset[field]
  const ages = membersOf(spec['negativeAges'], 'spec.negativeAges')
  const age = (field: 'tag' | 'digest' | 'refused'): number =>
    ages[field] === undefined
      ? preset.negativeAges[field]
      : numberOf(ages[field], `spec.negativeAges.${field}`)
  return {
    urls: texts('urls'),
    aliases: texts('aliases'),
    realmHosts: texts('realmHosts'),
    allow: texts('allow'),
    deny: texts('deny'),
    ...text('defaultPrefix'),
    ...text('certificateAuthority'),
    ...text('proxy'),
    ...credentialsOf(spec['credentials']),
    missPolicy: word('missPolicy'),
    revalidate: word('revalidate'),
    tagAges: given('tagAges') ? tagAgesOf(spec['tagAges']) : preset.tagAges,
    negativeAges: { tag: age('tag'), digest: age('digest'), refused: age('refused') },
    staleIfError: number('staleIfError'),
    concurrency: number('concurrency'),
    minimumTagAge: number('minimumTagAge'),
    evictAfter: number('evictAfter'),
    maxBytes: number('maxBytes'),
    insecure: flag('insecure'),
    privateAddresses: flag('privateAddresses'),
  }
}

function credentialsOf(value: Json | undefined): { credentials?: UpstreamCredentials } {
  if (value === undefined || value === null) return {}
  const { type, secretName } = membersOf(value, 'spec.credentials')
  const name = textOf(secretName, 'spec.credentials.secretName')
  const credentials = {
    type: textOf(type, 'spec.credentials.type') as UpstreamCredentials['type'],
    ...(name === '' ? {} : { secretName: name }),
  }
  return { credentials }
}

const tagAgesOf = (value: Json | undefined): UpstreamSettings['tagAges'] =>
  listOf(value, 'spec.tagAges').map((one, at) => {
    const { pattern, seconds } = membersOf(one, `spec.tagAges[${at}]`)
    return {
      pattern: textOf(pattern, `spec.tagAges[${at}].pattern`),
      seconds: numberOf(seconds, `spec.tagAges[${at}].seconds`),
    }
  })

function numberOf(value: Json | undefined, where: string): number {
  if (typeof value === 'number') return value
  throw badRequest(`${where} must be a number`)
}

function flagOf(value: Json | undefined, where: string): boolean {
  if (typeof value === 'boolean') return value
  throw badRequest(`${where} must be true or false`)
}
