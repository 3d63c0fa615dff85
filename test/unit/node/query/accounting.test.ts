import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Logger, silentLogger } from '../../../../core/logger.ts'
import { RECEIPT_VERSION, type RouteReceipt } from '../../../../core/query/receipt.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { Accounting, type AccountingComponents } from '../../../../node/query/accounting.ts'
import { MAX_KEPT_TEXT } from '../../../../storage/rows/query-row.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

const receipt = (id: string): RouteReceipt => ({
  version: RECEIPT_VERSION,
  id,
  type: 'chat',
  realm: '$CHAT',
  scope: 'home',
  modelAsked: 'tiny',
  modelServed: 'tiny',
  attempts: [
    {
      node: 'peer',
      worker: 'w',
      startedMs: 0,
      tookMs: 2_000,
      events: 1,
      outcome: 'served',
      promptTokens: 3,
      completionTokens: 4,
    },
  ],
  continued: false,
  hedged: false,
  at: 1_700_000_000_000,
  totalMs: 2_000,
  overheadUs: 0,
  outcome: 'served',
})

describe('accounting', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let data: UserData

  beforeEach(async () => {
    number += 1
    // Patient enough that nothing is written before somebody asks for it.
    data = userDataIn(join(folder.path, `home-${number}`), { accountingPatienceMs: 600_000 })
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(() => {
    folder.remove()
  })

  const make = (parts: Partial<AccountingComponents> = {}): Accounting =>
    new Accounting(
      { data, clock, log: silentLogger, ...parts },
      { self: 'me', prices: { perQuery: 0.01, perSecond: 0.001 } },
    )

  const ask = (accounting: Accounting, id: string): void => {
    const account = accounting.open(chatQuery({ id }), { idChosen: false })
    account.saw({ kind: 'text', text: 'hi there' })
    account.ended(receipt(id))
  }

  it('writes what waits for company when it is asked to settle, a new user among it', async () => {
    const accounting = make()
    for (const id of ['a', 'b', 'c']) ask(accounting, id)
    await accounting.settled()
    const { queryCount, totalCostMicros, completionTokens } = await data.user('alice')
    assert.deepEqual(
      { queryCount, totalCostMicros, completionTokens },
      {
        queryCount: 3,
        totalCostMicros: 36_000,
        completionTokens: 12,
      },
    )
    const [newest] = await data.queries('alice', { limit: 1, texts: true })
    assert.deepEqual([newest?.prompt, newest?.answer, newest?.peer], ['hello', 'hi there', 'peer'])
    assert.deepEqual(accounting.warnings(), [])
  })

  it('writes what a query used, and nothing of its texts, where the client wants none kept', async () => {
    const accounting = make()
    const account = accounting.open(chatQuery({ id: 'a' }), { idChosen: false, keepsTexts: false })
    account.saw({ kind: 'text', text: 'hi there' })
    account.ended(receipt('a'))
    await accounting.settled()
    const [kept] = await data.queries('alice', { limit: 1, texts: true })
    assert.deepEqual([kept?.prompt, kept?.answer, kept?.completionTokens], [undefined, undefined, 4])
  })

  it('keeps what a recording was and what was heard, and not the recording', async () => {
    const accounting = make()
    const { type: _, body: __, ...envelope } = chatQuery({ id: 'a' })
    const body = { audio: Buffer.from('a secret'), mediaType: 'audio/wav', task: 'transcribe', words: true } as const
    const account = accounting.open({ ...envelope, type: 'transcribe', body }, { idChosen: false })
    account.saw({ kind: 'text', text: 'hi there' })
    account.saw({ kind: 'segment', start: 0, end: 1, text: 'hi there' })
    account.ended({ ...receipt('a'), type: 'transcribe', realm: '$HEAR' })
    await accounting.settled()
    const [kept] = await data.queries('alice', { limit: 1, texts: true })
    assert.deepEqual(
      [kept?.type, kept?.realm, kept?.prompt, kept?.answer],
      ['transcribe', '$HEAR', '[audio/wav, 8 bytes]', 'hi there'],
    )
  })

  it('takes nothing for a count of tokens, and keeps nothing of what was counted', async () => {
    const accounting = make()
    const { type: _, body: __, ...envelope } = chatQuery({ id: 'a' })
    const account = accounting.open({ ...envelope, type: 'tokens', body: { ids: [1] } }, { idChosen: false })
    account.saw({ kind: 'text', text: 'a secret' })
    account.ended({ ...receipt('a'), type: 'tokens' })
    await accounting.settled()
    const [kept] = await data.queries('alice', { limit: 1, texts: true })
    assert.deepEqual([kept?.type, kept?.cost, kept?.prompt, kept?.answer], ['tokens', 0, undefined, undefined])
  })

  it('keeps no more of an answer than is written', async () => {
    const accounting = make()
    const account = accounting.open(chatQuery({ id: 'long' }), { idChosen: false })
    const piece = { kind: 'text' as const, text: 'x'.repeat(MAX_KEPT_TEXT / 2) }
    for (let i = 0; i < 3; i += 1) account.saw(piece)
    for (let i = 0; i < 1_000; i += 1) account.saw({ kind: 'text', text: `${i} more` })
    account.ended(receipt('long'))
    await accounting.settled()
    const [kept] = await data.queries('alice', { limit: 1, texts: true })
    assert.equal(kept?.answer, `${'x'.repeat(MAX_KEPT_TEXT)}\n[cut]`)
  })

  it('counts a query that is recorded twice once, also when the first record still waits', async () => {
    const accounting = make()
    ask(accounting, 'a')
    ask(accounting, 'a')
    await accounting.settled()
    ask(accounting, 'a')
    await accounting.settled()
    assert.equal((await data.user('alice')).queryCount, 1)
  })

  it('counts an id that the client chose once, whenever the client asks again', async () => {
    const accounting = make()
    for (const at of [1_700_000_000_000, 1_700_000_600_000]) {
      accounting.open(chatQuery({ id: 'chosen' }), { idChosen: true }).ended({ ...receipt('chosen'), at })
      accounting.open(chatQuery({ id: 'made' }), { idChosen: false }).ended({ ...receipt('made'), at })
      await accounting.settled()
    }
    assert.deepEqual((await data.queries('alice')).map(({ id }) => id).sort(), ['chosen', 'made', 'made'])
  })

  it('keeps texts no longer once the user does not want it, at the latest after a minute', async () => {
    const accounting = make()
    ask(accounting, 'a')
    await accounting.settled()
    await data.users.update('alice', { history: false })
    clock.advance(61_000)
    ask(accounting, 'b')
    await accounting.settled()
    const texts = await data.queries('alice', { texts: true })
    assert.deepEqual(
      new Map(texts.map(({ id, prompt }) => [id, prompt])),
      new Map([
        ['a', 'hello'],
        ['b', undefined],
      ]),
    )
  })

  it('never fails an answer: a closed store is told to the operator once, and counted', async () => {
    const told: string[] = []
    const log: Logger = { ...silentLogger, error: (_: object, text?: string) => told.push(text ?? '') }
    const accounting = make({ log })
    ask(accounting, 'a')
    await accounting.settled()
    await data.stop()
    ask(accounting, 'b')
    ask(accounting, 'c')
    assert.match(accounting.warnings()[0] ?? '', /^2 records/)
    assert.equal(told.length, 1)
  })

  it('tells of a store that refuses', async () => {
    const full = new RealmeshError('STORAGE_FULL', 'full')
    const accounting = make({
      data: {
        user: (guid) => data.user(guid),
        recordQuery: () => Promise.reject(full),
        flush: () => data.flush(),
      },
    })
    ask(accounting, 'a')
    await accounting.settled()
    assert.match(accounting.warnings()[0] ?? '', /^1 records/)
  })
})
