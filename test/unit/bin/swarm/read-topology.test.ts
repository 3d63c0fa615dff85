import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readTopology } from '../../../../bin/swarm/topology/read-topology.ts'
import { needsNamespaces } from '../../../../bin/swarm/topology/topology-rules.ts'
import { topologySchema } from '../../../../bin/swarm/topology/topology-schema.ts'
import { page, ROOT } from '../../../support/markdown.ts'

const EXAMPLES = join(ROOT, 'deploy', 'topologies')

/** Of the refusal. */
interface Refused {
  readonly code: string
  readonly message: string
  readonly fix: string
}

function refusalOf(text: string): Refused {
  try {
    readTopology(text, 'play.yaml')
  } catch (error) {
    return error as Refused
  }
  assert.fail('it was read')
}

describe('readTopology', () => {
  for (const name of readdirSync(EXAMPLES)) {
    it(`reads the example ${name}`, () => {
      assert.ok(readTopology(readFileSync(join(EXAMPLES, name), 'utf8'), name).nodes.length > 1)
    })
  }

  it('fills in what is not said', () => {
    const { nodes, seed, homes, faults } = readTopology('nodes: [{ name: a, engine: {} }]', 'play.yaml')
    assert.equal(seed, 1)
    assert.deepEqual([homes, faults], [{}, []])
    assert.deepEqual(nodes[0]?.engine, { model: 'simulated', slots: 4, tokens_per_second: 40, first_token_ms: 150 })
  })

  it('takes for an engine only what says of itself that it is simulated', () => {
    const { message } = refusalOf('nodes:\n  - name: a\n    engine: { model: llama3 }\n')
    assert.match(message, /^play\.yaml:3:\d+: nodes\[0]\.engine\.model: "llama3": .*"simulated"/)
  })

  const wrong: readonly (readonly [string, string, RegExp, RegExp])[] = [
    [
      'an unknown key',
      'nodes:\n  - name: a\n    engin: {}\n',
      /^play\.yaml:3:5: nodes\[0]\.engin: unknown key/,
      /did you mean engine\?/,
    ],
    [
      'a value out of bounds',
      'network:\n  loss: 2\nnodes: [{ name: a }]\n',
      /^play\.yaml:2:9: network\.loss: 2 is too large/,
      /write 1 or less/,
    ],
    ['no nodes', 'about: nothing\n', /nodes: missing/, /add the key nodes/],
    ['text that is no YAML', 'nodes: [\n', /^play\.yaml:1:/, /./],
    [
      'a name that stands twice',
      'nodes:\n  - name: a\n  - name: a\n',
      /^play\.yaml:3:11: .*a stands here twice/,
      /name of its own/,
    ],
    [
      'a home that is not there',
      'homes: { den: {} }\nnodes:\n  - { name: a, home: dem }\n',
      /^play\.yaml:3:.*no home dem/,
      /did you mean den\?/,
    ],
    [
      'a fault of no kind',
      'nodes: [{ name: a }]\nfaults:\n  - at: 3\n',
      /^play\.yaml:3:5: faults\[0]: says not/,
      /exactly one of kill, stop/,
    ],
    [
      'a fault of two kinds',
      'nodes: [{ name: a }]\nfaults:\n  - { at: 3, kill: a, stop: a }\n',
      /is kill and stop in one/,
      /exactly one/,
    ],
    [
      'a fault at nobody',
      'nodes: [{ name: rig }]\nfaults:\n  - at: 3\n    kill: rug\n',
      /^play\.yaml:4:11: .*no node rug/,
      /did you mean rig\?/,
    ],
    [
      'a lie of a node that has no engine',
      'nodes: [{ name: a }]\nfaults: [{ at: 1, lie: a }]\n',
      /no node with an engine a/,
      /./,
    ],
    [
      'a model that no engine has',
      'nodes: [{ name: a, engine: {} }]\nqueries: { from: a, model: simulated-8b }\n',
      /no engine with the model simulated-8b/,
      /./,
    ],
  ]
  for (const [what, text, message, fix] of wrong) {
    it(`refuses ${what}, with its place and what to do`, () => {
      const refused = refusalOf(text)
      assert.equal(refused.code, 'CONFIG_INVALID')
      assert.match(refused.message, message)
      assert.match(refused.fix, fix)
    })
  }

  it('knows what can only be played in namespaces', () => {
    const needs = (text: string): boolean => needsNamespaces(readTopology(text, 'play.yaml'))
    assert.equal(needs('nodes: [{ name: a }, { name: b }]\nfaults: [{ at: 1, kill: b }]\n'), false)
    assert.equal(needs('network: { loss: 0.1 }\nnodes: [{ name: a }]\n'), true)
    assert.equal(needs('homes: { den: {} }\nnodes: [{ name: a, home: den }]\n'), true)
    assert.equal(needs('nodes: [{ name: a }, { name: b }]\nfaults: [{ at: 1, partition: [a, b] }]\n'), true)
  })

  it('has every key on the page', () => {
    const text = page('docs/topologies.md')
    const known = keysOf(z.toJSONSchema(topologySchema, { unrepresentable: 'any' }))
    assert.ok(known.size > 25)
    for (const key of known) assert.match(text, new RegExp(`\`${key}\``), key)
  })
})

/** Every key of a schema, at whatever depth. */
function keysOf(node: unknown, keys = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return keys
  const { properties = {} } = node as { readonly properties?: Readonly<Record<string, unknown>> }
  for (const key of Object.keys(properties)) keys.add(key)
  for (const below of Object.values(node)) keysOf(below, keys)
  for (const below of Object.values(properties)) keysOf(below, keys)
  return keys
}
