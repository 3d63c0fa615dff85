/**
 * The process that is killed: writes to the user data in the folder of its first argument until it dies. Says on stdout
 * what it is about to ask (`?`) and what was acknowledged (`!`): the lines are written at once, so they outlive a `kill
 * -9`.
 */
import '../../core/node20-shim.ts'
import { writeSync } from 'node:fs'
import { UserData } from '../../storage/user-data.ts'

const [home = '', round = '0', users = '6', lanes = '8'] = process.argv.slice(2)
const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

const data = new UserData(
  {},
  {
    home,
    reserveBytes: 0,
    lowDiskBytes: 0,
    retentionEveryMs: 0,
    accountingPatienceMs: 2,
    commitWindowMs: 2,
    sharding: {
      shards: ['a', 'b'].map((name) => ({ name, connectionString: `level:${name}` })),
    },
  },
)
const begun = performance.now()
await data.start()
say(`ready ${Math.round(performance.now() - begun)}`)

async function queries(guid: string, lane: string): Promise<never> {
  for (let n = 0; ; n += 1) {
    const id = `${round}.${lane}.${n}`
    say(`? ${guid} ${id}`)
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
      prompt: 'p'.repeat(n % 700),
    })
    if (isNew) say(`! ${guid} ${id}`)
  }
}

async function renames(guid: string): Promise<never> {
  for (let n = 0; ; n += 1) {
    const nickname = `${guid}-${round}-${n}`
    say(`?n ${guid} ${nickname}`)
    await data.users.update(guid, { nickname })
    say(`!n ${guid} ${nickname}`)
  }
}

for (let user = 0; user < Number(users); user += 1) {
  const guid = `u${user}`
  void data.user(guid).then(() => {
    void renames(guid)
    for (let lane = 0; lane < Number(lanes); lane += 1) void queries(guid, `${user}.${lane}`)
  })
}
