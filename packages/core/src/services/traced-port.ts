import type { SpanAttributes, Tracer } from '../ports/tracer.ts'

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
      const facts = { name: `${name}.${property}`, kind: 'client', attributes } as const
      return (...args: unknown[]): unknown =>
        tracer.span(facts, () => Reflect.apply(value, target, args) as unknown)
    },
  })
}
