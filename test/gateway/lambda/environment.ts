/**
 * One execution environment: a Node process with the real runtime client, and the Runtime API that it asks for work.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Outcome } from '../http-api/http-api.ts'
import type { GatewayRules } from '../gateway-rules.ts'
import { environmentVariables, type FunctionUnderTest } from './function-under-test.ts'

const POSTED = /\/invocation\/([^/]+)\/(response|error)$/

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

interface Invocation {
  readonly id: string
  readonly event: string
  readonly settle: (outcome: Outcome) => void
}

/** Told what the function writes, and what Lambda itself would write. */
export type Log = (text: string, from?: 'stdout' | 'stderr') => void

export class Environment {
  readonly #rules: GatewayRules
  readonly #server: Server
  readonly #log: Log
  #child: ChildProcess | undefined
  #asking: ServerResponse | undefined
  #current: Invocation | undefined
  #frozen = false
  #ended = false
  /** As many may wait for it as there are clients. */
  readonly #asked = new EventEmitter().setMaxListeners(0)
  invocations = 0

  private constructor(rules: GatewayRules, log: Log) {
    this.#rules = rules
    this.#log = log
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  }

  /** A cold start: the module is loading when this resolves. */
  static async start(
    tested: FunctionUnderTest,
    rules: GatewayRules,
    log: Log,
  ): Promise<Environment> {
    const environment = new Environment(rules, log)
    await environment.#spawn(tested)
    return environment
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** `answered`: it has not yet asked for more. */
  get state(): 'busy' | 'answered' | 'frozen' | 'idle' | 'ended' {
    if (this.#ended) return 'ended'
    if (this.#current) return 'busy'
    if (!this.#asking) return 'answered'
    return this.#frozen ? 'frozen' : 'idle'
  }

  /** One at a time: only an environment that is not busy may be asked, or one that just started. Never rejects. */
  async invoke(event: string): Promise<Outcome> {
    if (this.#ended) return { kind: 'failed' }
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.#current = { id: randomUUID(), event, settle: resolve }
    this.invocations += 1
    const late = setTimeout(() => {
      this.#log('Task timed out\n')
      this.kill()
    }, this.#rules.functionTimeoutMs)
    this.#give()
    const outcome = await promise
    clearTimeout(late)
    return outcome
  }

  /** Once it asks for more after an answer, or will never. */
  async settled(): Promise<void> {
    if (this.state === 'answered') await once(this.#asked, 'next')
  }

  /** At once, with whatever it is doing. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  async close(): Promise<void> {
    const child = this.#child
    if (child && alive.has(child)) {
      const ended = once(child, 'exit')
      this.kill()
      await ended
    }
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #spawn({ file, handler, env, client }: FunctionUnderTest): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    const variables = environmentVariables({ file, handler, env, client }, this.#rules, port)
    const heap = `--max-old-space-size=${Math.floor(this.#rules.memoryMb * 0.9)}`
    const child = spawn(process.execPath, [heap, client, variables['_HANDLER']!], {
      cwd: variables['LAMBDA_TASK_ROOT'],
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    alive.add(child)
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => this.#log(text, name))
    }
    child.once('error', (error) => this.#end(`${error.message}\n`))
    child.once('exit', (code, signal) => {
      alive.delete(child)
      this.#end(`Runtime exited: ${signal ?? code}\n`)
    })
  }

  #end(why: string): void {
    this.#log(why)
    this.#ended = true
    this.#asked.emit('next')
    this.#settle({ kind: 'failed' })
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #settle(outcome: Outcome): void {
    const settled = this.#current
    this.#current = undefined
    settled?.settle(outcome)
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? ''
    if (path.endsWith('/invocation/next')) {
      this.#asking = outgoing
      this.#asked.emit('next')
      if (this.#current) this.#give()
      else this.#freeze()
      return
    }
    // A client that dies under its answer has said nothing.
    const body = await buffer(incoming).catch(() => undefined)
    if (!body) return
    const [, id, kind] = POSTED.exec(path) ?? []
    const tooLarge = body.byteLength > this.#rules.maxResultBytes
    outgoing.writeHead(tooLarge ? 413 : 202, { 'content-type': 'application/json' }).end('{}')
    if (id !== undefined && id !== this.#current?.id) return
    if (kind === 'response' && !tooLarge) {
      this.#settle({ kind: 'result', result: JSON.parse(body.toString('utf8')) as unknown })
    } else {
      this.#log(tooLarge ? 'Response payload size exceeded\n' : `${body.toString('utf8')}\n`)
      this.#settle({ kind: 'failed' })
    }
  }

  #give(): void {
    if (!this.#asking || !this.#current) return
    if (this.#frozen) this.#child?.kill('SIGCONT')
    this.#frozen = false
    this.#asking.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': this.#current.id,
      'lambda-runtime-deadline-ms': String(Date.now() + this.#rules.functionTimeoutMs),
      'lambda-runtime-invoked-function-arn':
        'arn:aws:lambda:us-east-1:123456789012:function:sluice',
    })
    this.#asking.end(this.#current.event)
    this.#asking = undefined
  }

  #freeze(): void {
    if (!this.#rules.freezes || this.#ended) return
    this.#frozen = true
    this.#child?.kill('SIGSTOP')
  }
}
