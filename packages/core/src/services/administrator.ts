/** The bootstrap administrator, who is there from the start and can be switched off for good, as OpenShift's `kubeadmin`. */
import { ObjectError } from '../object-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table } from '../ports/table.ts'
import { administratorKey } from '../records/keys.ts'
import type { BindingContent } from '../rbac/binding.ts'
import type { ObjectCollection } from './object-collection.ts'

/** The user's name; the login's is another. */
export const ADMINISTRATOR = 'kube:admin'

/** For which an answer "still there" is used again. */
const KEPT_FOR_MS = 60_000

export class Administrator {
  readonly #table: Table
  readonly #clock: Clock
  readonly #bindings: Pick<ObjectCollection<BindingContent>, 'list'>
  #gone = false
  #seenAt = -Infinity

  constructor(
    table: Table,
    clock: Clock,
    clusterRoleBindings: Pick<ObjectCollection<BindingContent>, 'list'>,
  ) {
    this.#table = table
    this.#clock = clock
    this.#bindings = clusterRoleBindings
  }

  /** Nobody brings her back, so that she is gone is asked once. */
  async isGone(): Promise<boolean> {
    if (this.#gone) return true
    const now = this.#clock.now()
    if (now - this.#seenAt < KEPT_FOR_MS && now >= this.#seenAt) return false
    this.#gone = (await this.#table.get(administratorKey)) !== undefined
    this.#seenAt = now
    return this.#gone
  }

  /** Conflict while nobody else could administrate the registry. `dryRun`: all but the removal. */
  async remove(dryRun = false): Promise<void> {
    if (await this.isGone()) throw new ObjectError('NotFound', 'secrets "kubeadmin" not found')
    if (!(await this.#hasOther())) {
      throw new ObjectError(
        'Conflict',
        'Operation cannot be fulfilled on secrets "kubeadmin": bind cluster-admin to another user or group first, or nobody could administrate the registry',
      )
    }
    if (dryRun) return
    await this.#table.transact([{ put: administratorKey, item: { goneAt: this.#clock.now() } }])
    this.#gone = true
  }

  async #hasOther(): Promise<boolean> {
    for (let after: string | undefined; ;) {
      const page = await this.#bindings.list(undefined, {
        limit: 1000,
        ...(after === undefined ? {} : { after }),
      })
      const found = page.objects.some(
        ({ content: { roleRef, subjects } }) =>
          roleRef.name === 'cluster-admin' &&
          subjects.some(({ name }) => name !== ADMINISTRATOR && !isBuiltIn(name)),
      )
      if (found) return true
      after = page.next
      if (after === undefined) return false
    }
  }
}

/** Groups that no identity provider can put anybody into. */
const isBuiltIn = (name: string): boolean =>
  name.startsWith('system:') && !name.startsWith('system:serviceaccount')
