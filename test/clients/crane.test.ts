import { crane } from './crane.ts'
import { describeClient } from './describe-client.ts'

describeClient(crane)
