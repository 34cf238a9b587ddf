import { homedir } from 'node:os'
import { join } from 'node:path'

/** Outside the repository, so that every checkout on a machine shares what takes minutes to build. */
export const toolCache = (): string =>
  process.env['SLUICE_TOOL_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice-tools')
