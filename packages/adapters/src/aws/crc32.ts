/** S3's CRC32 as it travels: four bytes, the highest first, in base64. */
import { crc32 as continued } from 'node:zlib'

export const crc32 = (bytes: Uint8Array): number => continued(bytes)

function bytesOf(crc: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes
}

export const crc32Text = (crc: number): string => bytesOf(crc).toString('base64')

/** Of an object in parts: the CRC32 of the CRC32s of its parts, of which `so far` covers those before; 0 before all. */
export const compositeCrc32 = (soFar: number, part: number): number =>
  continued(bytesOf(part), soFar)
