/** Of the local engines alone; the S3 server checks what is signed with them. */
export const CREDENTIALS = {
  accessKeyId: 'AKIALOCALSLUICE00000',
  secretAccessKey: 'local/secret/of/the/engines/under/test00',
}

export const REGION = 'us-east-1'
