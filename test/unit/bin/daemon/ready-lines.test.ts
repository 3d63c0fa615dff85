import assert from 'node:assert/strict'
import { readyLines } from '../../../../bin/daemon/ready-lines.ts'
import type { WorkerStatus } from '../../../../core/model/worker.ts'
import { FakeNode } from '../../../support/fake-node.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/4501/p2p/12D3KooWx'
const LAN = '/ip4/192.168.1.10/tcp/4501/p2p/12D3KooWx'
const READY = {
  peerId: '12D3KooWx',
  http: 'http://127.0.0.1:5000',
  p2p: [LOOPBACK],
  network: 'main',
}

function worker(engine: string, url: string, reason?: string): WorkerStatus {
  const healthy = reason === undefined
  const idle = { slots: 1, running: 0, models: ['m'], decodeRate: 0, health: healthy ? 100 : 0, healthy }
  return { name: engine, engine, url, ...idle, ...(reason === undefined ? {} : { reason }) }
}

const GUIDE = worker('builtin/guide', 'builtin:')
const OLLAMA = worker('ollama', 'http://127.0.0.1:11434')
const DEAD = worker('ollama', 'http://127.0.0.1:9', 'cannot be reached (ECONNREFUSED)')

describe('readyLines', () => {
  const lines = (
    workers: readonly WorkerStatus[] = [],
    ready: Partial<typeof READY> = {},
    programs: readonly string[] = [READY.http],
    detects = true,
  ): readonly string[] =>
    readyLines({ ready: { ...READY, ...ready }, programs, detects }, { ...new FakeNode().status(), workers })
  const at = (name: string, all: readonly string[]): readonly string[] => {
    const from = all.findIndex((line) => line.startsWith(name))
    const length = all.slice(from + 1).findIndex((line) => !line.startsWith(' '))
    return all.slice(from, length < 0 ? undefined : from + 1 + length).map((line) => line.slice(10))
  }

  it('are who, where, engines, realms, peers and what next', () => {
    assert.deepEqual(
      lines().flatMap((line) => line.split(' ')[0] || []),
      ['realmesh', 'network', 'programs', 'engines', 'realms', 'peers', 'next'],
    )
  })

  it('promise to look for engines only where that is wanted', () => {
    assert.match(at('engines', lines([GUIDE])).join(), /looked for again/)
    assert.deepEqual(at('engines', lines([GUIDE], {}, [READY.http], false)), [
      'none, and none is looked for; --engine KIND=URL names one',
    ])
  })

  it('tell how another machine joins, and where none can', () => {
    assert.deepEqual(at('peers', lines([], { p2p: [LOOPBACK, LAN] })), [
      'none yet; another machine joins by realmesh invite here and realmesh join LINE there',
    ])
    assert.match(at('peers', lines([], { p2p: [] })).join(), /^none yet; this node listens nowhere/)
  })

  it('have every address that programs can use, the first one as each kind of program takes it', () => {
    const programs = ['http://192.168.1.10:5000', 'http://127.0.0.1:5000']
    assert.deepEqual(at('programs', lines([], {}, programs)), [
      'http://192.168.1.10:5000/v1 (OpenAI), http://192.168.1.10:5000 (Anthropic, Ollama)',
      'http://127.0.0.1:5000/v1',
    ])
  })

  it('mark an engine that cannot be reached, and never call built-ins engines', () => {
    assert.deepEqual(at('engines', lines([GUIDE, OLLAMA, DEAD])), [
      'ollama at http://127.0.0.1:11434',
      '! ollama at http://127.0.0.1:9: cannot be reached (ECONNREFUSED)',
    ])
    assert.match(at('engines', lines([GUIDE])).join(), /^none found here yet/)
  })

  it('say last what to do: ask where something answers, else what is missing', () => {
    assert.equal(lines([OLLAMA]).at(-1), 'next      realmesh ask "Hello"')
    assert.match(lines([DEAD]).at(-1) ?? '', /^next +realmesh engines says what is wrong/)
    assert.match(lines([GUIDE]).at(-1) ?? '', /^next +start Ollama.*; try: realmesh ask/)
    assert.doesNotMatch(lines().at(-1) ?? '', /try/, 'nothing here would answer')
  })

  it('advise no flag, for it may have been given already', () => {
    assert.doesNotMatch(lines().at(-1) ?? '', /--/)
  })

  it('say what to do next where there is no way in at all', () => {
    const of = (tried: readonly 'mdns'[]): readonly string[] => {
      const waysIn = { bootstrap: [], unresolved: [], tried, next: ['realmesh invite'] }
      const status = { ...new FakeNode().status(), waysIn }
      return at('alone', readyLines({ ready: READY, programs: [READY.http], detects: true }, status))
    }
    assert.deepEqual(of([]), ['realmesh invite'])
    assert.deepEqual(of(['mdns']), [])
  })
})
