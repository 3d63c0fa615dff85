/** A user whom the operator shut out, at every door that takes a user, with a key and without. */
import assert from 'node:assert/strict'
import { hashKey, userOfHash } from '../../../gateway/door/credentials.ts'
import { HELLO, type Sent, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const HASH = hashKey('sk-theirs')
const UPGRADE = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

const DOORS: readonly Sent[] = [
  { path: '/v1/models' },
  { path: '/v1/chat/completions', body: HELLO },
  { path: '/v1/responses', body: { model: 'tiny', input: 'hi' } },
  { path: '/v1/responses', headers: UPGRADE },
  { path: '/v1/files' },
  { path: '/v1/batches' },
  { path: '/v1/messages', body: { ...HELLO, max_tokens: 5 } },
  { path: '/api/tags' },
  { path: '/api/chat', body: HELLO },
  { path: '/api/chat', body: { prompt: 'hi', query_type: 'chat' } },
  { path: '/api/status' },
  { path: '/predict', body: { prompt: 'hi', type: 'chat' } },
  { path: '/rerank', body: { query: 'a', documents: ['b'] } },
  { path: '/tokenize', body: { content: 'a' } },
  { path: '/mcp', body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
]

for (const [who, keys, headers, user] of [
  ['with a key', [{ hash: HASH }], { authorization: 'Bearer sk-theirs' }, userOfHash(HASH)],
  ['without a key', [], {}, 'local'],
] as const) {
  describe(`a banned user ${who}`, () => {
    let started: StartedGateway
    beforeEach(async () => {
      started = await startGateway({ apiKeys: keys })
    })
    afterEach(() => started.gateway.stop())

    for (const door of DOORS) {
      it(`is refused at ${door.path} (${JSON.stringify(door.body ?? door.headers ?? {}).slice(0, 40)}), and let in again at once`, async () => {
        const knock = () => send(started.port, { ...door, headers: { ...door.headers, ...headers } })
        started.node.users.ban(user)
        const { status, text } = await knock()
        assert.equal(status, 403, text)
        assert.match(text, /shut this user out/)
        assert.deepEqual(started.node.asked, [])
        started.node.users.unban(user)
        if (door.headers === undefined) assert.notEqual((await knock()).status, 403)
      })
    }

    it('hears so in a code that programs can tell', async () => {
      started.node.users.ban(user)
      const { text } = await send(started.port, { body: HELLO, headers })
      assert.equal(JSON.parse(text).error.code, 'user_banned')
    })
  })
}
