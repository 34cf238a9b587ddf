/**
 * Writes one layer of new bytes and prints the seconds that it took, as a process of its own: each way of writing begins
 * alike, and nothing else of the bench is in its memory. `<bytes> door <url> <authorization>`, or
 * `<bytes> store|sdk <S3's URL> <bucket>`: straight to S3, with the store's settings or those that the SDK comes with.
 */
import { Keystream } from '../keystream.ts'
import { streamIn } from '../stream-layer.ts'
import { REPOSITORY } from './filled-stage.ts'
import { SdkUpload } from './sdk-upload.ts'

const [bytes = '', way = '', url = '', more = ''] = process.argv.slice(2)

/** Whoever pushes names what was sent by its digest; who writes straight does as much. */
async function straight(upload: SdkUpload, size: number): Promise<void> {
  const content = new Keystream(size)
  await upload.write('straight', content.stream, size)
  content.digest()
}

const began = performance.now()
if (way === 'door') {
  const authorize = () => Promise.resolve({ authorization: more })
  await streamIn({ url, authorize }, REPOSITORY, Number(bytes))
} else {
  const upload = new SdkUpload(url, more, way === 'store')
  await straight(upload, Number(bytes))
  upload.close()
}
process.stdout.write(String((performance.now() - began) / 1000))
// Kept connections would hold it for a while.
process.exit(0)
