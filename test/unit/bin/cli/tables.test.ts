import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { completionScript, SHELLS } from '../../../../bin/cli/completion-script.ts'
import { EXIT_OF } from '../../../../bin/cli/exit-codes.ts'
import { describeError } from '../../../../bin/cli/print-error.ts'
import { duration, textTable } from '../../../../bin/cli/text-table.ts'
import { COMMANDS } from '../../../../bin/command-table.ts'
import { readyLines } from '../../../../bin/daemon/ready-lines.ts'
import { nodeArguments, swarmPlan } from '../../../../bin/daemon/swarm-plan.ts'
import { SETTINGS } from '../../../../config/file/settings.ts'
import { ERROR_CODES, RealmeshError } from '../../../../core/realmesh-error.ts'
import type { NodeStatus } from '../../../../node/api/node-api.ts'

describe('exit statuses', () => {
  it('are never 0 for an error, and stay below the signals', () => {
    for (const code of Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[]) {
      assert.ok(EXIT_OF[code] > 0 && EXIT_OF[code] <= 130, code)
    }
  })
})

describe('describeError', () => {
  it('gives one line of cause with its code and one line of fix', () => {
    const error = new RealmeshError('PORT_IN_USE', 'port 5000 is taken', { fix: 'choose another' })
    assert.equal(describeError(error, false), 'realmesh: port 5000 is taken [PORT_IN_USE]\n  fix: choose another\n')
  })

  it('keeps line ends and escape sequences out of the terminal', () => {
    const text = describeError(new RealmeshError('ENGINE_FAILED', 'a\nb\u001b[31mc'), false)
    assert.equal(text, 'realmesh: a b [31mc [ENGINE_FAILED]\n')
  })

  it('asks for a report where the fault is ours', () => {
    assert.match(describeError(new TypeError('x is undefined'), false), /\[INTERNAL\]\n {2}fix: .*--debug/)
  })

  it('shows the causes beneath with --debug', () => {
    const error = new RealmeshError('INTERNAL', 'outer', { cause: new Error('inner') })
    assert.match(describeError(error, true), /Error: inner\n\s+at /)
  })
})

describe('textTable', () => {
  it('aligns columns and leaves no blanks at line ends', () => {
    assert.equal(textTable(['A', 'LONG', ''], [['xyz', '1', '']]), 'A    LONG\nxyz  1\n')
    assert.equal(textTable(['A'], []), '')
  })

  it('does not let a label of a stranger steer the terminal', () => {
    assert.equal(textTable(['A'], [['\u001b[2J']]), 'A\n[2J\n')
  })
})

describe('duration', () => {
  it('names the largest unit that fits', () => {
    assert.deepEqual([5, 1_500, 120_000, 7_200_000, 864e5].map(duration), ['5 ms', '2 s', '2 min', '2 h', '1 d'])
  })
})

describe('completionScript', () => {
  /** What bash offers behind these words. */
  function offered(...words: string[]): readonly string[] {
    const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _realmesh`
    const script = `${completionScript('bash', COMMANDS)}\n${ask}; echo "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ')
  }

  before(function () {
    if (process.platform === 'win32') this.skip()
  })

  it('offers commands, words of groups, and flags', () => {
    assert.deepEqual(offered('realmesh', 'sta'), ['status'])
    assert.deepEqual(offered('realmesh', 'config', 's'), ['show', 'set'])
    assert.ok(offered('realmesh', 'up', '--no').includes('--no-mdns'))
    assert.ok(offered('realmesh', 'config', 'show', '--').includes('--origin'))
  })

  it('knows every command in every shell', () => {
    for (const shell of SHELLS) {
      const script = completionScript(shell, COMMANDS)
      for (const { name } of COMMANDS) assert.ok(script.includes(name.split(' ').at(-1) ?? name), `${shell}: ${name}`)
    }
  })
})

describe('swarmPlan', () => {
  it('gives engines to their nodes, and every node loopback addresses of its own', () => {
    const plan = swarmPlan('3', ['1=ollama=http://127.0.0.1:1', '1=openai=http://127.0.0.1:2'], false)
    const place = { folder: '/tmp/s', network: 'n', federationKey: '/tmp/s/k', bootstrap: ['/ip4/127.0.0.1/tcp/1'] }
    const args = nodeArguments(plan, 1, place).join(' ')
    assert.match(args, /--engine ollama=http:\/\/127\.0\.0\.1:1 --engine openai=http:\/\/127\.0\.0\.1:2/)
    assert.match(args, /--home \/tmp\/s\/node-1 --http 127\.0\.0\.1:0 --listen \/ip4\/127\.0\.0\.1\/tcp\/0/)
    assert.match(args, /--bootstrap \/ip4\/127\.0\.0\.1\/tcp\/1/)
    assert.match(args, /--no-builtin/)
    assert.doesNotMatch(nodeArguments(plan, 2, place).join(' '), /--engine/)
  })

  it('uses only flags that up knows', () => {
    const known = ['--home', ...SETTINGS.map((setting) => setting.flag.split(' ')[0])]
    const place = { folder: '/s', network: 'n', federationKey: '/k', bootstrap: ['/ip4/127.0.0.1/tcp/1'] }
    const flags = nodeArguments(swarmPlan('1', ['0=ollama=http://h'], false), 0, place)
    assert.deepEqual(
      flags.filter((word) => word.startsWith('--') && !known.includes(word)),
      [],
    )
  })
})

describe('readyLines', () => {
  const ready = { peerId: '12D3KooWx', http: 'http://127.0.0.1:5000', p2p: ['/ip4/1.2.3.4/tcp/1'], network: 'main' }
  const realm = { name: '$CHAT', primaryQueryType: 'chat', workers: 0, slots: 0, running: 0, queued: 0 }
  const status: NodeStatus = {
    peerId: '12D3KooWx',
    version: '0',
    network: 'main',
    federation: { id: 'f', label: 'federation_1' },
    scope: 'home',
    share: 'home',
    addresses: [],
    uptimeMs: 1,
    draining: false,
    peers: { connected: 0, known: 0 },
    realms: [{ ...realm, processedQueries: 0, errorCount: 0, avgProcessingTime: 0 }],
    workers: [],
    queries: { running: 0, served: 0, failed: 0, forwarded: 0 },
    routing: { cross_realm_queries: 0, cross_federation_queries: 0, failed_routes: 0 },
    hedges: { made: 0, saved: 0 },
    degraded: false,
    warnings: [],
  }

  it('are six: who, where, engines, realms, peers, what next', () => {
    const lines = readyLines(ready, status)
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['realmesh', 'programs', 'engines', 'realms', 'peers', 'next'],
    )
    assert.match(lines[1] ?? '', /http:\/\/127\.0\.0\.1:5000\/v1/)
    assert.match(lines[4] ?? '', /\/ip4\/1\.2\.3\.4\/tcp\/1/)
  })
})
