import { runProgram } from './run-program.ts'
import { toolPath } from '../tools/require-tools.ts'

export interface Load {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers other than 2xx or 3xx, and broken connections: one of them makes the run worthless. */
  readonly errors: number
}

const MS_OF: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

function latency(out: string, percent: string): number {
  const [, value, unit] =
    new RegExp(`^\\s*${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(out) ?? []
  return Number(value) * (MS_OF[unit ?? ''] ?? Number.NaN)
}

/** 32 connections from one thread that ask for the same URL as fast as they are answered. */
export async function wrk(
  url: string,
  headers: Readonly<Record<string, string>>,
  seconds: number,
  script?: string,
): Promise<Load> {
  const named = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const scripted = script === undefined ? [] : ['-s', script]
  const args = ['-t1', '-c32', `-d${seconds}s`, '--latency', ...scripted, ...named, url]
  const out = await runProgram(toolPath('wrk'), args, seconds + 30)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(out)
  const broken = (sockets?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)?.[1]),
    p50: latency(out, '50'),
    p99: latency(out, '99'),
    errors: broken + Number(/Non-2xx or 3xx responses: (\d+)/.exec(out)?.[1] ?? 0),
  }
}
