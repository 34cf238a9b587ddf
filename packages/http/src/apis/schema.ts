/** What an object may hold, in the words of OpenAPI: of JSON Schema as much as Kubernetes' clients read. */
export interface Schema {
  readonly type: 'array' | 'boolean' | 'integer' | 'object' | 'string'
  readonly format?: string
  readonly description?: string
  /** Of an object with known fields. */
  readonly properties?: { readonly [name: string]: Schema }
  readonly required?: readonly string[]
  /** Of a map. An object without either may hold anything. */
  readonly additionalProperties?: Schema
  /** Of an array, always. */
  readonly items?: Schema
}

export const TEXT: Schema = { type: 'string' }
export const TEXTS: Schema = { type: 'array', items: TEXT }
export const TEXT_MAP: Schema = { type: 'object', additionalProperties: TEXT }
export const ANYTHING: Schema = { type: 'object' }
export const LIST: Schema = { type: 'array', items: ANYTHING }
export const TRUTH: Schema = { type: 'boolean' }
export const NUMBER: Schema = { type: 'integer', format: 'int64' }
const TIME: Schema = { type: 'string', format: 'date-time' }

export const described = (description: string, schema: Schema): Schema => ({
  ...schema,
  description,
})

export const objectOf = (
  properties: NonNullable<Schema['properties']>,
  required: readonly string[] = [],
): Schema => ({ type: 'object', properties, ...(required.length > 0 ? { required } : {}) })

export const listOfObjects = (
  properties: NonNullable<Schema['properties']>,
  required: readonly string[] = [],
): Schema => ({ type: 'array', items: objectOf(properties, required) })

const METADATA = described(
  'What it is called, and what is noted of it.',
  objectOf({
    name: described('Unique among those of its kind, within its project where it has one.', TEXT),
    generateName: described('Without a name: the beginning of one that the registry draws.', TEXT),
    namespace: described('The project.', TEXT),
    labels: described('To be selected by.', TEXT_MAP),
    annotations: described('Notes of any kind.', TEXT_MAP),
    uid: described('Never given twice.', TEXT),
    resourceVersion: described('Another after each change.', TEXT),
    generation: { type: 'integer', format: 'int64' },
    creationTimestamp: TIME,
    deletionTimestamp: TIME,
    deletionGracePeriodSeconds: { type: 'integer', format: 'int64' },
    finalizers: TEXTS,
    managedFields: LIST,
    ownerReferences: LIST,
    selfLink: TEXT,
  }),
)

/** The whole object: what every one has, and the fields of its kind. */
export const wholeSchema = (
  description: string,
  { properties, required = [] }: Pick<Schema, 'properties' | 'required'>,
): Schema =>
  described(
    description,
    objectOf({ apiVersion: TEXT, kind: TEXT, metadata: METADATA, ...properties }, required),
  )
