import type { SpanAttributes, Tracer } from '../ports/tracer.ts'

/** Looks at what is in memory: of no interest, and as many as there are requests. */
const IN_MEMORY = new Set<string | symbol>(['peek'])

/** The same port, each of whose calls is a span: `Table.get`. Of what a call answers piece by piece, until it answers. */
export function tracedPort<Port extends object>(
  port: Port,
  name: string,
  tracer: Tracer,
  attributes: SpanAttributes = {},
): Port {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function' || typeof property !== 'string') return value
      if (IN_MEMORY.has(property)) return value.bind(target) as unknown
      const facts = { name: `${name}.${property}`, kind: 'client', attributes } as const
      return (...args: unknown[]): unknown =>
        tracer.span(facts, () => Reflect.apply(value, target, args) as unknown)
    },
  })
}
