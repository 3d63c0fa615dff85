import assert from 'node:assert/strict'
import { nodeArguments, swarmPlan } from '../../../../bin/daemon/swarm-plan.ts'
import { SETTINGS } from '../../../../config/file/settings.ts'

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
