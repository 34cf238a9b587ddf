/** Large bodies go through curl: a process of its own, the same for every peer, faster than any of them. */
import { runProgram } from './run-program.ts'

const SECONDS = 300

const common = (headers: Readonly<Record<string, string>>): string[] => [
  '--silent',
  '--show-error',
  '--noproxy',
  '*',
  '--max-time',
  String(SECONDS),
  ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
]

/** PATCHes a whole file with its Content-Length; returns the Location in the answer. */
export async function curlPatch(
  url: URL,
  file: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  // Container clients, being written in Go, do not wait for "100 Continue": curl shall not either.
  const sent = { ...headers, 'content-type': 'application/octet-stream', expect: '' }
  const out = await runProgram(
    'curl',
    [
      ...common(sent),
      '--request',
      'PATCH',
      '--upload-file',
      file,
      '--output',
      '/dev/null',
      '--write-out',
      '%{http_code} %header{location}',
      url.href,
    ],
    SECONDS + 10,
  )
  const [status, location] = out.split(' ')
  if (status !== '202' || !location) throw new Error(`PATCH ${url.href} answered ${out}`)
  return location
}

/** Seconds from the first byte sent to the last one received, which is thrown away. */
export const curlGet = async (
  url: string,
  size: number,
  headers: Readonly<Record<string, string>>,
): Promise<number> => (await curlTimes(url, size, headers)).whole

/** Seconds from the first byte sent to the first one of the body, and to the last. */
export async function curlTimes(
  url: string,
  size: number,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly first: number; readonly whole: number }> {
  const out = await runProgram(
    'curl',
    [
      ...common(headers),
      '--location',
      // Certificates of the machine's own.
      '--insecure',
      '--output',
      '/dev/null',
      '--write-out',
      '%{http_code} %{size_download} %{time_starttransfer} %{time_total}',
      url,
    ],
    SECONDS + 10,
  )
  const [status, received, first, whole] = out.split(' ').map(Number)
  if (status !== 200 || received !== size || first === undefined || whole === undefined) {
    throw new Error(`GET ${url} answered ${out}, not 200 with ${size} bytes`)
  }
  return { first, whole }
}
