/**
 * Whether no object in a JSON text has two members of one name. Parsers take one of the two, and not all the same: what
 * an issuer signed could then mean one thing to it and another to us (RFC 8725 section 2.4).
 */
export function hasUniqueMembers(json: string): boolean {
  const open: (Set<string> | undefined)[] = []
  /** Outside of texts only these matter; a text is a name when a colon follows it. */
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs
  for (const [token, colon] of json.matchAll(tokens)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (colon !== undefined) {
      const name = JSON.parse(token.slice(0, -colon.length)) as string
      const names = open.at(-1)
      if (!names || names.has(name)) return false
      names.add(name)
    }
  }
  return true
}
