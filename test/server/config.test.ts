import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCommandLine, type Command } from '@sluice/server/config'
import { StartFailure } from '@sluice/server/start-failure'

const START: Command = { name: 'npm start', purpose: 'runs the registry' }
const FSCK: Command = { ...START, switches: { deep: 'reads every byte', repair: 'repairs' } }

const read = (args: string[], env: Record<string, string> = {}) =>
  readCommandLine(START, args, env).config

describe('readCommandLine', () => {
  it('has a default for everything that needs one', () => {
    expect(read([])).toEqual({
      address: '127.0.0.1',
      port: 5000,
      dataDir: resolve('data'),
      logLevel: 'info',
      logFormat: 'text',
      accessLog: true,
      metrics: true,
      audit: 'changes',
      rootUpstream: 'docker.io',
      sweepInterval: 3600,
      grace: 86_400,
      uploadIdle: 86_400,
      threads: process.platform === 'linux' ? Math.min(availableParallelism(), 4) : 1,
    })
  })

  it('reads every setting from the environment', () => {
    const config = read([], {
      SLUICE_ADDRESS: '::1',
      SLUICE_PORT: '0',
      SLUICE_DATA_DIR: '/var/lib/sluice',
      SLUICE_PUBLIC_URL: 'https://registry.example.org:8443',
      SLUICE_TLS_CERT: '/tls/cert.pem',
      SLUICE_TLS_KEY: '/tls/key.pem',
      SLUICE_LOG_LEVEL: 'debug',
      SLUICE_LOG_FORMAT: 'json',
      SLUICE_ACCESS_LOG: 'off',
      SLUICE_METRICS: 'off',
      SLUICE_AUDIT: 'off',
      SLUICE_ADMIN_PASSWORD: 'secret: with = signs',
      SLUICE_UPSTREAMS_CONFIG: '/etc/sluice/upstreams.yaml',
      SLUICE_ROOT_UPSTREAM: 'ghcr.io',
      SLUICE_SWEEP_INTERVAL: '60',
      SLUICE_GRACE: '0',
      SLUICE_UPLOAD_IDLE: '10',
      SLUICE_THREADS: '3',
    })
    expect(config).toEqual({
      address: '::1',
      port: 0,
      dataDir: '/var/lib/sluice',
      publicUrl: new URL('https://registry.example.org:8443'),
      tlsCert: '/tls/cert.pem',
      tlsKey: '/tls/key.pem',
      logLevel: 'debug',
      logFormat: 'json',
      accessLog: false,
      metrics: false,
      audit: 'off',
      adminPassword: 'secret: with = signs',
      upstreamsConfig: '/etc/sluice/upstreams.yaml',
      rootUpstream: 'ghcr.io',
      sweepInterval: 60,
      grace: 0,
      uploadIdle: 10,
      threads: 3,
    })
  })

  it('lets a flag win over its variable', () => {
    const env = { SLUICE_PORT: '1', SLUICE_LOG_LEVEL: 'nonsense' }
    const config = read(['--port', '2', '--log-level=warn'], env)
    expect([config.port, config.logLevel]).toEqual([2, 'warn'])
  })

  it('takes an empty variable for none', () => {
    const config = read([], { SLUICE_PORT: '', SLUICE_TLS_CERT: '', SLUICE_PUBLIC_URL: '' })
    expect([config.port, config.tlsCert, config.publicUrl]).toEqual([5000, undefined, undefined])
  })

  it.each([
    [
      ['--port', '70000'],
      '--port (SLUICE_PORT) must be a whole number from 0 to 65535, not "70000"',
    ],
    [['--port', '80x'], '--port (SLUICE_PORT) must be a whole number'],
    [['--port='], '--port (SLUICE_PORT) must be a whole number'],
    [['--grace', '1e3'], '--grace (SLUICE_GRACE) must be a whole number'],
    [['--sweep-interval', '0'], '--sweep-interval (SLUICE_SWEEP_INTERVAL) must be a whole number'],
    [['--sweep-interval', '3000000'], 'from 1 to 2147483'],
    [
      ['--log-level', 'loud'],
      '--log-level (SLUICE_LOG_LEVEL) must be one of debug, info, warn, error',
    ],
    [['--log-format', 'xml'], '--log-format (SLUICE_LOG_FORMAT) must be one of text, json'],
    [['--public-url', 'registry'], '--public-url (SLUICE_PUBLIC_URL) must be http or https'],
    [['--public-url', 'https://a/v2/'], '--public-url (SLUICE_PUBLIC_URL) must be http or https'],
    [['--public-url', 'https://u:p@a'], '--public-url (SLUICE_PUBLIC_URL) must be http or https'],
    [['--public-url', 'ftp://a'], '--public-url (SLUICE_PUBLIC_URL) must be http or https'],
    [['--prot', '1'], "'--prot'"],
    [['--admin-password', 'secret'], "'--admin-password'"],
    [['serve'], "'serve'"],
  ])('refuses %j in one line that names the flag', (args, message) => {
    expect(() => read(args)).toThrow(StartFailure)
    expect(() => read(args)).toThrow(message)
    expect(() => read(args)).not.toThrow('\n')
  })

  it('names the variable when that is what was wrong', () => {
    expect(() => read([], { SLUICE_PORT: 'http' })).toThrow('(SLUICE_PORT) must be')
  })

  it('knows the switches of a command, and only of that one', () => {
    expect([...readCommandLine(FSCK, ['--deep'], {}).switches]).toEqual(['deep'])
    expect(() => read(['--deep'])).toThrow(StartFailure)
  })

  it('explains every flag, variable and default', () => {
    const { help } = readCommandLine(FSCK, ['--help'], {})
    expect(help).toContain('npm start: runs the registry')
    expect(help).toMatch(/--port PORT +SLUICE_PORT +port to listen on.*\[5000\]/)
    expect(help).toMatch(/\n +SLUICE_ADMIN_PASSWORD +password of kubeadmin/)
    expect(help).toMatch(/--deep +reads every byte/)
    expect(read([])).toBeDefined()
  })
})
