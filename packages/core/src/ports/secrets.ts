/** Secrets by reference: the registry keeps their names, never what they say. */
export interface Secrets {
  /**
   * What the secret of that name says now; `undefined` where there is none. A name has lower-case letters, digits, dots and
   * dashes, at most 253 of them (a Kubernetes object's).
   */
  read(name: string): Promise<string | undefined>
}
