/** What a direct way between two homes brings, and how soon. */
import { updateWindowByHalves } from '../../protocols/query/window-updates.ts'
import { TwoHomes } from '../scenarios/two-homes.ts'
import type { HomesInit } from '../support/homes.ts'
import { directBetween, PunchedPair, sendAll } from '../support/punched-pair.ts'
import { type Figure, ms } from './figure.ts'

const HUNDRED_MB = 100 * 2 ** 20
const PROTOCOL = '/prove/punching/1'

/** Homes through whose routers no hole can be punched. */
const HOPELESS: Readonly<Record<string, Omit<HomesInit, 'homes'>>> = {
  'one symmetric NAT': { symmetric: [1] },
  'two symmetric NATs': { symmetric: [1, 2] },
  'UDP blocked': { noUdp: [1] },
}

export async function punching(rounds: number): Promise<readonly Figure[]> {
  const answered: number[] = []
  const direct: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await withHomes({}, async (homes) => {
      const since = performance.now()
      await homes.firstAnswer()
      answered.push(performance.now() - since)
      await homes.pathOf('direct')
      direct.push(performance.now() - since)
    })
  }
  const relayed: Figure[] = []
  for (const [name, init] of Object.entries(HOPELESS)) relayed.push(await overRelay(name, init))
  return [
    ms('both rigs are up: first answer from the other home', answered),
    ms('both rigs are up: direct by WebRTC', direct),
    ...relayed,
    ...(await hundredMegabytes()),
  ]
}

async function overRelay(name: string, init: Omit<HomesInit, 'homes'>): Promise<Figure> {
  const answers: number[] = []
  await withHomes(init, async (homes) => {
    await homes.firstAnswer()
    await homes.hopeless()
    for (let i = 0; i < 5; i += 1) answers.push((await homes.ask()).totalMs)
  })
  return ms(`${name}: answers over the relay, no direct way found`, answers)
}

async function withHomes(init: Omit<HomesInit, 'homes'>, task: (homes: TwoHomes) => Promise<void>): Promise<void> {
  const homes = new TwoHomes(init)
  try {
    await homes.start()
    await task(homes)
  } finally {
    await homes.stop()
  }
}

/** Both ends in this process. */
async function hundredMegabytes(): Promise<readonly Figure[]> {
  const pair = new PunchedPair()
  try {
    const [from, to] = await pair.start()
    let bytes = 0
    let done = (): void => {}
    const all = new Promise<void>((resolve) => {
      done = resolve
    })
    await to.libp2p.handle(PROTOCOL, (stream) => {
      updateWindowByHalves(stream)
      stream.addEventListener('message', ({ data }) => {
        bytes += data.byteLength
        if (bytes >= HUNDRED_MB) done()
      })
    })
    const stream = await (await directBetween(from, to)).newStream(PROTOCOL)
    const [since, cpu] = [performance.now(), process.cpuUsage()]
    await sendAll(stream, HUNDRED_MB)
    await all
    const { user, system } = process.cpuUsage(cpu)
    return [
      ms('100 MB by WebRTC', [performance.now() - since]),
      ms('100 MB by WebRTC: CPU of both ends', [(user + system) / 1_000]),
    ]
  } finally {
    await pair.stop()
  }
}
