import type { RegistryUnderTest } from '../registry-under-test.ts'
import type { ToolName } from '../tools/tools.ts'

/** The text of the one file, `/hello.txt`, of an image for each platform: one platform is a plain image, several are an index. */
export type TextByPlatform = Readonly<Record<string, string>>

export interface Pulled {
  /** What `/hello.txt` says. */
  readonly text: string
  /** Every digest that the client knows the image by. */
  readonly digests: readonly string[]
  /** The digest of its ballast, for an image that was built with one. */
  readonly ballast?: string
}

/** What a client is given to work with: a server, and a folder that is all its world. */
export interface Setting {
  readonly server: RegistryUnderTest
  readonly tls: boolean
  readonly caFile: string
  /** A folder with nothing but the authority's certificate, for the clients that want a folder. */
  readonly caDir: string
  readonly dir: string
  /** What an engine asks before Docker Hub: a URL without a path. */
  readonly registryMirror?: string
}

/** A real client's commands, each run as its user would. All reject with what the client said when it failed. */
export interface Client {
  /** What this client calls the registry, when that is not the server's own address. */
  readonly host?: string
  login(user: string, password: string): Promise<void>
  logout(): Promise<void>
  /**
   * From scratch and without a network; `image` is the whole name, with host and tag. A large file may come along as `/ballast`, in the
   * same layer, with the clients that build and with containerd.
   */
  build(image: string, texts: TextByPlatform, ballast?: string): Promise<void>
  push(image: string): Promise<void>
  /** Into a store that holds nothing yet. */
  pull(image: string, platform: string): Promise<Pulled>
  /** To another repository of the same registry. */
  copy(from: string, to: string): Promise<void>
  tags?(repository: string): Promise<readonly string[]>
  /** By tag or by digest, as the name says. */
  remove?(image: string): Promise<void>
  attach?(image: string, artifactType: string, text: string): Promise<void>
  /** The artifact types of what refers to an image. */
  referrers?(image: string): Promise<readonly string[]>
  close?(): Promise<void>
}

/** What is not a command of every client. */
export type OptionalStep = 'tags' | 'remove' | 'attach' | 'referrers'

export interface ClientUnderTest {
  readonly name: string
  readonly tools: readonly ToolName[]
  /** What the client says to its user when the password is wrong. */
  readonly saysRefused: RegExp
  /** The steps that the client has no command for, each with the reason. */
  readonly cannot: Readonly<Partial<Record<OptionalStep, string>>>
  create(setting: Setting): Promise<Client>
}
