#!/usr/bin/env node
/**
 * The credential helper: gives podman, docker and containerd the token of each registry that one is logged in to, and one that lasts.
 * Wiring only. https://github.com/docker/docker-credential-helpers
 */
import { readFileSync } from 'node:fs'
import { ConfigFile, configPath } from './config-file.ts'
import { answerCredentialVerb } from './answer-credential-verb.ts'

const config = new ConfigFile(
  configPath(process.env),
  (text) => void process.stderr.write(`${text}\n`),
)

try {
  const [, , verb] = process.argv
  const input = verb === 'list' ? '' : readFileSync(0, 'utf8')
  process.stdout.write(await answerCredentialVerb(config, verb, input))
} catch (error) {
  // On standard output, where the protocol has it.
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
