/**
 * What one question reads, however much it asks: nothing is read twice. What was read for it is as good as new to it; what
 * was kept from before gives no answer "no".
 */
import type { Read } from './held-roles.ts'
import type { RightsReader } from './rights-reader.ts'
import type { ClusterRights, ProjectRights } from './rights-snapshot.ts'

export class RightsReading {
  readonly #reader: RightsReader
  #cluster: ClusterRights | undefined
  readonly #projects = new Map<string, ProjectRights>()

  constructor(reader: RightsReader) {
    this.#reader = reader
  }

  /** By what is there now. */
  async now(namespace: string | undefined): Promise<Read> {
    return (await this.#read(namespace, true)).read
  }

  /** Whether it is so; `fresh`: by what is there now, whatever the answer. */
  async holds(
    namespace: string | undefined,
    fresh: boolean,
    decide: (read: Read) => boolean,
  ): Promise<boolean> {
    const { read, kept } = await this.#read(namespace, fresh)
    if (decide(read)) return true
    return kept ? decide(await this.now(namespace)) : false
  }

  /** `kept`: some of it was read before this question. */
  async #read(
    namespace: string | undefined,
    fresh: boolean,
  ): Promise<{ readonly read: Read; readonly kept: boolean }> {
    const [cluster, project] = await Promise.all([
      this.#readCluster(fresh),
      namespace === undefined ? undefined : this.#readProject(namespace, fresh),
    ])
    return {
      read: { cluster: cluster.rights, project: project?.rights },
      kept: cluster.kept || project?.kept === true,
    }
  }

  async #readCluster(fresh: boolean) {
    if (this.#cluster) return { rights: this.#cluster, kept: false }
    const answer = await this.#reader.cluster(fresh)
    if (!answer.kept) this.#cluster = answer.rights
    return answer
  }

  async #readProject(name: string, fresh: boolean) {
    const known = this.#projects.get(name)
    if (known) return { rights: known, kept: false }
    const answer = await this.#reader.project(name, fresh)
    if (!answer.kept) this.#projects.set(name, answer.rights)
    return answer
  }
}
