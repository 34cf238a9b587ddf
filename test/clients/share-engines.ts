/** One set of the cloud's engines for all clients, where the cloud is what they try; each still has a stage of its own. */
import { shareEngines } from '../cloud/engines/shared-engines.ts'
import { engineUnderTest } from '../start-registry.ts'

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  return engineUnderTest() === 'laptop' ? undefined : shareEngines()
}
