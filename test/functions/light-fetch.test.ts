/** What functions have instead of fetch's own classes, held against these. */
import { LightHeaders } from '@sluice/functions/light-headers'
import { LightResponse } from '@sluice/functions/light-response'
import { useLightFetch } from '@sluice/functions/use-light-fetch'
import { afterEach, describe, expect, it } from 'vitest'

const { Headers: NodeHeaders, Response: NodeResponse } = globalThis

const sorted = (headers: Iterable<[string, string]>): [string, string][] =>
  [...headers].toSorted(([a], [b]) => (a < b ? -1 : 1))

/** All that one has to say of it, or the class of what it throws. */
function said(ask: () => unknown): unknown {
  try {
    return ask()
  } catch (error) {
    return (error as Error).name
  }
}

describe('light headers', () => {
  const inits: Record<string, Record<string, string> | [string, string][]> = {
    none: {},
    'names in capitals': { 'X-One': '1', LOCATION: '/x' },
    'the same name twice': [
      ['a', '1'],
      ['A', '2'],
    ],
    'white space around': { a: ' \t1 2\t ' },
    'nothing in a value': { a: '' },
    'Latin-1': { a: '\u00fc\u00ff' },
    'beyond Latin-1': { a: '\u0100' },
    'an emoji': { a: '\u{1f600}' },
    'a line break': { a: '1\r\nb: 2' },
    'a NUL': { a: '1\0' },
    'a line break at the end': { a: '1\n' },
    'a space in a name': { 'a b': '1' },
    'no name': { '': '1' },
    'a colon in a name': { 'a:': '1' },
    'all that a name may have': { "!#$%&'*+-.^_`|~09azAZ": '1' },
  }

  it.each(Object.entries(inits))('hold what Headers hold: %s', (name, init) => {
    const wanted = said(() => sorted(new NodeHeaders(init)))
    const found = said(() => sorted(new LightHeaders(init)))
    // Of a value's end Node's own takes line breaks away as well; here nobody needs that, and it is refused.
    expect(found).toEqual(name === 'a line break at the end' ? 'TypeError' : wanted)
  })

  it.each([NodeHeaders, LightHeaders])('are read, changed and walked through as %o', (Class) => {
    const headers = new Class({ One: '1', two: '2' })
    headers.append('ONE', '11')
    headers.set('Two', '22')
    headers.set('three', '3')
    headers.delete('THREE')
    expect([headers.get('oNe'), headers.get('three'), headers.has('TWO')]).toEqual([
      '1, 11',
      null,
      true,
    ])
    const seen: string[] = []
    headers.forEach((value: string, name: string) => seen.push(`${name}=${value}`))
    expect(seen.toSorted()).toEqual(['one=1, 11', 'two=22'])
    expect(sorted(new Class([...headers]))).toEqual(sorted(headers))
  })
})

describe('a light response', () => {
  afterEach(() => void Object.assign(globalThis, { Headers: NodeHeaders, Response: NodeResponse }))

  it.each([
    ['nothing', () => null],
    ['text', () => 'text \u00fc'],
    ['no text', () => ''],
    ['bytes', () => Buffer.from([0, 255, 1])],
    ['a buffer', () => new Uint8Array([1, 2]).buffer],
    ['a stream', () => new Blob(['stream']).stream()],
  ])('of %s is what Response is', async (_, content) => {
    for (const init of [{}, { status: 404, headers: { 'Content-Type': 'a/b', ETag: '"x"' } }]) {
      const [wanted, found] = [
        new NodeResponse(content(), init),
        new LightResponse(content(), init),
      ]
      expect(found.status).toBe(wanted.status)
      expect(sorted(found.headers)).toEqual(sorted(wanted.headers))
      expect(found.body === null).toBe(wanted.body === null)
      const bytes = Buffer.from(await wanted.arrayBuffer())
      expect(Buffer.from(await found.arrayBuffer()).equals(bytes)).toBe(true)
    }
  })

  it("is everybody's in a process that has chosen so", () => {
    useLightFetch()
    expect(new Response('x')).toBeInstanceOf(LightResponse)
    expect(new Headers()).toBeInstanceOf(LightHeaders)
  })
})
