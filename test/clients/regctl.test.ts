import { regctl } from './regctl.ts'
import { describeClient } from './describe-client.ts'

describeClient(regctl)
