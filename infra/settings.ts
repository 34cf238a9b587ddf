/**
 * What the owner of a registry edits, and nothing else does. `deployment.ts` says what each setting means; the first
 * administrator's password is not here but a secret (`npx sst secret set AdminPassword ... --stage production`).
 */
import type { Settings } from './deployment.ts'

export const settings: Settings = {
  productionStages: ['production'],

  stages: {
    production: { hostName: 'registry.example.com' },
    dev: { hostName: 'registry-dev.example.com', uploadDoor: 'off' },
  },

  everyStage: {
    region: 'eu-west-1',
    dns: 'route53',
    uploadDoor: 'fargate',
    fargate: { cpu: '0.5 vCPU', memory: '1 GB', min: 1, max: 4 },
    issuers: [],
    upstreams: [],
    memory: { api: 1024, fill: 512, sweep: 1024, exporter: 256 },
    sweepMinutes: 60,
    graceSeconds: 86_400,
    uploadIdleSeconds: 86_400,
    logLevel: 'info',
    accessLog: true,
    audit: 'changes',
    events: false,
    logRetentionDays: 30,
    prometheus: true,
    dashboard: true,
  },
}
