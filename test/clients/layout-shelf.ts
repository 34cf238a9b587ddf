import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { TextByPlatform } from './client.ts'
import { writeOciLayout } from './oci-layout.ts'

export interface LayoutShelf {
  /** Writes the image's layout and gives its folder. */
  build(image: string, texts: TextByPlatform, ballast?: string): string
  /** The folder of an image built before. */
  of(image: string): string
  /** A folder that does not exist yet, to pull into. */
  empty(): string
}

/** For the clients that build nothing themselves: one OCI layout for each image, in place of a local store. */
export function createLayoutShelf(dir: string): LayoutShelf {
  const shelf = join(dir, 'layouts')
  mkdirSync(shelf)
  const of = (image: string): string => join(shelf, image.replaceAll(/[^a-z0-9]/g, '-'))
  return {
    of,
    build: (image, texts, ballast) => {
      writeOciLayout(of(image), image, texts, ballast)
      return of(image)
    },
    empty: () => join(mkdtempSync(join(shelf, 'pulled-')), 'layout'),
  }
}
