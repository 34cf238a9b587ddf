/** Objects written straight to S3, by a program that does nothing else: what the upload door is held against. */
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3'
import { PART_BYTES, PARTS_IN_FLIGHT } from '@sluice/adapters/aws/part-buffers'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { withUnsignedBody } from '@sluice/adapters/aws/unsigned-body'
import { CREDENTIALS, REGION } from '../../cloud/engines/credentials.ts'

export class SdkUpload {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #tuned: boolean

  /**
   * `tuned`: with the settings of the store and, as over TLS, no SHA-256 of the bodies in the signature. Otherwise the SDK
   * does all that it does by default.
   */
  constructor(endpoint: string, bucket: string, tuned: boolean) {
    const more = tuned ? s3ClientSettings({ pathStyle: true }) : { forcePathStyle: true }
    this.#client = new S3Client({ region: REGION, credentials: CREDENTIALS, endpoint, ...more })
    this.#bucket = bucket
    this.#tuned = tuned
  }

  /** Sends all that the stream has, which must be `size` bytes, in parts like the store's, as many of them at once. */
  async write(key: string, stream: Readable, size: number): Promise<void> {
    const object = { Bucket: this.#bucket, Key: key }
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm: 'CRC32' }),
    )
    const idle: Buffer[] = []
    const sending = new Set<Promise<CompletedPart>>()
    const sent: Promise<CompletedPart>[] = []
    const send = async (buffer: Buffer, length: number): Promise<void> => {
      while (sending.size >= PARTS_IN_FLIGHT) await Promise.race(sending)
      const input = { ...object, UploadId, PartNumber: sent.length + 1 }
      const part = this.#put(input, buffer.subarray(0, length)).finally(() => {
        sending.delete(part)
        idle.push(buffer)
      })
      sending.add(part)
      sent.push(part)
    }
    let buffer: Buffer = Buffer.allocUnsafeSlow(PART_BYTES)
    let filled = 0
    for await (const piece of stream as AsyncIterable<Buffer>) {
      for (let at = 0; at < piece.length;) {
        const length = piece.copy(buffer, filled, at)
        filled += length
        at += length
        if (filled < PART_BYTES) continue
        await send(buffer, filled)
        buffer = idle.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES)
        filled = 0
      }
    }
    if (filled > 0) await send(buffer, filled)
    const Parts = await Promise.all(sent)
    await this.#client.send(
      new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }),
    )
    const { ContentLength } = await this.#client.send(new HeadObjectCommand(object))
    if (ContentLength !== size) throw new Error(`S3 has ${ContentLength} of ${size} bytes`)
  }

  /** Removes every object of the bucket, whoever wrote it. */
  async empty(): Promise<void> {
    const Bucket = this.#bucket
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket }))
    const Objects = Contents.map(({ Key }) => ({ Key }))
    if (Objects.length === 0) return
    await this.#client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  }

  close(): void {
    this.#client.destroy()
  }

  async #put(
    input: {
      readonly Bucket: string
      readonly Key: string
      readonly UploadId: string | undefined
      readonly PartNumber: number
    },
    bytes: Buffer,
  ): Promise<CompletedPart> {
    const { PartNumber } = input
    if (!this.#tuned) {
      const command = new UploadPartCommand({ ...input, Body: bytes, ChecksumAlgorithm: 'CRC32' })
      const { ETag, ChecksumCRC32 } = await this.#client.send(command)
      return { PartNumber, ETag, ChecksumCRC32 }
    }
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(crc32(bytes))
    const ChecksumCRC32 = checksum.toString('base64')
    const command = new UploadPartCommand({ ...input, Body: bytes, ChecksumCRC32 })
    const { ETag } = await this.#client.send(withUnsignedBody(command))
    return { PartNumber, ETag, ChecksumCRC32 }
  }
}
