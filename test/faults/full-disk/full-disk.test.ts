/** A data directory without room: clear answers, nothing lost, and work goes on when there is room again. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSluice, type RunningSluice } from '../../running-sluice.ts'
import { serverDoor, type Answer } from '../ask.ts'
import { descriptorOf } from '../kill/push-blob.ts'
import { mountSmallDisk, type SmallDisk } from './mount-small-disk.ts'
import { Pusher, WAYS } from './pusher.ts'

const MB = 1024 * 1024
const DISK_MB = 48
/** Room that the test has to give, when it is needed. */
const BALLAST_MB = 4
const SWEPT = { timeout: 60_000, interval: 300 }

let disk: SmallDisk
let giveBallast: () => Promise<void>
let server: RunningSluice
let pusher: Pusher

const start = (): Promise<RunningSluice> =>
  startSluice({
    dataDir: join(disk.directory, 'data'),
    env: {
      SLUICE_ADMIN_PASSWORD: 'of the full disk',
      // Longer than a push lies between its blobs and its manifest, on however slow a machine.
      SLUICE_GRACE: '5',
      SLUICE_SWEEP_INTERVAL: '1',
    },
  })

beforeAll(async () => {
  disk = await mountSmallDisk(DISK_MB)
  giveBallast = await disk.fill((DISK_MB - BALLAST_MB) * MB)
  server = await start()
  pusher = new Pusher(() => server)
})

afterAll(async () => {
  await server?.kill()
  await disk?.remove()
})

function expectNoRoom(answer: Answer): void {
  const told = `${answer.status} ${answer.body.toString()}`
  expect(told).toMatch(/^503 .*"code":"UNAVAILABLE".*no room/)
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
}

/** Until each way of pushing has been refused; then nothing as large fits any more. */
async function pushUntilRefused(name: string, bytes: number): Promise<Answer[]> {
  const refusals: Answer[] = []
  for (let pushed = 0; refusals.length < WAYS.length; pushed++) {
    const way = WAYS[pushed % WAYS.length] ?? 'POST'
    const answer = await pusher.image(`${name}-${pushed}`, way, bytes)
    if (answer.status !== 201) refusals.push(answer)
  }
  return refusals
}

const isLarge = (size = 0): boolean => size > 2 * MB

async function removeLargeLayers(count: number): Promise<void> {
  const large = pusher.manifests().filter(({ blobs }) => isLarge(blobs[1]?.size))
  expect(large.length).toBeGreaterThanOrEqual(count)
  for (const manifest of large.slice(0, count)) {
    expect((await pusher.remove(manifest)).status).toBe(202)
  }
}

it('refuses layers, then manifests, with the reason', async () => {
  for (const answer of await pushUntilRefused('layer', 4 * MB)) expectNoRoom(answer)
  for (const answer of await pushUntilRefused('small', 40_000)) expectNoRoom(answer)
  let answer = await pusher.manifestAlone('alone-0')
  for (let at = 1; answer.status === 201; at++) answer = await pusher.manifestAlone(`alone-${at}`)
  expectNoRoom(answer)
})

it('keeps all that it took, and serves it, while full', async () => {
  expect(pusher.manifests().length).toBeGreaterThan(8)
  expect(await pusher.problems()).toEqual([])
  expectNoRoom(await pusher.blob('POST', randomBytes(MB)))
})

it('works again, without a restart, when something else makes room', async () => {
  const makeRoom = await disk.fill()
  expectNoRoom(await pusher.image('no-room', 'POST', MB))
  await makeRoom()
  await giveBallast()
  expect((await pusher.image('with-room', 'POST+PATCH+PUT', MB)).status).toBe(201)
  expect(await pusher.problems()).toEqual([])
})

it.for(['stop', 'kill'] as const)(
  'after a %s starts on a full disk or says in one line why not, and starts when there is room',
  async (end) => {
    await server[end]()
    const makeRoom = await disk.fill()
    let running: RunningSluice | undefined
    let whyNot = 'sluice: full'
    try {
      running = await start()
    } catch (error) {
      // The first line is `startSluice`'s own.
      whyNot = String(error).trim().split('\n').slice(1).join('\n')
    }
    expect(whyNot).toMatch(/^sluice: .*full.*$/)
    expect(running ? await pusher.lost(serverDoor(running)) : []).toEqual([])
    await makeRoom()
    server = running ?? (await start())
    expect((await pusher.image(`after-${end}`, 'POST', MB / 2)).status).toBe(201)
    expect(await pusher.problems()).toEqual([])
  },
)

it('works again, without a restart, when the sweeper has made room', async () => {
  await removeLargeLayers(3)
  const push = () => pusher.image('after-sweep', 'POST+PUT', 4 * MB)
  await expect.poll(push, SWEPT).toMatchObject({ status: 201 })
  expect(await pusher.problems()).toEqual([])
})

/** Each sweep leaves a line of log and a record of itself; a layer is larger by far. */
async function isSettled(): Promise<boolean> {
  const before = await disk.freeBytes()
  await sleep(2500)
  return Math.abs((await disk.freeBytes()) - before) < MB / 4
}

it('leaves an upload where it was when its PATCH finds no room', async () => {
  await removeLargeLayers(3)
  await expect.poll(() => disk.freeBytes(), SWEPT).toBeGreaterThan(10 * MB)
  // The sweeper may not be done, and what it frees later would make room after all.
  await expect.poll(() => isSettled(), SWEPT).toBe(true)
  const body = randomBytes(6 * MB)
  const { digest } = descriptorOf(body)
  const [first, rest] = [body.subarray(0, 3 * MB), body.subarray(3 * MB)]
  const started = await pusher.send('POST', 'blobs/uploads/')
  const location = started.headers.get('location') ?? ''
  expect((await pusher.send('PATCH', location, { body: first })).status).toBe(202)

  for (const roomForRecords of [MB, 0]) {
    const makeRoom = await disk.fill(roomForRecords)
    expectNoRoom(await pusher.send('PATCH', location, { body: rest }))
    const status = await pusher.send('GET', location)
    expect([status.status, status.headers.get('range')]).toEqual([204, `0-${3 * MB - 1}`])
    expect(await pusher.problems()).toEqual([])
    await makeRoom()
  }

  const headers = { 'content-range': `${3 * MB}-${6 * MB - 1}` }
  expect((await pusher.send('PATCH', location, { headers, body: rest })).status).toBe(202)
  expect((await pusher.send('PUT', `${location}?digest=${digest}`)).status).toBe(201)
  expect((await pusher.send('GET', `blobs/${digest}`)).body.equals(body)).toBe(true)
})
