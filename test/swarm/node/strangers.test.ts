/** A stranger at a whole node: what it can make the node do before, and after, it is served. */
import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { resolveConfig } from '../../../config/file/resolve-config.ts'
import { fileSchema } from '../../../config/schema/file-schema.ts'
import { silentLogger } from '../../../core/logger.ts'
import { homeFolder, prepareHome } from '../../../home/home-folder.ts'
import { createNode } from '../../../node/create-node.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { MAX_BODY_BYTES, PIECE_BYTES, queryProtocol } from '../../../protocols/query/constants.ts'
import type { Answer } from '../../../protocols/query/frames/messages.ts'
import { eventually } from '../../support/daemon.ts'
import { FakeEngine } from '../../support/fake-engine.ts'
import { libp2pNode } from '../../support/libp2p-node.ts'
import { RawLane } from '../../support/libp2p-raw-lane.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const STRANGERS = { prompt_bytes: 100, tokens_out: 7 }
const CHAT = { primary_query_type: 'chat', limits: { prompt_bytes: 1_000, tokens_out: 50, strangers: STRANGERS } }

describe('a stranger', () => {
  const folder = temporaryFolder()
  const engine = new FakeEngine()
  let node: RealmeshNode
  let stranger: Libp2p

  async function open(share: 'home' | 'public'): Promise<void> {
    engine.runs.length = 0
    engine.script = (run) => run.text('hello').end()
    const home = homeFolder(folder.path('home'), {})
    await prepareHome(home)
    const values = fileSchema.parse({
      node: { network: 'test', listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, builtin: false, share },
      user_data: { reserve: 0 },
      realms: { $CHAT: CHAT },
      workers: [{ name: 'attic', engine: 'openai', url: engine.url }],
    })
    const config = resolveConfig(values, { federationId: 'federation_00000001' })
    node = await createNode({
      config,
      source: { values, path: undefined, read: async () => ({ values, config }) },
      home,
      log: silentLogger,
      version: '0.0.0',
      engines: { detect: async () => ({ found: [] }), create: () => engine },
    })
    await node.start()
    await eventually('the engine is known', () => node.models().length > 0)
    stranger = await libp2pNode()
  }

  afterEach(async () => {
    await stranger.stop()
    await node.stop()
  })

  const lane = async (): Promise<RawLane> => {
    const addresses = node.addresses().map((address) => multiaddr(address))
    return new RawLane(await stranger.dialProtocol(addresses, queryProtocol('test')))
  }

  /** The frame that ends an answer. */
  async function lastOf(open: RawLane): Promise<Answer> {
    for (;;) {
      const answer = await open.nextAnswer()
      if (answer.failure !== undefined || answer.events.some(({ end }) => end !== undefined)) return answer
    }
  }

  const prompt = (
    content: string,
    maxTokens: number,
  ): Pick<Parameters<RawLane['ask']>[0] & object, 'body' | 'bodyBytes'> => {
    const body = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content }], sampling: { maxTokens } }))
    return { body, bodyBytes: body.byteLength }
  }

  it('hears that it is not served when the first piece of its query has come', async () => {
    await open('home')
    const asking = await lane()
    asking.ask({ bodyBytes: MAX_BODY_BYTES, body: new Uint8Array(PIECE_BYTES) })
    assert.equal((await lastOf(asking)).failure?.code, 'REALM_OVERLOADED') // it has shown no card
    assert.equal(engine.runs.length, 0)
  })

  it('is served within its own limits', async () => {
    await open('public')
    const asking = await lane()
    asking.ask({ number: 1, ...prompt('x'.repeat(STRANGERS.prompt_bytes + 1), 1) })
    const refused = await lastOf(asking)
    assert.deepEqual([refused.failure?.code, refused.failure?.retryable], ['NODE_LIMIT', true])
    assert.equal(engine.runs.length, 0)
    asking.ask({ number: 2, ...prompt('x'.repeat(STRANGERS.prompt_bytes), 1_000_000) })
    assert.equal((await lastOf(asking)).failure, undefined)
    const [run] = engine.runs
    assert.equal(run?.query.type === 'chat' && run.query.body.sampling?.maxTokens, STRANGERS.tokens_out)
  })
})
