/**
 * CloudWatch Logs as moto has it: what is put into a log comes out of its subscription in the form in which AWS hands it on. As
 * moto calls no functions, it goes to a Kinesis stream of moto's, whose records are the `data` of a function's event.
 */
export class MotoLogs {
  readonly #url: string
  #iterator = ''

  constructor(url: string) {
    this.#url = url
  }

  async open(groups: readonly string[], filterPattern: string): Promise<void> {
    const StreamName = 'metered'
    await this.#ask('Kinesis_20131202.CreateStream', { StreamName, ShardCount: 1 })
    for (const logGroupName of groups) {
      await this.#ask('Logs_20140328.CreateLogGroup', { logGroupName })
      await this.#ask('Logs_20140328.PutSubscriptionFilter', {
        logGroupName,
        filterName: 'metered',
        filterPattern,
        destinationArn: `arn:aws:kinesis:us-east-1:123456789012:stream/${StreamName}`,
        roleArn: 'arn:aws:iam::123456789012:role/logs',
      })
    }
    const { ShardIterator } = await this.#ask('Kinesis_20131202.GetShardIterator', {
      StreamName,
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    })
    this.#iterator = ShardIterator as string
  }

  async createStream(logGroupName: string, logStreamName: string): Promise<void> {
    await this.#ask('Logs_20140328.CreateLogStream', { logGroupName, logStreamName })
  }

  async put(
    logGroupName: string,
    logStreamName: string,
    messages: readonly string[],
  ): Promise<void> {
    const logEvents = messages.map((message) => ({ message, timestamp: Date.now() }))
    await this.#ask('Logs_20140328.PutLogEvents', { logGroupName, logStreamName, logEvents })
  }

  /** What was handed on since the last time: `awslogs.data` of one event each. */
  async handedOn(): Promise<string[]> {
    const answer = await this.#ask('Kinesis_20131202.GetRecords', {
      ShardIterator: this.#iterator,
      Limit: 10_000,
    })
    this.#iterator = answer['NextShardIterator'] as string
    return (answer['Records'] as { readonly Data: string }[]).map(({ Data }) => Data)
  }

  async #ask(target: string, body: object): Promise<Record<string, unknown>> {
    const service = target.startsWith('Logs') ? 'logs' : 'kinesis'
    const scope = `20260101/us-east-1/${service}/aws4_request`
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        // moto looks at nothing but whose call it is.
        authorization: `AWS4-HMAC-SHA256 Credential=id/${scope}, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }
}
