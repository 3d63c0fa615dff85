import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { streamPair } from '@libp2p/utils'
import { silentLogger } from '../../../../core/logger.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { redeemInvitation } from '../../../../protocols/invite/redeem.ts'
import { InviteServer, TELL_REFUSED_EVERY_MS } from '../../../../protocols/invite/server.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('a node whose invitations are guessed at', () => {
  it('tells its log once in a while, however many guesses there are', async () => {
    const clock = new ManualClock()
    const self = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const guesser = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const lines: string[] = []
    let serve = (_stream: Stream, _connection: Connection): unknown => undefined
    const libp2p = {
      peerId: self,
      handle: async (_protocol: string | string[], handler: typeof serve) => {
        serve = handler
      },
      unhandle: async () => {},
    }
    const redeem = async (): Promise<never> => {
      throw new RealmeshError('INVITATION_REFUSED', 'no such invitation')
    }
    const log = { ...silentLogger, info: (_fields: object, message: string) => void lines.push(message) }
    const server = new InviteServer({ libp2p, redeem, clock, log }, { network: 'test' })
    await server.start()
    const connection = {
      remotePeer: self,
      newStream: async () => {
        const [mine, theirs] = await streamPair()
        void serve(theirs, { remotePeer: guesser } as Connection)
        return mine
      },
    } as unknown as Connection
    const guess = async (): Promise<void> => {
      const secret = new Uint8Array(randomBytes(16))
      const told = { network: 'test', peer: self.toString(), addresses: [], secret, expiresMs: 0, name: '' }
      const invitation = { ...told, kind: 'home' } as const
      const options = { self: guesser.toString(), name: '', signal: new AbortController().signal, clock }
      await assert.rejects(redeemInvitation(connection, invitation, options), { code: 'INVITATION_REFUSED' })
    }
    for (let count = 0; count < 5; count += 1) await guess()
    assert.equal(lines.length, 1)
    await clock.advance(TELL_REFUSED_EVERY_MS)
    await guess()
    assert.equal(lines.length, 2)
    await server.stop()
  })
})
