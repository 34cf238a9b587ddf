import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { StorageError } from '@sluice/core/ports/storage-error'
import { onS3 } from './s3-error.ts'

/** Of a presigned URL, by S3's own rules: seven days. */
const LONGEST_SECONDS = 604_800

export interface Link {
  readonly method: 'GET' | 'HEAD'
  /** Seconds. */
  readonly ttl: number
  readonly contentType: string
}

/**
 * URLs that S3 serves to whoever holds them. Nothing is asked of S3: the client's credentials sign them, with a key that
 * the SDK derives once a day. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
export class PresignedLinks {
  readonly #client: S3Client
  readonly #bucket: string

  constructor(client: S3Client, bucket: string) {
    this.#client = client
    this.#bucket = bucket
  }

  async link(key: string, { method, ttl, contentType }: Link): Promise<URL> {
    const input = { Bucket: this.#bucket, Key: key, ResponseContentType: contentType }
    const command = method === 'GET' ? new GetObjectCommand(input) : new HeadObjectCommand(input)
    const expiresIn = Math.min(ttl, LONGEST_SECONDS, await this.#secondsLeft())
    return new URL(await onS3('sign a link', getSignedUrl(this.#client, command, { expiresIn })))
  }

  /** S3 refuses a link whose credentials have expired, however long it was to last. */
  async #secondsLeft(): Promise<number> {
    const { credentials } = this.#client.config
    const left = async (forceRefresh: boolean): Promise<number> => {
      const { expiration } = await onS3('give credentials', credentials({ forceRefresh }))
      return expiration ? Math.floor((expiration.getTime() - Date.now()) / 1000) : Infinity
    }
    const seconds = await left(false)
    if (seconds > 0) return seconds
    const renewed = await left(true)
    if (renewed > 0) return renewed
    throw new StorageError('unavailable', 'the credentials for S3 have expired', undefined)
  }
}
