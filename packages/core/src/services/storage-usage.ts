/** How many bytes each project holds: its blobs that are here, each once however many repositories link it, and its manifests. */
import type { Metrics } from '../ports/metrics.ts'
import type { Table } from '../ports/table.ts'
import { isStored, linkRecord } from '../records/blob-record.ts'
import { BLOB_PREFIX, CATALOG, MANIFEST_PREFIX, repositoryPk } from '../records/keys.ts'
import { manifestRecord } from '../records/manifest-record.ts'
import type { ProjectName, RepositoryName } from '../repository-name.ts'
import { eachRecord } from './each-record.ts'
import { pause } from './pause.ts'
import type { Projects } from './projects.ts'

export class StorageUsage {
  readonly #table: Table
  readonly #projects: Projects
  readonly #metrics: Metrics | undefined

  constructor(table: Table, projects: Projects, metrics: Metrics | undefined) {
    this.#table = table
    this.#projects = projects
    this.#metrics = metrics
  }

  /**
   * Tells the metrics of every project: reads all links and manifests, so it is done now and then. `stop`, asked between two
   * repositories, ends it early.
   */
  async tell(stop: () => boolean = () => false): Promise<void> {
    if (!this.#metrics) return
    for await (const project of this.#projects.list()) {
      const bytes = await this.#bytesOf(project, stop)
      if (stop()) return
      this.#metrics.gauge('sluice_storage_bytes', { project }).set(bytes)
    }
  }

  async #bytesOf(project: ProjectName, stop: () => boolean): Promise<number> {
    const sizes = new Map<string, number>()
    for await (const { sk } of eachRecord(this.#table, CATALOG, `${project}/`)) {
      if (stop()) break
      // A table that answers at once would let nobody else have a turn.
      await pause(0)
      const partition = repositoryPk(sk as RepositoryName)
      for await (const blob of eachRecord(this.#table, partition, BLOB_PREFIX)) {
        const link = linkRecord(blob.item)
        if (isStored(link)) sizes.set(blob.sk, link.size)
      }
      for await (const manifest of eachRecord(this.#table, partition, MANIFEST_PREFIX)) {
        sizes.set(manifest.sk, manifestRecord(manifest.item).size)
      }
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0)
  }
}
