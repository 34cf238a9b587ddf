import type { S3ClientConfig } from '@aws-sdk/client-s3'

/** What a client that is given to `S3BlobStore` should be made with, beside region and credentials. */
export const s3ClientSettings = ({ pathStyle }: { readonly pathStyle: boolean }) =>
  ({
    forcePathStyle: pathStyle,
    /** The store gives S3 a checksum of whatever it sends; the SDK would add a second, and check what clients check. */
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    /** A bucket in another region than the client's is a mistake of whoever deployed, and costs twice unnoticed. */
    followRegionRedirects: false,
    /** The SDK would send each part over a new connection, only to hear before it that it may. */
    expectContinueHeader: false,
    /** What passes by (5xx, SlowDown, a broken connection) is sent again, after a random time that doubles. */
    maxAttempts: 4,
    retryMode: 'standard',
    requestHandler: {
      /** Milliseconds, all three. */
      connectionTimeout: 2000,
      /** Until the head of the answer; a part has been sent by then. Without the flag the SDK only warns. */
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      /** Without a byte in either direction. It also ends an answer that whoever asked for it never reads. */
      socketTimeout: 120_000,
      httpAgent: { keepAlive: true, maxSockets: 128 },
      httpsAgent: { keepAlive: true, maxSockets: 128 },
    },
  }) satisfies S3ClientConfig
