import { oras } from './oras.ts'
import { describeClient } from './describe-client.ts'

describeClient(oras)
