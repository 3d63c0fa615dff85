/**
 * A link that swallows everything, both ways, and heals: answers go on on this side, what only the other side has ends in a clear error,
 * and after the healing all is as before. Needs root and `ip`.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PeerStatus } from '../../node/api/node-api.ts'
import { type ChatResult, streamChat } from '../support/chat-client.ts'
import { ClientJournal } from '../support/client-journal.ts'
import { CLI, eventually, type ReadyLine } from '../support/daemon.ts'
import { stubTokens } from '../support/engines/stub-answer.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { checkJournals } from '../support/journal-check.ts'
import { NamespacePair, type Side } from '../support/namespace-pair.ts'
import { percentileLine } from '../support/percentiles.ts'
import { skip } from '../support/skip.ts'
import { sparePort } from '../support/spare-port.ts'

const TOKENS = 60
/** How long the link stays cut. Default 8 s; for the release up to 5 minutes. */
const CUT_MS = Number(process.env['CUT_MS'] ?? 8_000)
/** After the healing, everything is back within this. */
const HEAL_MS = 30_000
/** A query for which there is nobody ends within this: the time-out for a silent peer, tries at others, and a dial. */
const ERROR_MS = 15_000

describe('a partition that heals', function () {
  this.timeout(180_000 + 2 * CUT_MS)
  const folder = mkdtempSync(join(tmpdir(), 'realmesh-partition-'))
  const clients = new ClientJournal()
  let link: NamespacePair | undefined
  let near: StubServer
  let far: StubServer
  let asker: ReadyLine
  let marks = 0

  before(async function () {
    const obstacle = NamespacePair.obstacle()
    if (obstacle !== undefined) skip(this, obstacle)
    link = new NamespacePair()
    link.up()
    near = await startStub('ollama', { models: ['tiny'], tokens: TOKENS, tokenMs: 40 }, await sparePort())
    far = await startStub('ollama', { models: ['tiny', 'far'], tokens: TOKENS, tokenMs: 40 }, await sparePort())
    // Ports that are the same on both sides must be free on both.
    asker = await up(link, 'a', 'asker', ['--http', `127.0.0.1:${await sparePort()}`])
    await link.bringOut('a', Number(new URL(asker.http).port))
    const join = [
      ...['--bootstrap', asker.p2p.map((address) => `${address}`)[0] ?? ''],
      ...['--federation-key', `${folder}/asker/data/federation.key`],
    ]
    await link.takeIn('a', Number(new URL(near.url).port))
    await link.takeIn('b', Number(new URL(far.url).port))
    await up(link, 'a', 'near', ['--http', '127.0.0.1:0', ...join, '--engine', `ollama=${near.url}`])
    await up(link, 'b', 'far', ['--http', '127.0.0.1:0', ...join, '--engine', `ollama=${far.url}`])
    await known()
  })

  after(async () => {
    await link?.down()
    await Promise.all([near?.stop(), far?.stop()])
    rmSync(folder, { recursive: true, force: true })
  })

  async function up(pair: NamespacePair, side: Side, name: string, args: readonly string[]): Promise<ReadyLine> {
    const listen = `/ip4/${pair.address(side)}/tcp/0`
    const flags = ['--home', `${folder}/${name}`, '--listen', listen, '--no-detect']
    const child = pair.spawn(side, [CLI, 'up', ...flags, '--no-mdns', '--no-builtin', '--json', ...args])
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    assert.ok(child.stdout !== null)
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => assert.fail(`${name} ended: ${stderr}`)),
    ])) as [string]
    return JSON.parse(line) as ReadyLine
  }

  async function known(): Promise<void> {
    await eventually(
      'both rigs are known',
      async () => {
        const { peers } = (await (await fetch(`${asker.http}/api/peers`)).json()) as { peers: PeerStatus[] }
        return peers.filter((peer) => peer.connected && peer.slots > 0).length === 2
      },
      60_000,
    )
  }

  async function ask(model: string, onPiece?: () => void): Promise<ChatResult> {
    marks += 1
    const content = `${model} ${marks}`
    const messages = [{ role: 'user', text: content, images: 0 }]
    const entry = clients.submitted(content, stubTokens({ model, messages, seed: 0 }, TOKENS).join(''))
    const result = await streamChat(asker.http, {
      content,
      model,
      id: content.replace(' ', '-'),
      ...(onPiece === undefined ? {} : { onPiece }),
    })
    entry.id = result.id
    entry.endings.push({ kind: result.kind, text: result.text })
    return result
  }

  it(`costs no answer that this side can give, and is over soon after (cut for ${CUT_MS / 1_000} s, both ways)`, async () => {
    assert.ok(link !== undefined)
    assert.equal((await ask('far')).kind, 'done')
    let begun = 0
    const running = Array.from({ length: 6 }, () => {
      let first = true
      return ask('tiny', () => {
        if (first) begun += 1
        first = false
      })
    })
    await eventually('some answers have begun', () => begun >= 2)
    await eventually('the far engine works too', () => far.running > 0)
    link.cut()
    const cutAt = performance.now()
    const errors: ChatResult[] = []
    while (performance.now() - cutAt < CUT_MS) {
      errors.push(...(await Promise.all([ask('far'), ask('far')])))
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    const survived = await Promise.all(running)
    assert.deepEqual(
      survived.map(({ kind }) => kind),
      survived.map(() => 'done'),
    )
    link.heal()
    const healedAt = performance.now()
    let tries = 0
    await eventually(
      'the far side serves again',
      async () => {
        tries += 1
        return (await ask('far')).kind === 'done'
      },
      HEAL_MS * 2,
    )
    const backMs = performance.now() - healedAt
    const { endings, continued } = await checkJournals({
      clients,
      engines: [near.journal, far.journal],
      receipt: async (id) => {
        const response = await fetch(`${asker.http}/api/queries/${id}`)
        return response.ok
          ? ((await response.json()) as Awaited<ReturnType<Parameters<typeof checkJournals>[0]['receipt']>>)
          : undefined
      },
    })
    console.log(
      `      ${JSON.stringify(endings)}, ${continued} went on on this side;`,
      `${percentileLine(
        'errors while cut',
        errors.map(({ totalMs }) => totalMs),
      )};`,
      `back ${backMs.toFixed(0)} ms after the healing (${tries} tries, one whole answer included)`,
    )
    assert.ok(errors.every(({ kind }) => kind !== 'done'))
    assert.ok(errors.every(({ totalMs }) => totalMs < ERROR_MS))
    assert.ok(backMs <= HEAL_MS, `back after ${backMs} ms`)
  })
})
