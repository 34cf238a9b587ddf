/** A function that does nothing but ask an upstream for its tags, where the event says that one is. */
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import { upstreamSettings } from '../upstream/upstream-settings.ts'

const dialer = new HttpUpstreamDialer({
  secrets: { read: () => Promise.resolve(undefined) },
  tokens: {
    take: async (_key, fetch) => (await fetch()).token,
    forget: () => Promise.resolve(),
  },
  clock: { now: Date.now },
  onProblem: () => undefined,
})

export const handler = ({
  url,
}: {
  readonly url: string
}): Promise<readonly string[] | undefined> =>
  dialer.dial('upstream', upstreamSettings(url)).tags('team/app')
