import assert from 'node:assert/strict'
import { assertKnownPath, requirePath, setValue, unknownPath } from '../../../../config/edit/set-value.ts'
import { readYaml } from '../../../../config/yaml/read-yaml.ts'

const FILE = `# my rig
federation_id: federation_12345678   # mine
node:   # the daemon
  http: 127.0.0.1:5000     # gateway
  # where others reach me
  listen: [ "/ip4/0.0.0.0/tcp/4501" ]
realms:
  $CHAT: {primary_query_type: chat, min_workers: 1}   # keep
`

const set = (text: string, path: string, value: string): string =>
  setValue(text, requirePath(path), value, 'realms.yml')

describe('assertKnownPath', () => {
  const refused = (path: string, fix: RegExp): void =>
    assert.throws(() => assertKnownPath(requirePath(path)), { code: 'BAD_REQUEST', fix })

  it('names the key that was meant, else the nearest ones', () => {
    refused('node.shar', /did you mean share\?/)
    refused('node.foo', /nearest keys there: \w+, \w+/)
    refused('nodes', /did you mean node\?/)
    refused('realms.$CHAT.pols', /did you mean pools\?/)
  })

  it('takes every key that the schema has, and any name of a realm or a peer', () => {
    for (const path of ['node.share', 'node.relay.enabled', 'realms.$NEW.limits.seconds', 'node.peer_names.any']) {
      assert.doesNotThrow(() => assertKnownPath(requirePath(path)), path)
    }
  })
})

describe('setValue', () => {
  it('changes nothing but the value', () => {
    assert.equal(set(FILE, 'node.http', '127.0.0.1:0'), FILE.replace('127.0.0.1:5000', '127.0.0.1:0'))
    assert.equal(set(FILE, 'realms.$CHAT.min_workers', '2'), FILE.replace('min_workers: 1', 'min_workers: 2'))
  })

  it('keeps every comment when it adds keys and sections', () => {
    const edited = set(set(FILE, 'node.mdns', 'false'), 'realms.$CHAT.limits.seconds', '30')
    for (const comment of ['# my rig', '# mine', '# the daemon', '# gateway', '# where others reach me', '# keep']) {
      assert.ok(edited.includes(comment), comment)
    }
    const { value } = readYaml(edited)
    const { node, realms } = value as { node: { mdns: boolean }; realms: { $CHAT: { limits: { seconds: number } } } }
    assert.equal(node.mdns, false)
    assert.equal(realms.$CHAT.limits.seconds, 30)
  })

  it('begins a file where there was none, and fills a section that was empty', () => {
    assert.equal(set('', 'node.network', 'lab'), 'node:\n  network: lab\n')
    assert.deepEqual(readYaml(set('node:\n', 'node.network', 'lab')).value, { node: { network: 'lab' } })
  })

  it('takes lists and sections as YAML', () => {
    const edited = set(FILE, 'node.listen', '[/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2]')
    assert.match(edited, /listen: \[\/ip4\/127\.0\.0\.1\/tcp\/1, \/ip4\/127\.0\.0\.1\/tcp\/2\]/)
  })

  it('makes a list of one value where a list stands', () => {
    const peer = '/ip4/192.0.2.7/tcp/4501/p2p/12D3KooWA1bFSrNgHDGJ4rTuHhbSG6b8GTq6RNSKVFCvHNX7SAhL'
    assert.deepEqual(readYaml(set('', 'node.bootstrap', peer)).value, { node: { bootstrap: [peer] } })
  })

  it('writes the default realms down before it changes one, for realms that are named replace them', () => {
    const { realms } = readYaml(set('', 'realms.$CHAT.limits.seconds', '100')).value as {
      realms: Record<string, { primary_query_type: string; limits?: { seconds: number } }>
    }
    assert.deepEqual(Object.keys(realms), ['$CHAT', '$VISION', '$IMAGINE'])
    assert.deepEqual([realms['$CHAT']?.primary_query_type, realms['$CHAT']?.limits], ['chat', { seconds: 100 }])
  })

  it('refuses what would make the file invalid', () => {
    assert.throws(() => set(FILE, 'node.htp', 'x'), { code: 'CONFIG_INVALID', fix: 'did you mean http?' })
    assert.throws(() => set(FILE, 'node.scope', 'publik'), { code: 'CONFIG_INVALID', fix: 'did you mean public?' })
    assert.throws(() => set(FILE, 'realms.$CHAT.backup_realms', '[$NONE]'), { code: 'CONFIG_INVALID' })
    assert.throws(() => set(FILE, 'node.http', '[unclosed'), { code: 'USAGE' })
    assert.throws(() => set('node: [', 'node.mdns', 'true'), { code: 'CONFIG_INVALID' })
  })

  it('cannot smuggle further keys in with a value', () => {
    assert.throws(() => set(FILE, 'node.network', 'a\n  share: public'))
  })
})

describe('paths', () => {
  it('are refused when they are none, and helped when nothing is there', () => {
    assert.throws(() => requirePath(''), { code: 'USAGE' })
    assert.throws(() => requirePath('a[b'), { code: 'USAGE' })
    assert.equal(unknownPath(['node', 'htp']).fix, 'did you mean http?')
    assert.doesNotMatch(unknownPath(['node', 'nope']).fix ?? '', /did you mean/)
    const unset = unknownPath(['federation_id'])
    assert.deepEqual(
      [unset.message, /config set federation_id/.test(unset.fix ?? '')],
      ['federation_id is not set', true],
    )
  })
})
