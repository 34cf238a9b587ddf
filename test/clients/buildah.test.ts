import { describeClient } from './describe-client.ts'
import { buildah } from './buildah.ts'

describeClient(buildah)
