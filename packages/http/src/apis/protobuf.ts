/**
 * Objects in Kubernetes' protobuf, in which kubectl sends them since 1.32: `k8s\0`, an envelope that names the kind, and the
 * object by the field numbers of its `generated.proto`. https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
import { badRequest, isMembers, shownText, type Json, type Members } from './wire-object.ts'

export const PROTOBUF = 'application/vnd.kubernetes.protobuf'

type Kind = 'bool' | 'map' | 'quantities' | 'number' | 'text' | 'time' | Schema

/** A name that ends in `[]` is of a list. */
interface Schema {
  readonly [field: number]: readonly [name: string, kind: Kind]
}

const METADATA: Schema = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  5: ['uid', 'text'],
  6: ['resourceVersion', 'text'],
  8: ['creationTimestamp', 'time'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
}
const RULE: Schema = {
  1: ['verbs[]', 'text'],
  2: ['apiGroups[]', 'text'],
  3: ['resources[]', 'text'],
  4: ['resourceNames[]', 'text'],
  5: ['nonResourceURLs[]', 'text'],
}
const SUBJECT: Schema = {
  1: ['kind', 'text'],
  2: ['apiGroup', 'text'],
  3: ['name', 'text'],
  4: ['namespace', 'text'],
}
const ROLE_REF: Schema = { 1: ['apiGroup', 'text'], 2: ['kind', 'text'], 3: ['name', 'text'] }
const BINDING: Schema = {
  1: ['metadata', METADATA],
  2: ['subjects[]', SUBJECT],
  3: ['roleRef', ROLE_REF],
}
const RESOURCE_ATTRIBUTES: Schema = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
}
const PATH_ATTRIBUTES: Schema = { 1: ['path', 'text'], 2: ['verb', 'text'] }
const SELF_SPEC: Schema = {
  1: ['resourceAttributes', RESOURCE_ATTRIBUTES],
  2: ['nonResourceAttributes', PATH_ATTRIBUTES],
}
const ACCESS_REVIEW: Schema = {
  1: ['metadata', METADATA],
  2: ['spec', { ...SELF_SPEC, 3: ['user', 'text'], 4: ['groups[]', 'text'], 6: ['uid', 'text'] }],
}
const LIMIT_RANGE_ITEM: Schema = {
  1: ['type', 'text'],
  2: ['max', 'quantities'],
  3: ['min', 'quantities'],
  4: ['default', 'quantities'],
  5: ['defaultRequest', 'quantities'],
  6: ['maxLimitRequestRatio', 'quantities'],
}
const AGGREGATION: Schema = { 1: ['clusterRoleSelectors[]', { 1: ['matchLabels', 'map'] }] }

const SCHEMAS: Readonly<Record<string, Schema>> = {
  ClusterRole: {
    1: ['metadata', METADATA],
    2: ['rules[]', RULE],
    3: ['aggregationRule', AGGREGATION],
  },
  ClusterRoleBinding: BINDING,
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'number'],
    2: ['preconditions', { 1: ['uid', 'text'], 2: ['resourceVersion', 'text'] }],
    4: ['propagationPolicy', 'text'],
    5: ['dryRun[]', 'text'],
  },
  LimitRange: { 1: ['metadata', METADATA], 2: ['spec', { 1: ['limits[]', LIMIT_RANGE_ITEM] }] },
  LocalSubjectAccessReview: ACCESS_REVIEW,
  ResourceQuota: {
    1: ['metadata', METADATA],
    2: ['spec', { 1: ['hard', 'quantities'], 2: ['scopes[]', 'text'] }],
  },
  Role: { 1: ['metadata', METADATA], 2: ['rules[]', RULE] },
  RoleBinding: BINDING,
  SelfSubjectAccessReview: { 1: ['metadata', METADATA], 2: ['spec', SELF_SPEC] },
  SelfSubjectReview: { 1: ['metadata', METADATA] },
  SelfSubjectRulesReview: { 1: ['metadata', METADATA], 2: ['spec', { 1: ['namespace', 'text'] }] },
  ServiceAccount: { 1: ['metadata', METADATA], 4: ['automountServiceAccountToken', 'bool'] },
  SubjectAccessReview: ACCESS_REVIEW,
  TokenRequest: {
    1: ['metadata', METADATA],
    2: ['spec', { 1: ['audiences[]', 'text'], 4: ['expirationSeconds', 'number'] }],
  },
}

