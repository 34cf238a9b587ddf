import { jsonObject } from '../shared/json-object.ts'

/** The key of a Google service account, as `gcloud iam service-accounts keys create` writes it. */
export interface ServiceAccountKey {
  readonly email: string
  readonly id: string
  /** PKCS #8, PEM. */
  readonly privateKey: string
  /** Where a token is asked for. */
  readonly tokenUri: URL
}

/** A key says where it is to be used; were that believed, whoever writes one could have us ask anywhere. */
const TOKEN_HOST = 'oauth2.googleapis.com'

/** `undefined` for what is no such key. */
export function parseServiceAccountKey(text: string): ServiceAccountKey | undefined {
  const found = jsonObject(text)
  const { client_email: email, private_key_id: id, private_key: privateKey, token_uri: uri } = found
  const isWhole =
    typeof email === 'string' &&
    typeof id === 'string' &&
    typeof privateKey === 'string' &&
    typeof uri === 'string'
  const tokenUri = isWhole ? URL.parse(uri) : null
  const isGoogles = tokenUri?.protocol === 'https:' && tokenUri.hostname === TOKEN_HOST
  return isWhole && tokenUri && isGoogles ? { email, id, privateKey, tokenUri } : undefined
}
