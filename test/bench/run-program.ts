import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Runs a program to its end and returns what it wrote; throws when it fails or takes longer than `seconds`. */
export async function runProgram(
  file: string,
  args: readonly string[],
  seconds: number,
): Promise<string> {
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  })
  running.add(child)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  try {
    await once(child, 'close')
    const { exitCode, signalCode } = child
    if (exitCode !== 0) {
      throw new Error(`${file} ended with ${exitCode ?? signalCode}: ${err.slice(-500)}`)
    }
    return out
  } finally {
    running.delete(child)
  }
}
