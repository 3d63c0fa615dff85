/** Passwords and tokens in an engine's address, and keys: sent by every adapter with everything, and told by none. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ENGINE_KINDS, type EngineKind } from '../../../core/model/engine-kind.ts'
import { detectEngines } from '../../../engines/detect-engines.ts'
import { createEngine } from '../../../engines/engine-kinds.ts'

const SERVERS = (Object.keys(ENGINE_KINDS) as EngineKind[]).filter((kind) => ENGINE_KINDS[kind] === 'server')
const never = new AbortController().signal
const BASIC = `Basic ${Buffer.from('rig:s3cret').toString('base64')}`

describe('what opens an engine', () => {
  let server: Server
  let seen: { authorization: string | undefined; token: string | null }[]
  let port: number

  beforeEach(async () => {
    seen = []
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://engine')
      seen.push({ authorization: request.headers.authorization, token: url.searchParams.get('token') })
      response.end('{}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })

  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  for (const kind of SERVERS) {
    it(`${kind}: a password and a token in the address are sent, and stand in no address and no error`, async () => {
      const engine = createEngine({ kind, url: `http://rig:s3cret@127.0.0.1:${port}/?token=t0ken` })
      await engine.probe({ signal: never })
      assert.deepEqual(seen[0], { authorization: BASIC, token: 't0ken' })
      assert.equal(engine.url, `http://127.0.0.1:${port}`)
      server.closeAllConnections()
      server.close()
      await assert.rejects(engine.probe({ signal: never }), (error: Error) => {
        assert.doesNotMatch(`${error.message} ${error.stack}`, /s3cret|t0ken/)
        return true
      })
      await engine.close()
    })

    it(`${kind}: a key is sent`, async () => {
      const engine = createEngine({ kind, url: `http://127.0.0.1:${port}`, apiKey: 'k3y' })
      await engine.probe({ signal: never })
      assert.equal(seen[0]?.authorization, 'Bearer k3y')
      await engine.close()
    })
  }

  it('opens the door to the look for engines, too, which tells nothing of it', async () => {
    const detection = await detectEngines(
      { ports: [], urls: [`http://rig:s3cret@127.0.0.1:${port}/?token=t0ken`] },
      { signal: never },
    )
    assert.ok(seen.every(({ authorization, token }) => authorization === BASIC && token === 't0ken'))
    assert.doesNotMatch(JSON.stringify(detection), /s3cret|t0ken/)
  })
})
