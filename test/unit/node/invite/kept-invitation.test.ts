import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { type HomeFolder, homeFolder } from '../../../../home/home-folder.ts'
import type { Joined } from '../../../../node/api/joining/invitation-control.ts'
import { KeptInvitation, keepInvitation } from '../../../../node/invite/kept-invitation.ts'
import { invitationText } from '../../../../protocols/invite/invitation-text.ts'
import { commandContext, runCommand } from '../../../support/command-context.ts'
import { eventually } from '../../../support/daemon.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const PEER = '12D3KooWA1bFSrNgHDGJ4rTuHhbSG6b8GTq6RNSKVFCvHNX7SAhL'
const JOINED: Joined = { kind: 'home', peer: PEER, name: 'desk', federation: 'ours', changed: true }
const HOUR_MS = 3_600_000

describe('an invitation that is kept for the next start', () => {
  const folder = temporaryFolder()
  let clock: ManualClock
  let home: HomeFolder
  let told: string[]
  let text: string
  let kept: KeptInvitation | undefined
  beforeEach(async () => {
    clock = new ManualClock()
    home = homeFolder(folder.path('h'), {})
    told = []
    text = invitationText({
      ...{ network: 'main', kind: 'home', peer: PEER, addresses: [], secret: new Uint8Array(16), name: 'desk' },
      expiresMs: clock.wall() + HOUR_MS,
    })
    await keepInvitation(home, text)
  })
  afterEach(() => kept?.stop())

  /** Starts a node whose tries end so, the last one again and again. */
  async function started(...ends: readonly (Joined | RealmeshError)[]): Promise<readonly string[]> {
    const tried: string[] = []
    kept = new KeptInvitation(
      {
        clock,
        rng: () => 0.5,
        tell: (line) => told.push(line),
        join: async (asked) => {
          tried.push(asked)
          const end = ends[Math.min(tried.length, ends.length) - 1]
          if (end === undefined || end instanceof RealmeshError) throw end
          return end
        },
      },
      home,
    )
    await kept.start()
    return tried
  }

  const isKept = (): boolean => existsSync(home.keptInvitationFile)

  it('is followed, told and forgotten', async () => {
    const tried = await started(JOINED)
    await eventually('it is forgotten', () => !isKept())
    assert.deepEqual(tried, [text])
    assert.match(told.join(), /^joined: this node belongs to the home of desk/)
  })

  it('is tried again while the inviting node is not reached, which is told once', async () => {
    const away = new RealmeshError('PEER_UNREACHABLE', 'desk is not reached')
    const tried = await started(away, away, JOINED)
    await eventually('the first try is over', () => clock.pending === 1)
    clock.advance(5_000)
    await eventually('the second try is over', () => tried.length === 2 && clock.pending === 1)
    assert.ok(isKept())
    clock.advance(10_000)
    await eventually('it is forgotten', () => !isKept())
    assert.deepEqual(
      told.map((line) => line.slice(0, 9)),
      ['! the inv', 'joined: t'],
    )
  })

  it('is forgotten when it is refused, and when it has expired', async () => {
    await started(new RealmeshError('INVITATION_REFUSED', 'this invitation was used before'))
    await eventually('it is forgotten', () => !isKept())
    assert.match(told.join(), /used before$/)
    await keepInvitation(home, text)
    clock.advance(HOUR_MS)
    await started(new RealmeshError('PEER_UNREACHABLE', 'desk is not reached'))
    await eventually('it is forgotten', () => !isKept())
  })

  it('waits for nothing when the node stops', async () => {
    await started(new RealmeshError('PEER_UNREACHABLE', 'desk is not reached'))
    await eventually('it waits', () => clock.pending === 1)
    await kept?.stop()
    assert.deepEqual([clock.pending, isKept()], [0, true])
  })

  it('is what realmesh join makes where no node runs, and says what is next; not of what is none', async () => {
    const join = (line: string) => runCommand(['join', line, '--home', folder.path('new')], commandContext())
    const { err, status } = await join(text)
    assert.equal(status, 0, err)
    assert.match(err, /it joins desk \(…HNX7SAhL\) when it starts.*\nnext: realmesh up --home/)
    assert.ok(existsSync(homeFolder(folder.path('new'), {}).keptInvitationFile))
    assert.match((await join(`${text}x`)).err, /\[INVITATION_INVALID\]/)
  })
})
