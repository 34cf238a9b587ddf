import { Agent } from 'node:http'
import type { Issuer } from '@sluice/adapters/identity/issuer'
import type { Policy } from '@sluice/core/policy'
import type { Registry } from '@sluice/core/registry'
import { createApp } from '@sluice/http/app'
import { listen } from '@sluice/server/listen'
import type { SettableClock } from '../temporary-registry.ts'
import type { Answer, Ask, Question } from './answer.ts'
import { askInProcess } from './ask-in-process.ts'
import { askOverASocket } from './ask-over-a-socket.ts'
import { openLogFile, type LogFile } from './log-file.ts'
import {
  ADMIN,
  openServedRegistry,
  type OpenRooms,
  type ServedRegistry,
} from './served-registry.ts'

/** How a question comes to the app. */
export interface Passage {
  readonly ask: Ask
  /** Where sockets connect; a door without sockets has none. */
  readonly url?: string
  /** What the door logs, access lines included. */
  readonly logged?: Pick<LogFile, 'lines' | 'text'>
  close(): Promise<void>
}

export type OpenPassage = (served: ServedRegistry) => Promise<Passage>

export interface Door {
  readonly open: OpenPassage
  /**
   * Whether a request reaches the registry only when its body has come to its end, as from an API gateway: then nothing
   * can happen while a body comes, and one without end is the gateway's to refuse.
   */
  readonly buffers: boolean
}

export async function openInProcess({ parts }: ServedRegistry): Promise<Passage> {
  return { ask: askInProcess(createApp(parts)), close: async () => undefined }
}

export async function openNodeDoor({ parts }: ServedRegistry): Promise<Passage> {
  const logged = openLogFile()
  const { log } = logged
  const door = await listen(createApp(parts), { address: '127.0.0.1', port: 0, log, access: true })
  const agent = new Agent({ keepAlive: true })
  return {
    ask: askOverASocket(door.url, agent),
    url: door.url,
    logged,
    close: async () => {
      agent.destroy()
      await door.close(0)
      logged.close()
    },
  }
}

/** A door with a registry behind it. Every question is asked as the administrator unless it says otherwise. */
export class DoorUnderTest {
  readonly buffers: boolean
  readonly #openPassage: OpenPassage
  readonly #settings: Partial<Policy>
  readonly #openRooms: OpenRooms | undefined
  readonly #issuers: () => readonly Issuer[]
  #served: ServedRegistry | undefined
  #passage: Passage | undefined

  constructor(
    openPassage: OpenPassage,
    settings: Partial<Policy>,
    {
      buffers = false,
      openRooms,
      issuers = () => [],
    }: {
      readonly buffers?: boolean
      readonly openRooms?: OpenRooms
      readonly issuers?: () => readonly Issuer[]
    } = {},
  ) {
    this.#openPassage = openPassage
    this.#settings = settings
    this.#openRooms = openRooms
    this.#issuers = issuers
    this.buffers = buffers
  }

  async open(): Promise<void> {
    this.#served = await openServedRegistry(this.#settings, this.#openRooms, this.#issuers())
    this.#passage = await this.#openPassage(this.#served)
  }

  async close(): Promise<void> {
    await this.#passage?.close()
    await this.#served?.temporary.close()
  }

  get served(): ServedRegistry {
    if (!this.#served) throw new Error('the door is not open')
    return this.#served
  }

  get url(): string {
    const url = this.#passage?.url
    if (url === undefined) throw new Error('this door has no sockets')
    return url
  }

  get logged(): Pick<LogFile, 'lines' | 'text'> {
    const logged = this.#passage?.logged
    if (logged === undefined) throw new Error('this door has no log')
    return logged
  }

  get registry(): Registry {
    return this.served.registry
  }

  get clock(): SettableClock {
    return this.served.temporary.clock
  }

  async ask({ as = 'admin', ...question }: Question): Promise<Answer> {
    if (!this.#passage) throw new Error('the door is not open')
    const authorization = as === 'admin' ? ADMIN : as === 'nobody' ? undefined : as.authorization
    const headers = { ...question.headers, ...(authorization && { Authorization: authorization }) }
    return this.#passage.ask({ ...question, headers })
  }

  get(path: string, headers: Question['headers'] = {}): Promise<Answer> {
    return this.ask({ path, headers })
  }

  head(path: string, headers: Question['headers'] = {}): Promise<Answer> {
    return this.ask({ method: 'HEAD', path, headers })
  }

  delete(path: string): Promise<Answer> {
    return this.ask({ method: 'DELETE', path })
  }

  put(path: string, body?: Question['body'], headers: Question['headers'] = {}): Promise<Answer> {
    return this.ask({ method: 'PUT', path, headers, ...(body === undefined ? {} : { body }) })
  }

  patch(path: string, body: Question['body'], headers: Question['headers'] = {}): Promise<Answer> {
    return this.ask({ method: 'PATCH', path, headers, ...(body === undefined ? {} : { body }) })
  }

  post(path: string, body?: Question['body'], headers: Question['headers'] = {}): Promise<Answer> {
    return this.ask({ method: 'POST', path, headers, ...(body === undefined ? {} : { body }) })
  }
}
