/** What a writer child asked for and what was acknowledged to it: the expected state, kept outside the store. */
import assert from 'node:assert/strict'
import type { UserData } from '../../storage/user-data.ts'

interface Expected {
  readonly asked: Set<string>
  readonly acknowledged: Set<string>
  /** Nicknames asked for since the last acknowledged one, and that one. */
  nicknames: string[]
}

export interface JournalReport {
  readonly acknowledged: number
  readonly asked: number
  /** Milliseconds that each start took, by the child's own word. */
  readonly readyMs: readonly number[]
}

export class WriteJournal {
  readonly #users = new Map<string, Expected>()
  readonly #readyMs: number[] = []

  /** One line of the child. */
  note(line: string): void {
    const [kind = '', guid = '', what = ''] = line.split(' ')
    if (kind === 'ready') this.#readyMs.push(Number(guid))
    else if (kind === '?') this.#of(guid).asked.add(what)
    else if (kind === '!') this.#of(guid).acknowledged.add(what)
    else if (kind === '?n') this.#of(guid).nicknames.push(what)
    else if (kind === '!n') this.#of(guid).nicknames = [what]
  }

  /** The same state, frozen at this moment. */
  copy(): WriteJournal {
    const copy = new WriteJournal()
    for (const [guid, { asked, acknowledged, nicknames }] of this.#users) {
      copy.#users.set(guid, {
        asked: new Set(asked),
        acknowledged: new Set(acknowledged),
        nicknames: [...nicknames],
      })
    }
    return copy
  }

  get report(): JournalReport {
    const all = [...this.#users.values()]
    return {
      acknowledged: all.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
      asked: all.reduce((sum, { asked }) => sum + asked.size, 0),
      readyMs: this.#readyMs,
    }
  }

  /** Nothing acknowledged is lost, nothing is there that nobody asked for, no batch is torn. `data` is started. */
  async check(data: UserData): Promise<void> {
    for (const status of data.status().shards)
      assert.equal(status.state, 'serving', `${status.name}: ${status.problem}`)
    for (const [guid, expected] of this.#users) await checkUser(data, guid, expected)
    for (const { findings } of await data.shards.verify()) assert.deepEqual(findings, [])
  }

  #of(guid: string): Expected {
    const found = this.#users.get(guid) ?? { asked: new Set(), acknowledged: new Set(), nicknames: [] }
    this.#users.set(guid, found)
    return found
  }
}

async function checkUser(data: UserData, guid: string, expected: Expected): Promise<void> {
  const account = await data.users.find(guid)
  const ids = new Set<string>()
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await data.queries(guid, { limit: 1_000, before })
    const size = ids.size
    for (const { id } of page) ids.add(id)
    if (ids.size === size) break
    before = (page.at(-1)?.startedAt ?? 0) + 1
  }
  for (const id of expected.acknowledged) assert.ok(ids.has(id), `${guid} lost ${id}, which was acknowledged`)
  for (const id of ids) assert.ok(expected.asked.has(id), `${guid} has ${id}, which nobody asked for`)
  assert.equal(account?.queryCount ?? 0, ids.size, `${guid}: the account and its queries differ`)
  assert.equal(account?.promptTokens ?? 0, ids.size, `${guid}: the totals are not the sum of the queries`)
  if (expected.nicknames.length > 0 && account !== undefined) {
    const first = expected.nicknames[0]?.includes('-0-0') === true && account.nickname.startsWith('user-')
    assert.ok(expected.nicknames.includes(account.nickname) || first, `${guid} is called ${account.nickname}`)
  }
}
