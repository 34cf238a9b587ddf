import { describeClient } from './describe-client.ts'
import { podman } from './podman.ts'

describeClient(podman)
