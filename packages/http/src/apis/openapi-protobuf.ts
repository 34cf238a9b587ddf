/**
 * The document of OpenAPI 2 in protobuf, the only form in which kubectl asks for it; by the field numbers of gnostic's
 * `OpenAPIv2.proto`. What kubectl does not read is left out.
 */
import {
  definitionsOf,
  pathsOf,
  type Definition,
  type Operation,
  type Parameter,
} from './openapi.ts'
import type { Resource } from './resource.ts'
import type { Schema } from './schema.ts'

export function openApi2Protobuf(resources: readonly Resource[]): Uint8Array {
  const info = Buffer.concat([text(1, 'Sluice'), text(2, 'v1')])
  const paths = Object.entries(pathsOf(resources)).map(([name, { patch }]) =>
    bytes(2, named(name, patch ? bytes(8, operationOf(patch)) : NOTHING)),
  )
  const definitions = Object.entries(definitionsOf(resources)).map(([name, definition]) =>
    bytes(1, named(name, definitionOf(definition))),
  )
  return Buffer.concat([
    text(1, '2.0'),
    bytes(2, info),
    bytes(8, Buffer.concat(paths)),
    bytes(9, Buffer.concat(definitions)),
  ])
}

const NOTHING = Buffer.alloc(0)

/** Of what comes with the schema. */
const operationOf = (operation: Operation): Buffer =>
  Buffer.concat([
    ...operation.parameters.map((one) => bytes(8, bytes(1, bytes(2, bytes(3, parameterOf(one)))))),
    extension(13, operation),
  ])

const parameterOf = ({ name, description }: Parameter): Buffer =>
  Buffer.concat([text(2, 'query'), text(3, description), text(4, name), text(6, 'string')])

const definitionOf = (definition: Definition): Buffer =>
  Buffer.concat([schemaOf(definition), extension(31, definition)])

function schemaOf(schema: Schema): Buffer {
  const {
    type,
    format,
    description,
    properties,
    required = [],
    additionalProperties,
    items,
  } = schema
  return Buffer.concat([
    ...(format === undefined ? [] : [text(2, format)]),
    ...(description === undefined ? [] : [text(4, description)]),
    ...required.map((name) => text(19, name)),
    ...(additionalProperties ? [bytes(21, bytes(1, schemaOf(additionalProperties)))] : []),
    bytes(22, text(1, type)),
    ...(items ? [bytes(23, bytes(1, schemaOf(items)))] : []),
    ...(properties
      ? [
          bytes(
            25,
            Buffer.concat(
              Object.entries(properties).map(([name, one]) => bytes(1, named(name, schemaOf(one)))),
            ),
          ),
        ]
      : []),
  ])
}

const GROUP_VERSION_KIND = 'x-kubernetes-group-version-kind'

/** Its value is YAML, as JSON is. */
const extension = (number: number, of: Definition | Operation): Buffer =>
  bytes(number, named(GROUP_VERSION_KIND, text(2, JSON.stringify(of[GROUP_VERSION_KIND]))))

const named = (name: string, value: Buffer): Buffer =>
  Buffer.concat([text(1, name), bytes(2, value)])

const text = (number: number, value: string): Buffer => bytes(number, Buffer.from(value))

const bytes = (number: number, value: Buffer): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(value.byteLength), value])

function varint(value: number): Buffer {
  const digits: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) digits.push((rest % 0x80) + 0x80)
  return Buffer.from([...digits, rest])
}
