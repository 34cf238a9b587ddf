/** end-1: whether the caller is known. Asks even where anonymous pulls are allowed, or nobody could ever log in. */
import type { Parts } from '../app-environment.ts'
import { identify } from '../caller.ts'
import { ChallengeError } from '../challenge.ts'
import { respondJson } from '../respond.ts'
import type { Methods } from '../route-table.ts'

export const baseRoutes = (parts: Parts): Methods => ({
  GET: async (c) => {
    if (!(await identify(c, parts))) throw new ChallengeError(c, parts, 'log in first')
    return respondJson({})
  },
})
