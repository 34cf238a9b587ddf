import { describeClient } from './describe-client.ts'
import { docker } from './docker.ts'

describeClient(docker)
