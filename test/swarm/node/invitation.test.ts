import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { homeFolder } from '../../../home/home-folder.ts'
import { keepInvitation } from '../../../node/invite/kept-invitation.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { collect, textOf } from '../../support/collect.ts'
import { eventually } from '../../support/daemon.ts'
import { startedNode } from '../../support/node-pair.ts'
import { simulatedEngine, simulatedModel } from '../../support/simulated-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('an invitation', () => {
  const folder = temporaryFolder()
  const nodes: RealmeshNode[] = []

  async function started(
    name: string,
    ...rest: [engine?: ReturnType<typeof simulatedEngine>, node?: object]
  ): Promise<RealmeshNode> {
    const [engine, node = {}] = rest
    const one = await startedNode(folder.path(name), engine, {}, { name, ...node })
    nodes.push(one)
    return one
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  const relation = (of: RealmeshNode, to: RealmeshNode): string | undefined =>
    of.peers().find(({ id }) => id === to.peerId)?.relation

  const ask = async (node: RealmeshNode): Promise<string> => {
    const body = { messages: [{ role: 'user' as const, content: 'hello' }] }
    const { signal } = new AbortController()
    return textOf(await collect(node.query({ type: 'chat', model: 'auto', user: 'local', body }, { signal }).events))
  }

  it('into the home makes a stranger one of ours while both run, and its first question is answered', async () => {
    const rig = await started('rig', simulatedEngine([simulatedModel('tiny', ['chat'])]))
    const laptop = await started('laptop')
    await eventually('the rig knows its engine', () => rig.models().length > 0)
    await assert.rejects(ask(laptop))
    const { text } = await rig.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    const joined = await laptop.control.invitations.join(text)
    assert.deepEqual([joined.name, joined.peer, joined.changed], ['rig', rig.peerId, true])
    assert.equal(laptop.status().federation.id, rig.status().federation.id)
    assert.equal(relation(rig, laptop), 'home')
    await eventually('the laptop knows what the rig offers', () => laptop.models().length > 0)
    assert.equal(await ask(laptop), 'simulated')
    assert.equal(rig.control.invitations.list()[0]?.usedBy[0]?.name, 'laptop')
    assert.equal(rig.peers().find(({ id }) => id === laptop.peerId)?.name, 'laptop')
  })

  it('holds after a restart, and the key that was there before lies beside the new one', async () => {
    const rig = await started('rig-2')
    const laptop = await started('laptop-2')
    const before = laptop.status().federation.id
    const { text } = await rig.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    await laptop.control.invitations.join(text)
    assert.equal((await laptop.control.invitations.join(text)).changed, false)
    await laptop.stop()
    const again = await started('laptop-2')
    assert.equal(again.status().federation.id, rig.status().federation.id)
    const { federationKey } = homeFolder(folder.path('laptop-2'), {})
    assert.ok(existsSync(`${federationKey}.${before.slice(-8)}`), readdirSync(join(federationKey, '..')).join(' '))
  })

  it('that was used is worth nothing to a third node, which stays what it was', async () => {
    const rig = await started('rig-3')
    const { text } = await rig.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    await (await started('laptop-3')).control.invitations.join(text)
    const thief = await started('thief')
    const before = thief.status().federation.id
    await assert.rejects(thief.control.invitations.join(text), { code: 'INVITATION_REFUSED', message: /used before/ })
    assert.equal(thief.status().federation.id, before)
    await assert.rejects(rig.control.invitations.join(text), {
      code: 'INVITATION_INVALID',
      message: /this node itself/,
    })
  })

  it('into friendship makes two federations friends, both ways, and no more than that', async () => {
    const mine = await started('mine', simulatedEngine([simulatedModel('tiny', ['chat'])]), { share: 'friends' })
    const theirs = await started('theirs', undefined, { scope: 'friends' })
    await eventually('the rig knows its engine', () => mine.models().length > 0)
    const { text } = await mine.control.invitations.create({ kind: 'friend', hours: 1, uses: 1 })
    const joined = await theirs.control.invitations.join(text)
    assert.deepEqual([joined.kind, joined.name, joined.changed], ['friend', 'mine', true])
    assert.notEqual(theirs.status().federation.id, mine.status().federation.id)
    const areFriends = (): boolean => relation(mine, theirs) === 'friend' && relation(theirs, mine) === 'friend'
    assert.ok(areFriends(), 'both know each other for friends')
    await eventually('the friend knows what the rig offers', () => theirs.models().length > 0)
    assert.equal(await ask(theirs), 'simulated')
    assert.equal((await theirs.control.invitations.join(text)).changed, false)
  })

  it('that was kept while the node did not run is followed when it starts, and then forgotten', async () => {
    const rig = await started('rig-8')
    const { text } = await rig.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    const home = homeFolder(folder.path('laptop-8'), {})
    await keepInvitation(home, text)
    const laptop = await started('laptop-8')
    await eventually('it has joined', () => laptop.status().federation.id === rig.status().federation.id)
    await eventually('it is forgotten', () => !existsSync(home.keptInvitationFile))
  })

  it('into another network says what to do', async () => {
    const rig = await started('rig-4')
    const elsewhere = await started('elsewhere', undefined, { network: 'other' })
    const { text } = await rig.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    await assert.rejects(elsewhere.control.invitations.join(text), { code: 'USAGE', fix: /node\.network pair/ })
  })

  it('of a node that is not there says where it was looked for', async () => {
    const rig = await started('rig-5')
    const { text } = await rig.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    await rig.stop()
    const laptop = await started('laptop-5')
    await assert.rejects(laptop.control.invitations.join(text), { code: 'PEER_UNREACHABLE', fix: /127\.0\.0\.1/ })
  })

  it('changes nothing at a node whose key is in a file that its configuration names', async () => {
    await started('rig-6')
    const own = homeFolder(folder.path('rig-6'), {}).federationKey
    const other = await started('rig-7')
    const pinned = await started('pinned', undefined, { federation_key: own })
    const before = pinned.status().federation.id
    const { text } = await other.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    await assert.rejects(pinned.control.invitations.join(text), { code: 'USAGE', fix: /federation_key/ })
    assert.equal(pinned.status().federation.id, before)
  })
})