const ENVELOPE: Schema = { 1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }] }
const RAW = 2
const MAGIC = Buffer.from('k8s\0')

export function decodeProtobuf(bytes: Uint8Array): Members {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) throw broken()
  const envelope = bytes.subarray(MAGIC.length)
  const { typeMeta } = read(envelope, ENVELOPE) as {
    readonly typeMeta?: { readonly apiVersion?: string; readonly kind?: string }
  }
  const { apiVersion = '', kind = '' } = typeMeta ?? {}
  const schema = Object.hasOwn(SCHEMAS, kind) ? SCHEMAS[kind] : undefined
  if (!schema) throw badRequest(`send a ${kind || 'body'} as JSON: its protobuf is not known here`)
  const raw = [...fields(envelope)].find(({ number }) => number === RAW)
  return { apiVersion, kind, ...(raw?.bytes ? read(raw.bytes, schema) : {}) }
}

const broken = () => badRequest('the body of the request is no protobuf of Kubernetes')

interface Field {
  readonly number: number
  readonly value: number
  readonly bytes?: Uint8Array
}

function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    // No number that matters here needs more than 53 bits.
    for (let value = 0, scale = 1; at < bytes.byteLength; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw broken()
  }
  while (at < bytes.byteLength) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() }
        break
      case 1:
        at += 8
        break
      case 2: {
        const length = varint()
        if (length > bytes.byteLength - at) throw broken()
        yield { number, value: 0, bytes: bytes.subarray(at, at + length) }
        at += length
        break
      }
      case 5:
        at += 4
        break
      default:
        throw broken()
    }
  }
}

/** Lists and maps grow in place: a body may be one of half a million entries. */
function read(bytes: Uint8Array, schema: Schema): Members {
  const found: Record<string, Json> = {}
  const lists: Record<string, Json[]> = {}
  const maps: Record<string, Map<string, Json>> = {}
  for (const field of fields(bytes)) {
    const [named, kind] = schema[field.number] ?? []
    if (named === undefined || kind === undefined) continue
    if (kind === 'map' || kind === 'quantities') {
      const map = (maps[named] ??= new Map())
      map.set(...entry(field, kind === 'map' ? 'text' : QUANTITY))
    } else if (named.endsWith('[]')) {
      const list = (lists[named.slice(0, -2)] ??= [])
      list.push(valueOf(field, kind))
    } else if (kind !== 'time') {
      found[named] = valueOf(field, kind)
    }
  }
  for (const [name, map] of Object.entries(maps)) found[name] = Object.fromEntries(map)
  return Object.assign(found, lists)
}

const QUANTITY: Schema = { 1: ['string', 'text'] }

function entry(field: Field, kind: 'text' | Schema): readonly [string, Json] {
  const { key = '', value = '' } = read(field.bytes ?? new Uint8Array(), {
    1: ['key', 'text'],
    2: ['value', kind],
  })
  const text = isMembers(value) ? (value['string'] ?? '') : value
  return [shownText(key), text]
}

function valueOf({ value, bytes }: Field, kind: Exclude<Kind, 'map' | 'quantities'>): Json {
  if (kind === 'number') return value
  if (kind === 'bool') return value !== 0
  if (!bytes) throw broken()
  return typeof kind === 'object' ? read(bytes, kind) : Buffer.from(bytes).toString('utf8')
}
