import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '@sluice/core/errors'
import {
  isDeep,
  parseProjectName,
  parseRepositoryName,
  projectOf,
} from '@sluice/core/repository-name'
import { propertyRuns } from '../property-runs.ts'

/** The grammar, read letter by letter rather than by an expression. */
function isComponent(text: string): boolean {
  const isLetter = (at: number) => /^[a-z0-9]$/.test(text[at] ?? '')
  if (!isLetter(0) || !isLetter(text.length - 1)) return false
  for (let at = 0; at < text.length; at++) {
    if (isLetter(at)) continue
    let end = at
    while (end < text.length && !isLetter(end)) end++
    const separator = text.slice(at, end)
    const dashes = separator === '-'.repeat(separator.length)
    if (!dashes && !['.', '_', '__'].includes(separator)) return false
    at = end
  }
  return true
}

const isProject = (text: string) => text.length <= 63 && isComponent(text) && !text.includes('_')

function isRepository(text: string): boolean {
  const parts = text.split('/')
  return (
    text.length <= 255 && parts.length > 1 && parts.every(isComponent) && isProject(parts[0] ?? '')
  )
}

function accepts(parse: (text: string) => string, text: string): boolean {
  try {
    return parse(text) === text
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'NAME_INVALID') return false
    throw error
  }
}

const near = fc.string({
  unit: fc.constantFrom('a', 'z', '0', '9', '.', '_', '-', '/', 'A', '%', '\0', '\n', 'é'),
  maxLength: 14,
})
/** So few letters that every mixture of separators comes up. */
const dense = fc.string({ unit: fc.constantFrom('a', '0', '.', '_', '-', '/'), maxLength: 7 })
const letters = fc.string({ unit: fc.constantFrom('a', 'z', '0', '9'), minLength: 1, maxLength: 5 })
const component = fc
  .tuple(
    letters,
    fc.array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '---'), letters), { maxLength: 4 }),
  )
  .map(([first, rest]) => first + rest.flat().join(''))

describe('repository names', () => {
  it('are those of the grammar and no others', () => {
    const text = fc.oneof(
      near,
      dense,
      fc.string(),
      fc.array(component, { maxLength: 4 }).map((parts) => parts.join('/')),
    )
    fc.assert(
      fc.property(text, (name) => {
        expect(accepts(parseRepositoryName, name)).toBe(isRepository(name))
      }),
      propertyRuns(3000),
    )
  })

  it('are as long as 255 characters, and their projects as long as 63', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (project, name) => {
          const text = `${'p'.repeat(project)}/${'n'.repeat(name)}`
          expect(accepts(parseRepositoryName, text)).toBe(project <= 63 && text.length <= 255)
        },
      ),
      propertyRuns(500),
    )
  })

  it('know their project and whether they are deep', () => {
    fc.assert(
      fc.property(fc.array(component, { minLength: 2, maxLength: 5 }), (parts) => {
        fc.pre(isRepository(parts.join('/')))
        const name = parseRepositoryName(parts.join('/'))
        expect(projectOf(name)).toBe(parts[0])
        expect(isDeep(name)).toBe(parts.length > 2)
      }),
      propertyRuns(500),
    )
  })
})

describe('project names', () => {
  it('are those that a repository can begin with, and no others', () => {
    fc.assert(
      fc.property(fc.oneof(near, dense, component, fc.string()), (name) => {
        expect(accepts(parseProjectName, name)).toBe(isProject(name))
        expect(accepts(parseProjectName, name)).toBe(
          accepts(parseRepositoryName, `${name}/app`) && !name.includes('/'),
        )
      }),
      propertyRuns(3000),
    )
  })
})
