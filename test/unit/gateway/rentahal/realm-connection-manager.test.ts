import assert from 'node:assert/strict'
import { RealmConnectionManager, type RealmMember } from '../../../../gateway/rentahal/realm-connection-manager.ts'

class Member implements RealmMember {
  readonly guid: string
  readonly sysop = false
  readonly heard: string[] = []
  dropped = false
  fails = false

  constructor(guid: string) {
    this.guid = guid
  }

  tell(frame: string): void {
    if (this.fails) throw new Error('the socket is gone')
    this.heard.push(frame)
  }

  drop(): void {
    this.dropped = true
  }
}

describe('the connections of realms', () => {
  let connections: RealmConnectionManager<Member>
  const joined = (guid: string, realm = '$CHAT'): Member => {
    const member = new Member(guid)
    connections.join(member, realm)
    return member
  }
  beforeEach(() => {
    connections = new RealmConnectionManager()
  })

  it('keep every socket of a user, and the user until the last of them leaves', () => {
    const [one, two] = [joined('a'), joined('a')]
    assert.deepEqual([connections.size, connections.users], [2, 1])
    connections.tellUser('a', { type: 'x' })
    connections.leave(one)
    connections.leave(one)
    connections.broadcast({ type: 'y' })
    assert.deepEqual([one.heard, two.heard], [['{"type":"x"}'], ['{"type":"x"}', '{"type":"y"}']])
    connections.leave(two)
    assert.deepEqual([connections.size, connections.users], [0, 0])
  })

  it('drop a socket that cannot be told, and tell all others', () => {
    const [one, broken, two] = [joined('a'), joined('b'), joined('c')]
    broken.fails = true
    for (let count = 0; count < 2; count += 1) connections.broadcast({ type: 'x' })
    assert.ok(broken.dropped)
    assert.deepEqual([one.heard.length, two.heard.length, connections.size], [2, 2, 2])
  })

  it('say one realm’s words to the sockets of that realm', () => {
    const [chat, draws] = [joined('a'), joined('b', '$IMAGINE')]
    connections.broadcast({ type: 'x' }, { realm: '$IMAGINE' })
    assert.deepEqual([chat.heard.length, draws.heard.length], [0, 1])
    connections.move(chat, '$IMAGINE')
    connections.broadcast({ type: 'x' }, { realm: '$IMAGINE' })
    assert.deepEqual([chat.heard.length, draws.heard.length], [1, 2])
  })

  it('write what many are told as JSON once', () => {
    for (const guid of ['a', 'b', 'c']) joined(guid)
    let written = 0
    const toJSON = (): object => {
      written += 1
      return {}
    }
    const told = { type: 'x', toJSON }
    connections.broadcast(told)
    assert.equal(written, 1)
    connections.broadcastEach(() => told)
    assert.equal(written, 2)
  })

  it('count what the sockets of each realm have done', () => {
    const [one, two] = [joined('a'), joined('b')]
    connections.heard(one)
    connections.heard(one)
    connections.move(one, '$VISION')
    connections.heard(one)
    connections.leave(two)
    connections.move(two, '$VISION')
    connections.heard(two)
    const done = { connections: 0, peakConnections: 2, messagesProcessed: 2 }
    assert.deepEqual(connections.statsOf('$CHAT'), done)
    assert.deepEqual(connections.statsOf('$VISION'), { connections: 1, peakConnections: 1, messagesProcessed: 1 })
    assert.equal(connections.statsOf('$IMAGINE'), undefined)
  })

  it('name one socket of each user, so many of them', () => {
    const [one] = [joined('a'), joined('a'), joined('b'), joined('c')]
    assert.deepEqual(
      connections.oneOfEach(2).map(({ guid }) => guid),
      ['a', 'b'],
    )
    assert.equal(connections.oneOfEach(9)[0], one)
  })
})
