/**
 * The process that is killed while it rebalances: adds a shard, then drains two, while queries are recorded. Started
 * again it goes on by itself. Says on stdout what it asked and what was acknowledged, and `done` when all three steps
 * are.
 */
import '../../core/node20-shim.ts'
import { writeSync } from 'node:fs'
import { UserData } from '../../storage/user-data.ts'

const [home = '', run = '0', users = '0'] = process.argv.slice(2)
const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}
const data = new UserData({}, { home, reserveBytes: 0, lowDiskBytes: 0, retentionEveryMs: 0, accountingPatienceMs: 3 })

/** Records queries of users here and there until the process ends. */
async function load(lane: number): Promise<never> {
  for (let n = lane; ; n += 1) {
    const guid = `user ${(n * 7_919) % Number(users)}`
    const id = `${run}.${lane}.${n}`
    const isNew = await data.recordQuery(guid, {
      id,
      type: 'chat',
      realm: '$CHAT',
      model: 'tiny',
      startedAt: 1_700_000_000_000 + n,
      tookMs: 5,
      promptTokens: 1,
      completionTokens: 2,
      cost: 0.001,
      outcome: 'served',
      peer: 'peer',
    })
    if (isNew) say(`! ${id} ${guid}`)
  }
}

await data.start()
say('ready')
for (let lane = 0; lane < 4; lane += 1) void load(lane)

const names = (): readonly string[] =>
  data
    .status()
    .shards.filter(({ state }) => state !== 'idle')
    .map(({ name }) => name)
const steps: readonly { readonly until: () => boolean; readonly run: () => Promise<void> }[] = [
  {
    // One that was opened when the process died, and not yet taken into use, is added again.
    until: () => names().includes('extra'),
    run: () => data.shards.add({ name: 'extra', connectionString: 'level:extra' }),
  },
  { until: () => !names().includes('shard1'), run: () => data.shards.drain('shard1') },
  { until: () => !names().includes('shard2'), run: () => data.shards.drain('shard2') },
]
await data.shards.settled()
for (const step of steps) {
  if (step.until()) continue
  say('step')
  await step.run()
  await data.shards.settled()
}
say('done')
