/** One thing that was not passed: a test case, or a row of the suite's own summary (`api: ...`, `data: ...`). */
export interface Shortfall {
  readonly name: string
  readonly status: 'failed' | 'left out'
  readonly why: string
}

export interface SuiteResult {
  readonly tests: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly disabled: number
  readonly seconds: number
  readonly shortfalls: readonly Shortfall[]
}

const plain = (xml: string): string =>
  xml
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number(`0x${code}`)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** Test cases come from junit.xml, where the suite does not tell skipped from disabled in a case, only in the counts. */
function testCases(junit: string): Shortfall[] {
  const cases = junit.matchAll(
    /<testcase name="([^"]*)"[^>]*? status="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g,
  )
  return [...cases].flatMap(([, name = '', status = '', body = '']): Shortfall[] => {
    if (status === 'passed') return []
    const wrong = /<system-out>([\s\S]*?)<\/system-out>/.exec(body)?.[1] ?? ''
    const skipped = /skipping test:([\s\S]*?)<\/system-err>/.exec(body)?.[1] ?? ''
    return [
      {
        name: plain(name).replace('OCI Conformance Test/', ''),
        status: status === 'skipped' ? 'left out' : 'failed',
        why: plain(wrong || skipped).trim(),
      },
    ]
  })
}

/** results.yaml says for each API and each kind of data whether it was tried at all; a kind that is off has no test case. */
function summaryRows(yaml: string): Shortfall[] {
  let section = ''
  return yaml.split('\n').flatMap((line): Shortfall[] => {
    section = /^(\w+):/.exec(line)?.[1] ?? section
    const [, name = '', status = ''] =
      /^ {2}([^:]+): (Pass|FAIL|Error|Skip|Disabled)$/.exec(line) ?? []
    if ((section !== 'apis' && section !== 'data') || name === '' || status === 'Pass') return []
    const leftOut = status === 'Skip' || status === 'Disabled'
    return [
      {
        name: `${section === 'apis' ? 'api' : 'data'}: ${name}`,
        status: leftOut ? 'left out' : 'failed',
        why: status,
      },
    ]
  })
}

export function parseSuiteResult(junit: string, yaml: string): SuiteResult {
  const head = /<testsuites [^>]*>/.exec(junit)?.[0]
  if (head === undefined) throw new Error(`The suite wrote no results:\n${junit}`)
  const count = (name: string): number =>
    Number(new RegExp(` ${name}="([\\d.]+)"`).exec(head)?.[1] ?? 0)

  const [tests, skipped, disabled] = [count('tests'), count('skipped'), count('disabled')]
  const failed = count('failures') + count('errors')
  return {
    tests,
    passed: tests - failed - skipped - disabled,
    failed,
    skipped,
    disabled,
    seconds: count('time'),
    shortfalls: [...testCases(junit), ...summaryRows(yaml)],
  }
}
