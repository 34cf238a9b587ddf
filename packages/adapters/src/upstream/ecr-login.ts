/** A login to the ECR registries of a region, for what the door runs as. */
export interface EcrLogin {
  /** `<user>:<password>` in base64, as AWS gives it. */
  readonly authorizationToken: string
  /** Milliseconds since the epoch; twelve hours after it was given. */
  readonly expiresAt: number
}

export type FetchEcrLogin = (region: string) => Promise<EcrLogin>
