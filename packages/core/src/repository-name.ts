/**
 * Repositories are `<project>/<name>`. The path grammar is the specification's; a name of more than two components is
 * deep, and only projects that allow deep names have any (`services/projects.ts`).
 */
import { RegistryError } from './errors.ts'

export type ProjectName = string & { readonly __project: true }
export type RepositoryName = string & { readonly __repository: true }

/** Spec: a name and the slashes in it are less than 256 characters. */
export const MAX_REPOSITORY_NAME = 255
/** A project is a Kubernetes namespace; dots are allowed so that a cache can be named for its upstream. */
export const MAX_PROJECT_NAME = 63

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})+$`)
const PROJECT = /^[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*$/

export const isProjectName = (text: string): text is ProjectName =>
  text.length <= MAX_PROJECT_NAME && PROJECT.test(text)

export function parseProjectName(text: string): ProjectName {
  if (isProjectName(text)) return text
  throw new RegistryError(
    'NAME_INVALID',
    `a project name has at most ${MAX_PROJECT_NAME} lower-case letters, digits, dots and dashes`,
  )
}

export function parseRepositoryName(text: string): RepositoryName {
  if (text.length > MAX_REPOSITORY_NAME) {
    throw new RegistryError(
      'NAME_INVALID',
      `a repository name has at most ${MAX_REPOSITORY_NAME} characters`,
    )
  }
  if (!REPOSITORY.test(text) || !isProjectName(text.slice(0, text.indexOf('/')))) {
    throw new RegistryError(
      'NAME_INVALID',
      'a repository is named <project>/<name>, each in lower-case letters and digits, separated by . _ or -',
    )
  }
  return text as RepositoryName
}

export const projectOf = (repository: RepositoryName): ProjectName =>
  repository.slice(0, repository.indexOf('/')) as ProjectName

export const isDeep = (repository: RepositoryName): boolean =>
  repository.indexOf('/') !== repository.lastIndexOf('/')
