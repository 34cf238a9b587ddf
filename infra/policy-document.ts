import type { Grant } from './grants.ts'

/** For the roles that SST makes no policy for, or too wide a one. */
export const policyDocument = (grants: readonly Grant[]): $util.Output<string> =>
  aws.iam.getPolicyDocumentOutput({
    statements: grants.map(({ actions, resources }) => ({ effect: 'Allow', actions, resources })),
  }).json
