/** A registry that runs somewhere on this machine, as its clients see it. */
export interface RegistryUnderTest {
  readonly url: string
  /** `127.0.0.1:PORT`: what stands before the first slash of an image name. */
  readonly host: string
  readonly user: string
  readonly password: string
  /** All that its processes have written so far: what to print when a test fails. */
  log(): string
  /** As an operator would; rejects when it does not end well. */
  stop(): Promise<void>
}
