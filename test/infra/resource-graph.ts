/** One resource as the program registered it. */
export interface Resource {
  /** As Pulumi names it: `aws:s3/bucket:Bucket`. */
  readonly type: string
  readonly name: string
  readonly inputs: Readonly<Record<string, unknown>>
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean
  /** Whether it stays in the cloud when the stage is removed. */
  readonly retain: boolean
  /** What exists already and becomes this resource. */
  readonly importId?: string
}

export type Graph = readonly Resource[]

/** The kind is the type's last word: `Bucket`, `Function`; with the module before it where two have one (`lambda/Function`). */
export const allOf = (graph: Graph, kind: string): Graph => {
  const [module, word] = kind.includes('/') ? kind.split('/') : [undefined, kind]
  return graph.filter(
    ({ type }) =>
      type.startsWith('aws:') &&
      type.endsWith(`:${word}`) &&
      (module === undefined || type.startsWith(`aws:${module}/`)),
  )
}

/** Throws unless there is exactly one. */
export function onlyOf(graph: Graph, kind: string, name?: string): Resource {
  const found = allOf(graph, kind).filter((resource) => !name || resource.name === name)
  if (found.length !== 1) {
    const there = found.map((resource) => resource.name).join(', ') || 'none'
    throw new Error(`there is not one ${kind} ${name ?? ''}: ${there}`)
  }
  return found[0]!
}
