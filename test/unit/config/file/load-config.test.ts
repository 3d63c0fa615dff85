import assert from 'node:assert/strict'
import { chmod, copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { realmForType } from '../../../../config/config.ts'
import { type LoadConfigInput, type LoadedConfig, loadConfig } from '../../../../config/file/load-config.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { withoutRoot } from '../../../support/without-root.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/config/${name}.yml`, import.meta.url))

describe('loadConfig', () => {
  const folder = temporaryFolder()
  const load = (input: Omit<LoadConfigInput, 'home'> = {}): Promise<LoadedConfig> =>
    loadConfig({ home: { configFile: folder.path('realms.yml'), federationKey: folder.path('f.key') }, ...input })

  it('gives the three realms and the defaults of the daemon where there is no file', async () => {
    const { config, path, origins } = await load()
    assert.deepEqual(
      config.realms.map((realm) => [realm.name, realm.primaryQueryType, realm.minWorkers, realm.maxWorkers]),
      [
        ['$CHAT', 'chat', 1, 5],
        ['$VISION', 'vision', 1, 3],
        ['$IMAGINE', 'imagine', 1, 3],
      ],
    )
    assert.deepEqual(config.node.http, { host: '127.0.0.1', port: 5000 })
    assert.deepEqual(config.node.listen, ['/ip4/0.0.0.0/tcp/4501'])
    assert.deepEqual([config.node.network, config.node.scope, config.node.share], ['main', 'home', 'home'])
    assert.equal(config.discovery.advertiseIntervalMs, 3_600_000)
    assert.equal(path, undefined)
    assert.deepEqual([...new Set([...origins.values()].map((origin) => origin.source))], ['default'])
  })

  it('reads a sample of RENT-A-HAL unchanged', async () => {
    const seed = (await load({ file: fixture('seed-sample') })).config
    const empty = (await load()).config
    assert.equal(seed.federationId, 'federation_12345678')
    assert.deepEqual(seed.realms, empty.realms)
    assert.deepEqual(seed.databaseSharding, { enabled: false, shards: [], shardMap: {} })
  })

  it('says how to see every mistake of the file that was named', async () => {
    const file = folder.path('bad.yml')
    await writeFile(file, 'node:\n  scope: hoem\n  htpt: 1\n')
    await assert.rejects(load({ file }), ({ message }: Error) =>
      message.endsWith(`(and 1 more: realmesh config validate ${file} shows all)`),
    )
  })

  it('resolves every key that there is', async () => {
    await mkdir(folder.path('keys'))
    await copyFile(fixture('everything'), folder.path('realms.yml'))
    const { config } = await load()
    const [chat] = config.realms
    assert.deepEqual(chat, {
      name: '$CHAT',
      primaryQueryType: 'chat',
      minWorkers: 2,
      maxWorkers: 8,
      backupRealms: ['$SPARE'],
      strategy: 'fastest',
      queue: { maxWaitMs: 12_500, maxLength: 64 },
      concurrency: 4,
      models: {
        allow: ['llama*', 'qwen*'],
        deny: ['*-uncensored'],
        aliases: { 'gpt-4o': 'llama3.1:8b', 'gpt-4.1': 'qwen3:8b' },
      },
      scope: 'friends',
      limits: { promptBytes: 262_144, tokensOut: 4096, totalMs: 120_000 },
      strangerLimits: { promptBytes: 4_096, tokensOut: 1_000, totalMs: 120_000 },
      pools: [{ name: '$FAST', members: ['desk'], strategy: 'least_busy' }],
    })
    assert.deepEqual(config.workers[0], {
      name: 'desk',
      engine: 'ollama',
      url: 'http://127.0.0.1:11434',
      realms: ['$CHAT'],
      models: ['llama*'],
      slots: 2,
      weight: 1.5,
      schedule: [
        { days: [1, 2, 3, 4, 5], fromMinute: 1080, toMinute: 480 },
        { days: [0, 6], fromMinute: 0, toMinute: 1440 },
      ],
      idleOnly: true,
      scope: 'home',
      pool: '$FAST',
      keyEnv: undefined,
      keyFile: undefined,
      maxTemperature: 83,
      minVramFree: 2 ** 31,
    })
    assert.equal(config.workers[1]?.scope, 'local')
    assert.equal(config.node.federationKey, folder.path('keys', 'federation.key'))
    assert.equal(config.node.degradedAfterMs, 30_000)
    assert.deepEqual(config.node.engines, [{ kind: 'vllm', url: 'http://10.0.0.7:8000' }])
    assert.equal(config.node.friends[0]?.untilMs, Date.UTC(2030, 0, 31))
    assert.equal(config.databaseSharding.shardMap['00'], 'shard1')
    assert.deepEqual(config.node.rentahal, { page: folder.path('page'), root: true, visitors: 'open' })
  })

  it('lays flags over variables over the file over defaults, and knows which was which', async () => {
    await writeFile(folder.path('realms.yml'), 'node:\n  network: file\n  share: local\n  scope: local\n  mdns: true\n')
    const { config, origins } = await load({
      flags: { network: 'flag', noMdns: true },
      env: {
        REALMESH_NETWORK: 'env',
        REALMESH_SCOPE: 'public',
        REALMESH_LISTEN: '/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2',
      },
    })
    const { network, scope, share, mdns, builtin, listen } = config.node
    assert.deepEqual([network, scope, share, mdns, builtin], ['flag', 'public', 'local', false, true])
    assert.equal(listen.length, 2)
    assert.deepEqual(origins.get('node.network'), { source: 'flag', where: '--network' })
    assert.deepEqual(origins.get('node.mdns'), { source: 'flag', where: '--no-mdns' })
    assert.deepEqual(origins.get('node.scope'), { source: 'env', where: 'REALMESH_SCOPE' })
    assert.deepEqual(origins.get('node.share'), { source: 'file', where: `${folder.path('realms.yml')}:3:3` })
    assert.deepEqual(origins.get('node.builtin'), { source: 'default', where: '' })
  })

  it('blames the flag or the variable, not the file', async () => {
    await assert.rejects(load({ flags: { http: '127.0.0.1' } }), {
      code: 'CONFIG_INVALID',
      message: /^--http: node\.http: /,
    })
    await assert.rejects(load({ env: { REALMESH_SHARE: 'publik' } }), {
      message: /^REALMESH_SHARE: /,
      fix: 'did you mean public?',
    })
    await assert.rejects(load({ flags: { listen: ['nonsense'] } }), { code: 'BAD_MULTIADDR', message: /^--listen: / })
    await assert.rejects(load({ env: { REALMESH_NO_MDNS: 'maybe' } }), { message: /REALMESH_NO_MDNS: .*true or false/ })
  })

  it('treats an empty variable, and a switch that says no, as absent', async () => {
    const { config } = await load({ env: { REALMESH_NETWORK: '', REALMESH_NO_MDNS: '0', REALMESH_NO_DETECT: 'yes' } })
    assert.deepEqual([config.node.network, config.node.mdns, config.node.detect], ['main', true, false])
  })

  it('warns of a variable that nothing reads', async () => {
    const { warnings } = await load({ env: { REALMESH_NETWROK: 'x', HOME: '/' } })
    assert.deepEqual(warnings, ['the variable REALMESH_NETWROK is not known; did you mean REALMESH_NETWORK?'])
  })

  it('takes the bootstrap nodes of RENT-A-HAL as hosts that are told and asked', async () => {
    const { config, warnings } = await load({ file: fixture('everything') })
    assert.deepEqual(
      warnings.map((warning) => warning.split(' ')[0]),
      ['no'],
    )
    assert.deepEqual(
      config.hosts.map(({ url, asks, asked, relation }) => [url, asks, asked, relation]),
      [['http://mock-node:5000', false, true, 'friend']],
    )
    assert.deepEqual((await load()).warnings, [])
  })

  it('warns of what is valid and hardly meant: realms that replaced the others, friends that are none', async () => {
    await writeFile(
      folder.path('realms.yml'),
      `realms: { $CHAT: { primary_query_type: chat } }
node:
  share: friends
  friends: [{ peer: 12D3KooWA1bFSrNgHDGJ4rTuHhbSG6b8GTq6RNSKVFCvHNX7SAhL, until: 2020-01-01 }]
`,
    )
    assert.deepEqual((await load()).warnings, [
      'no realm is for imagine, such queries are refused: add one, for what is named replaces the default realms',
      'node.friends[0] ended on 2020-01-01',
    ])
    await writeFile(folder.path('realms.yml'), 'node: { share: friends }\n')
    assert.deepEqual((await load()).warnings, [
      'node.share is friends and node.friends is empty: that is the same as home',
    ])
  })

  it('warns of hosts of other federations that the scope does not reach, or that nothing is shared with', async () => {
    const host = '{ name: garage, url: "http://10.0.0.2:5000", token_file: t }'
    await writeFile(folder.path('realms.yml'), `federation_hosts: [${host}]\n`)
    assert.deepEqual((await load()).warnings, [
      'garage counts as friend and node.share is home: its queries are refused',
      'garage counts as friend and node.scope is home: only queries that name a wider scope are sent there',
    ])
    const friends = '{ scope: friends, share: friends }'
    await writeFile(folder.path('realms.yml'), `federation_hosts: [${host}]\nnode: ${friends}\n`)
    assert.deepEqual((await load()).warnings, [], 'a host is a friend as well')
    const out = '{ name: garage, url: "http://10.0.0.2:5000" }'
    await writeFile(folder.path('realms.yml'), `federation_hosts: [${out}]\nnode: ${friends}\n`)
    assert.deepEqual((await load()).warnings, [
      'node.share is friends and node.friends is empty: that is the same as home',
    ])
  })

  it('takes empty sections as their defaults', async () => {
    await writeFile(folder.path('realms.yml'), 'node:\n#  network: lab\ndiscovery:\nworkers:\n')
    assert.equal((await load()).config.node.network, 'main')
  })

  it('wants a file that was named to exist', async () => {
    await assert.rejects(load({ file: folder.path('no.yml') }), { code: 'CONFIG_UNREADABLE', message: /no such file/ })
    await assert.rejects(load({ env: { REALMESH_CONFIG: folder.path('no.yml') } }), { code: 'CONFIG_UNREADABLE' })
    await assert.rejects(load({ file: folder.path() }), { code: 'CONFIG_UNREADABLE', message: /a folder/ })
  })

  it('takes a link to a file that is gone for no missing file: its owner did not mean the defaults', async () => {
    await symlink(folder.path('unmounted.yml'), folder.path('realms.yml'))
    await assert.rejects(load(), { code: 'CONFIG_UNREADABLE', message: /a link to a file that is not there/ })
    await writeFile(folder.path('unmounted.yml'), 'node:\n  scope: local\n')
    assert.equal((await load()).config.node.scope, 'local')
  })

  it('refuses what is too large or no text, and says so', async () => {
    await writeFile(folder.path('large.yml'), '#'.repeat(2 ** 20 + 1))
    await writeFile(folder.path('full.yml'), '#'.repeat(2 ** 20))
    await writeFile(folder.path('binary.yml'), Buffer.from([0xff, 0xfe, 0x00, 0x80]))
    await load({ file: folder.path('full.yml') })
    await assert.rejects(load({ file: folder.path('large.yml') }), {
      code: 'CONFIG_UNREADABLE',
      message: /more than 1048576/,
    })
    await assert.rejects(load({ file: folder.path('binary.yml') }), { code: 'CONFIG_UNREADABLE', message: /UTF-8/ })
  })

  it('says when a file may not be read', async () => {
    await writeFile(folder.path('closed.yml'), '')
    await writeFile(folder.path('open.yml'), '')
    await chmod(folder.path(), 0o755)
    await chmod(folder.path('closed.yml'), 0)
    await withoutRoot(async () => {
      await load({ file: folder.path('open.yml') })
      await assert.rejects(load({ file: folder.path('closed.yml') }), { message: /permission denied/ })
    })
  })

  it('writes nothing unless a daemon asks for the key, and then keeps the id', async () => {
    assert.equal((await load()).config.federationId, '')
    assert.deepEqual(await readdir(folder.path()), [])
    const made = (await load({ createFederationKey: true })).config
    assert.match(made.federationId, /^federation_[0-9a-f]{8}$/)
    assert.equal(made.node.federationLabel, made.federationId)
    assert.equal((await load()).config.federationId, made.federationId)
  })
})

describe('realmForType', () => {
  it('serves embeddings and pictures in the chat realm where no realm is named for them', async () => {
    const home = { configFile: '/nonexistent/realms.yml', federationKey: '/nonexistent/f.key' }
    const { config } = await loadConfig({ home })
    assert.equal(realmForType(config, 'embed')?.name, '$CHAT')
    assert.equal(realmForType(config, 'vision')?.name, '$VISION')
    const chatOnly = { realms: config.realms.slice(0, 1) }
    assert.equal(realmForType(chatOnly, 'vision')?.name, '$CHAT')
    assert.equal(realmForType(chatOnly, 'imagine'), undefined)
  })
})
