/** Whether a line of log is about a project: by its path, its variables, its scopes, as lines name them. */
export function lineOfProject(project: string): (text: string) => boolean {
  const name = project.replaceAll(/[^a-z0-9-]/g, String.raw`\$&`)
  const before = String.raw`(?:/v2/|/namespaces/|/projects/|[=" ]|(?:repository|namespace|project)(?::|%3A))`
  const about = new RegExp(
    String.raw`${before}${name}(?:/|%2F)|/(?:namespaces|projects)/${name}(?![\w.-])`,
  )
  return (text) => about.test(text)
}
