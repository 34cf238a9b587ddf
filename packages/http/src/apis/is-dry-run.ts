import type { AppContext } from '../app-environment.ts'

/** By the query, or by the options of a removal. */
export const isDryRun = (
  c: AppContext,
  { dryRun }: Readonly<Record<string, unknown>> = {},
): boolean => c.req.query('dryRun') !== undefined || (Array.isArray(dryRun) && dryRun.length > 0)
