/** What one stage is deployed as: the owner's settings (`settings.ts`), merged and checked. */
import { problemsOf, REGION } from './deployment-problems.ts'
import { settings } from './settings.ts'

/** One registry of accounts whose tokens are accepted as passwords. */
export interface Issuer {
  /** `https://...`, exactly as it stands in the tokens' `iss`. */
  readonly url: string
  /** At least one of them must stand in a token's `aud`. */
  readonly audiences: readonly string[]
  /** Which claim names the user (`sub` without it), and what is put before the name. */
  readonly username?: { readonly claim: string; readonly prefix?: string }
  /** Which claim names his groups, and what is put before each. */
  readonly groups?: { readonly claim: string; readonly prefix?: string }
  /** Claims that a token must have with just these values. */
  readonly required?: Readonly<Record<string, string>>
  /** Of the signature; all that only a private key makes without it. */
  readonly algorithms?: readonly string[]
  /** Where its keys are, if its OpenID configuration is not to say so. */
  readonly jwksUrl?: string
  /** The client with which people log in there, one of `audiences`; its users may then ask for projects. */
  readonly clientId?: string
  /** What `sluice login` asks for there; `openid profile email` without it. */
  readonly scopes?: readonly string[]
}

/** One registry that is pulled through. */
export interface Upstream {
  /** As clients name it: `docker.io`, `quay.io`. */
  readonly name: string
  /** `https://...`. Of those that every registry knows (`core/src/upstream/upstream-presets.ts`) only where it is to be another. */
  readonly url?: string
  /** What a client gets while a blob is not stored here: the upstream's own address (without it), or the blob once it is. */
  readonly coldBlob?: 'redirect' | 'wait'
  /**
   * `secretName`: of the parameter `/sluice/<stage>/secrets/<secretName>` (SecureString), which the owner makes:
   * `<user>:<password>` of `basic`, the token of `bearer`. `ecr`: ECR of this account, which the functions may then read.
   */
  readonly credentials?:
    | { readonly type: 'basic' | 'bearer' | 'gar'; readonly secretName: string }
    | { readonly type: 'ecr' }
}

/** Where `/v2/*` + `/blobs/uploads/*` goes, as functions behind the gateway take 4.5 MB a request and clients send whole layers. */
export type UploadDoor =
  /** A container that always runs, behind a load balancer of its own. */
  | 'fargate'
  /** A Lambda Web Function: nothing runs while nobody pushes. Not in every region. */
  | 'web-function'
  /** Only clients that send small chunks can push (`regctl --blob-max 4194304`). */
  | 'off'

export interface Deployment {
  readonly region: string
  readonly hostName: string
  /** `route53` makes the records and the certificate in the hosted zone of this account; `manual` leaves both to the owner. */
  readonly dns: 'route53' | 'manual'
  /** In us-east-1, where CloudFront looks for it. Made by `route53` when absent. */
  readonly certificateArn?: string
  readonly uploadDoor: UploadDoor
  readonly fargate: {
    readonly cpu: '0.25 vCPU' | '0.5 vCPU' | '1 vCPU' | '2 vCPU'
    readonly memory: `${number} GB`
    /** Containers, in quiet hours and at most. */
    readonly min: number
    readonly max: number
  }
  readonly issuers: readonly Issuer[]
  readonly upstreams: readonly Upstream[]
  /** The upstream whose repositories are found at the root as well (docker's `registry-mirrors`); none without it. */
  readonly rootUpstream?: string
  /** Megabytes; the share of a processor grows with them, one whole at 1,769. */
  readonly memory: {
    readonly api: number
    readonly fill: number
    readonly sweep: number
    readonly exporter: number
  }
  readonly sweepMinutes: number
  /** For which unreferenced blobs are kept. */
  readonly graceSeconds: number
  /** After which an idle upload is removed. */
  readonly uploadIdleSeconds: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Who did what, in the log: changes and refused logins, pulls as well, or nothing. */
  readonly audit: 'changes' | 'all' | 'off'
  /** Whether webhooks can be made, which are told of what is done: then the table is asked for them now and then. */
  readonly events: boolean
  /** OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_ENDPOINT` and so on), for traces; nothing secret. None, and no traces, when absent. */
  readonly traces?: Readonly<Record<`OTEL_${string}`, string>>
  /** Whether a line tells of each request: most of what the log holds. */
  readonly accessLog: boolean
  readonly logRetentionDays: number
  /** Whether the exporter is told what the doors count; else it is in CloudWatch alone, and there is nothing to scrape. */
  readonly prometheus: boolean
  /** A page in CloudWatch; an account has three free, and pays $3 a month for each other. */
  readonly dashboard: boolean
  /** Who gets the alarms; nobody, and no alarms, when absent. */
  readonly alarmMail?: string
  /** A bucket that exists and is to become this registry's. */
  readonly existingBucket?: string
}

export interface Settings {
  /** Keep their data whatever happens, and refuse `sst remove`. */
  readonly productionStages: readonly string[]
  readonly everyStage: Omit<Deployment, 'hostName'>
  /** Every stage has a host name; whatever else stands here wins over `everyStage`. */
  readonly stages: Readonly<Record<string, Partial<Deployment> & { readonly hostName: string }>>
}

export interface StageDeployment extends Deployment {
  readonly production: boolean
}

/** @throws {Error} whose message has one line for each thing that is wrong. */
export function deploymentOf(stage: string, from: Settings = settings): StageDeployment {
  const problems = problemsOf(stage, from)
  const own = from.stages[stage]
  if (problems.length > 0 || !own) {
    throw new Error(['infra/settings.ts cannot be deployed:', ...problems].join('\n  '))
  }
  return { ...from.everyStage, ...own, production: from.productionStages.includes(stage) }
}

/**
 * What SST must know before it runs anything, and before it can say what is wrong: it answers something for whatever settings, as
 * an error here would reach nobody. `deploymentOf` refuses them.
 */
export function outlineOf(
  stage: string,
  { everyStage, stages, productionStages }: Settings = settings,
): { readonly region: string; readonly production: boolean } {
  const region = stages[stage]?.region ?? everyStage.region
  return {
    region: REGION.test(region) ? region : 'us-east-1',
    production: productionStages.includes(stage),
  }
}
