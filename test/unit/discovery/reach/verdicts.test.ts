import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { DOUBTS, MAX_TOLD_PLACES, PROVED_FOR_MS, Verdicts } from '../../../../discovery/reach/verdicts.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const PUBLIC = multiaddr('/ip4/198.51.100.7/tcp/4501')
const ELSEWHERE = multiaddr('/ip4/198.51.101.7/tcp/4501')
const LAN = multiaddr('/ip4/192.168.1.7/tcp/4501')
const SEEN = '203.0.113.9'

function setUp() {
  const clock = new ManualClock()
  return { clock, verdicts: new Verdicts({ clock }) }
}

describe('whether others can dial this node', () => {
  it('is not known at first, and proved by a peer that does, where it is', () => {
    const { verdicts } = setUp()
    assert.equal(verdicts.of('public'), 'unknown')
    verdicts.noteInbound(LAN)
    assert.deepEqual([verdicts.of('private'), verdicts.of('public')], ['yes', 'unknown'])
    verdicts.noteInbound(PUBLIC)
    assert.equal(verdicts.of('public'), 'yes')
  })

  it('is denied by one peer that could not, after a proof by two', () => {
    const { verdicts } = setUp()
    const fails = (): void => verdicts.noteTried({ seen: SEEN, port: undefined, from: PUBLIC, trusted: false })
    fails()
    assert.equal(verdicts.of('public'), 'no')
    verdicts.noteInbound(PUBLIC)
    for (let i = 1; i < DOUBTS; i += 1) fails()
    assert.equal(verdicts.of('public'), 'yes')
    fails()
    assert.equal(verdicts.of('public'), 'no')
    assert.equal(verdicts.of('private'), 'unknown')
  })

  it('is open again when the proof is old, and when the node is elsewhere', () => {
    const { clock, verdicts } = setUp()
    verdicts.noteInbound(PUBLIC)
    clock.advance(PROVED_FOR_MS)
    assert.equal(verdicts.of('public'), 'unknown')
    verdicts.noteInbound(PUBLIC)
    verdicts.forget()
    assert.equal(verdicts.of('public'), 'unknown')
  })
})

describe('addresses at which others have dialled this node', () => {
  const confirmed = (verdicts: Verdicts): readonly string[] => verdicts.confirmed().map(String)

  it('are believed of one that is trusted, and of two strangers of different networks', () => {
    const { verdicts } = setUp()
    verdicts.noteTried({ seen: SEEN, port: 4501, from: PUBLIC, trusted: false })
    verdicts.noteTried({ seen: SEEN, port: 4501, from: PUBLIC, trusted: false })
    assert.deepEqual(confirmed(verdicts), [])
    verdicts.noteTried({ seen: SEEN, port: 4501, from: ELSEWHERE, trusted: false })
    assert.deepEqual(confirmed(verdicts), [`/ip4/${SEEN}/tcp/4501`])
    verdicts.noteTried({ seen: '2001:db8::9', port: 4501, from: PUBLIC, trusted: true })
    assert.deepEqual(confirmed(verdicts).toSorted(), [`/ip4/${SEEN}/tcp/4501`, '/ip6/2001:db8::9/tcp/4501'])
  })

  it('are public ones: those of the local network this node knows itself', () => {
    const { verdicts } = setUp()
    verdicts.noteTried({ seen: '192.168.1.10', port: 4501, from: LAN, trusted: true })
    assert.deepEqual(confirmed(verdicts), [])
  })

  it('are forgotten once a peer could not dial there, and when the word is old', () => {
    const { clock, verdicts } = setUp()
    const works = (): void => verdicts.noteTried({ seen: SEEN, port: 4501, from: PUBLIC, trusted: true })
    works()
    verdicts.noteTried({ seen: SEEN, port: undefined, from: PUBLIC, trusted: false })
    assert.deepEqual(confirmed(verdicts), [])
    works()
    clock.advance(PROVED_FOR_MS)
    assert.deepEqual(confirmed(verdicts), [])
  })

  it('are some only, however many others invent', () => {
    const { verdicts } = setUp()
    for (let i = 0; i < MAX_TOLD_PLACES * 2; i += 1) {
      verdicts.noteTried({ seen: `203.0.113.${i}`, port: 1, from: PUBLIC, trusted: true })
    }
    assert.equal(confirmed(verdicts).length, MAX_TOLD_PLACES)
  })
})
