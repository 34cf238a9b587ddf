#!/usr/bin/env node
/**
 * The credential helper: gives podman, docker and containerd the token of the current session, so that none is kept twice.
 * https://github.com/docker/docker-credential-helpers
 */
import { readFileSync } from 'node:fs'
import { ConfigFile, configPath } from './config-file.ts'

/** Its callers take these very words for "none here", and go on. */
const NOT_FOUND = 'credentials not found in native keychain'

const config = new ConfigFile(
  configPath(process.env),
  (text) => void process.stderr.write(`${text}\n`),
)

function hostOf(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  return url?.host ?? ''
}

function credentials(): { readonly host: string; readonly token: string } | undefined {
  try {
    const { server, token } = config.login
    return { host: new URL(server).host, token }
  } catch {
    return undefined
  }
}

function answer(verb: string | undefined, input: string): string {
  const known = credentials()
  switch (verb) {
    case 'get': {
      const asked = input.trim()
      if (!known || hostOf(asked) !== known.host) throw new Error(NOT_FOUND)
      return JSON.stringify({ ServerURL: asked, Username: 'user', Secret: known.token })
    }
    case 'list':
      return JSON.stringify(known ? { [known.host]: 'user' } : {})
    case 'erase':
      return ''
    case 'store':
      throw new Error('log in with `sluice login`: this helper keeps no other credentials')
    case undefined:
    default:
      throw new Error('say get, store, erase or list')
  }
}

try {
  const [, , verb] = process.argv
  process.stdout.write(answer(verb, verb === 'list' ? '' : readFileSync(0, 'utf8')))
} catch (error) {
  // On standard output, where the protocol has it.
  process.stdout.write(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
