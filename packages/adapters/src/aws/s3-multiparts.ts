/** The multipart uploads of one bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { StorageError } from '@sluice/core/ports/storage-error'
import { crc32, crc32Text } from './crc32.ts'
import { onS3, unlessMissing } from './s3-error.ts'
import { MARK } from './s3-objects.ts'
import { newToken, type Multipart, type Part } from './s3-upload-state.ts'
import { withUnsignedBody } from './unsigned-body.ts'

/** S3's own limit. */
export const MOST_PARTS = 10_000

/** S3 puts an object of many parts together before it answers, for minutes perhaps. */
const COMPLETE_WITHIN_MS = 600_000

export interface ListedPart extends Part {
  readonly number: number
  readonly modifiedAt: number
}

export interface ListedMultipart {
  readonly key: string
  readonly uploadId: string
  readonly initiatedAt: number
}

export class S3Multiparts {
  readonly #client: S3Client
  readonly #bucket: string

  constructor(client: S3Client, bucket: string) {
    this.#client = client
    this.#bucket = bucket
  }

  async create(key: string): Promise<Multipart> {
    const mark = newToken()
    const command = new CreateMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: key,
      ChecksumAlgorithm: 'CRC32',
      Metadata: { [MARK]: mark },
    })
    const { UploadId } = await onS3('begin an upload', this.#client.send(command))
    return { uploadId: required(UploadId), mark, parts: 0, size: 0, chain: '', crc: 0 }
  }

  /** Replaces the part that had this number. */
  async put(
    key: string,
    uploadId: string,
    number: number,
    bytes: Uint8Array,
    abortSignal?: AbortSignal,
  ): Promise<Part> {
    const crc = crc32(bytes)
    const command = new UploadPartCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
      PartNumber: number,
      Body: bytes,
      ChecksumCRC32: crc32Text(crc),
    })
    const options = abortSignal ? { abortSignal } : {}
    const sent = this.#client.send(withUnsignedBody(command), options)
    const { ETag } = await onS3('take a part', sent)
    return { etag: required(ETag), size: bytes.byteLength, crc }
  }

  /** In the order of their numbers; `undefined` where there is no such upload: it is complete, aborted or was never. */
  async parts(key: string, uploadId: string): Promise<readonly ListedPart[] | undefined> {
    const parts: ListedPart[] = []
    for (let marker: string | undefined; ;) {
      const command = new ListPartsCommand({
        Bucket: this.#bucket,
        Key: key,
        UploadId: uploadId,
        PartNumberMarker: marker,
      })
      const page = await unlessMissing("list an upload's parts", this.#client.send(command))
      if (!page) return undefined
      for (const part of page.Parts ?? []) {
        parts.push({
          number: required(part.PartNumber),
          etag: required(part.ETag),
          size: part.Size ?? 0,
          crc: Buffer.from(required(part.ChecksumCRC32), 'base64').readUInt32BE(),
          modifiedAt: part.LastModified?.getTime() ?? 0,
        })
      }
      marker = page.NextPartNumberMarker
      if (page.IsTruncated !== true || marker === undefined) return parts
    }
  }

  /** Throws what the client throws: a failure here may be none. The parts are those numbered from 1. */
  async complete(key: string, uploadId: string, parts: readonly Part[]): Promise<void> {
    const command = new CompleteMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
      IfNoneMatch: '*',
      MultipartUpload: {
        Parts: parts.map(({ etag, crc }, at) => ({
          PartNumber: at + 1,
          ETag: etag,
          ChecksumCRC32: crc32Text(crc),
        })),
      },
    })
    await this.#client.send(command, { requestTimeout: COMPLETE_WITHIN_MS })
  }

  /** Absence is success. */
  async abort(key: string, uploadId: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
    })
    await unlessMissing('abort an upload', this.#client.send(command))
  }

  /**
   * Those whose key begins with `prefix`, in the order of the keys. A page may end between two uploads to one key, and
   * not every server goes on from there; so the last key's are asked for by themselves, and the next page begins behind it.
   */
  async *all(prefix: string): AsyncGenerator<ListedMultipart> {
    for (let after: string | undefined; ;) {
      const { uploads, last } = await this.#page(prefix, after)
      yield* uploads.filter(({ key }) => key !== last)
      if (last === undefined) return
      yield* await this.ofKey(last)
      after = last
    }
  }

  /** At most a thousand: no more are ever begun for one key. */
  async ofKey(key: string): Promise<readonly ListedMultipart[]> {
    const { uploads } = await this.#page(key, undefined)
    return uploads.filter((upload) => upload.key === key)
  }

  /** `last`: the last key, where more uploads follow. */
  async #page(
    prefix: string,
    after: string | undefined,
  ): Promise<{ readonly uploads: readonly ListedMultipart[]; readonly last: string | undefined }> {
    const command = new ListMultipartUploadsCommand({
      Bucket: this.#bucket,
      Prefix: prefix,
      KeyMarker: after,
    })
    const page = await onS3('list uploads', this.#client.send(command))
    const uploads = (page.Uploads ?? []).map(({ Key, UploadId, Initiated }) => ({
      key: required(Key),
      uploadId: required(UploadId),
      initiatedAt: Initiated?.getTime() ?? 0,
    }))
    return { uploads, last: page.IsTruncated === true ? uploads.at(-1)?.key : undefined }
  }
}

function required<T>(value: T | undefined): T {
  if (value !== undefined) return value
  throw new StorageError('unavailable', 'S3 answers without something that it promises', undefined)
}
