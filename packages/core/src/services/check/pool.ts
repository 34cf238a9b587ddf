/** Keeps one copy of each text: a digest is named by many records, and each of them brings its own. */
export type Pool = <T extends string>(text: T) => T

export function createPool(): Pool {
  const texts = new Map<string, string>()
  return <T extends string>(text: T): T => {
    const known = texts.get(text)
    if (known !== undefined) return known as T
    texts.set(text, text)
    return text
  }
}
