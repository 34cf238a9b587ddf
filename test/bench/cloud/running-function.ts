/** One environment of a function in the real runtime client, never frozen, asked without a gateway in between. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { event } from '../../functions/event.ts'
import { gatewayRules } from '../../gateway/gateway-rules.ts'
import { Environment } from '../../gateway/lambda/environment.ts'
import { requireTools, toolPath } from '../../tools/require-tools.ts'

/** What the budget of the plan gives an environment. */
export const MEMORY_MB = 256

const RULES = gatewayRules({ freezes: false, memoryMb: MEMORY_MB, forwardedProto: 'http' })

export interface FunctionQuestion {
  readonly method?: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Of the answer; a figure for any other would mean nothing. */
  readonly status: number
}

export interface FunctionAnswer {
  readonly result: APIGatewayProxyStructuredResultV2
  /** Milliseconds from the invocation to the answer. */
  readonly took: number
}

export class RunningFunction {
  readonly #environment: Environment
  readonly #log: () => string

  private constructor(environment: Environment, log: () => string) {
    this.#environment = environment
    this.#log = log
  }

  /** A process that has begun to load `file`, whose environment is `env` and nothing else. */
  static async start(
    file: string,
    env: Readonly<Record<string, string>>,
  ): Promise<RunningFunction> {
    await requireTools(['aws-lambda-ric'])
    let log = ''
    const tested = { file, handler: 'handler', env, client: toolPath('aws-lambda-ric') }
    const write = (text: string): void => void (log = (log + text).slice(-2000))
    return new RunningFunction(await Environment.start(tested, RULES, write), () => log)
  }

  get pid(): number {
    return this.#environment.pid
  }

  /** Once it asks for its first event: what Lambda calls init is over. */
  ready(): Promise<void> {
    return this.#environment.settled()
  }

  /** Throws what the function's log says when the answer is another than the one wanted. */
  async ask({ status, ...request }: FunctionQuestion): Promise<FunctionAnswer> {
    const asked = JSON.stringify(event(request, RULES))
    const began = performance.now()
    const outcome = await this.#environment.invoke(asked)
    const took = performance.now() - began
    const result = (
      outcome.kind === 'result' ? outcome.result : {}
    ) as APIGatewayProxyStructuredResultV2
    if (result.statusCode !== status) {
      const { method = 'GET', target } = request
      const said = `${result.statusCode ?? outcome.kind} ${result.body ?? ''} ${this.#log()}`
      throw new Error(`${method} ${target} in the function answered ${said}, not ${status}`)
    }
    await this.#environment.settled()
    return { result, took }
  }

  close(): Promise<void> {
    return this.#environment.close()
  }
}
