/** The suite: cases × doors × worlds. */
import assert from 'node:assert/strict'
import { ManualClock } from '../manual-clock.ts'
import { type DoorRow, HELLO, ROWS } from './cases.ts'
import { CASES, type Speechless } from './door.ts'
import { DOORS } from './doors.ts'
import { Knock, pingsBy } from './knock.ts'
import type { DoorWorlds } from './world.ts'

/** Runs every case at every door before the worlds. */
export function doorContract(worlds: DoorWorlds): void {
  for (const door of DOORS) {
    describe(`the door of ${door.name}, before ${worlds.name}`, () => {
      afterEach(() => worlds.leave())

      for (const name of CASES) {
        const row = ROWS[name]
        const speechless = door.cannot[name]
        it(`${name}: ${speechless === undefined ? row.shows : `cannot be said, for ${speechless.because}`}`, async () => {
          const pings = new ManualClock()
          const world = await worlds.enter(pingsBy(pings))
          world.play(row.answers ?? HELLO)
          const knock = new Knock(door, world, pings)
          if (speechless !== undefined) await isHonest(knock, row, speechless)
          else if (row.goes !== undefined) await row.goes(knock)
          else await isAnswered(knock, row)
        })
      }
    })
  }
}

/** The same must come of the same question, asked whole or for a stream. */
async function isAnswered(knock: Knock, { asks = {}, says, asked }: DoorRow): Promise<void> {
  for (const stream of [false, true]) {
    const answer = await knock.read(await knock.open({ ...asks, stream }), stream)
    assert.equal(answer.error, undefined)
    says?.(answer, knock)
    await asked?.(knock.world.asked() ?? assert.fail('nothing was asked'))
  }
}

/** What cannot be said is refused before an engine is asked, or named as left out; it never just fails to be there. */
async function isHonest(knock: Knock, { asks = {} }: DoorRow, speechless: Speechless): Promise<void> {
  if ('refused' in speechless) {
    await knock.isRefused(asks, 400, speechless.refused)
    assert.equal(knock.world.asked(), undefined)
    return
  }
  const { ignored, answered } = speechless
  for (const stream of [false, true]) {
    await knock.read(await knock.open({ stream }), stream)
    const plain = knock.world.asked()
    const response = await knock.open({ ...asks, stream })
    const answer = await knock.read(response, stream)
    assert.equal(response.headers['x-realmesh-ignored'], ignored)
    assert.deepEqual({ ...answer, ...answered }, answer)
    assert.deepEqual(knock.world.asked(), plain)
  }
}
