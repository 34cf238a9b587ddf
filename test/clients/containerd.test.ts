import { describeClient } from './describe-client.ts'
import { containerd } from './containerd.ts'

describeClient(containerd)
