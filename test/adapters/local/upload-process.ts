/** Another process, that dies in the middle of an append. */
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { setTimeout } from 'node:timers/promises'

const [root = '', state = ''] = process.argv.slice(2)

async function* endless(): AsyncGenerator<Uint8Array> {
  for (let count = 0; ; count++) {
    yield Buffer.alloc(64 * 1024, 'x')
    if (count === 64) process.stdout.write('under way\n')
    if (count > 64) await setTimeout(1)
  }
}

await new FileBlobStore(root).append(JSON.parse(state), endless())
