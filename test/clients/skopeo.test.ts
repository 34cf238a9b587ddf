import { skopeo } from './skopeo.ts'
import { describeClient } from './describe-client.ts'

describeClient(skopeo)
