/** Federations that know each other by HTTP alone: whole nodes behind their gateways, and RENT-A-HAL's host. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defined } from '../../../core/defined.ts'
import { type Logger, silentLogger } from '../../../core/logger.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Scope } from '../../../core/scope.ts'
import { MAX_NOTED_HOSTS } from '../../../node/federation/host-book.ts'
import { callbackUrls } from '../../support/callback-urls.ts'
import { collect, textOf } from '../../support/collect.ts'
import { eventually } from '../../support/daemon.ts'
import { FakeEngine } from '../../support/fake-engine.ts'
import { type FederatedNode, type FederatedNodeInit, federatedNode } from '../../support/federated-node.ts'
import { RentAHalHost } from '../../support/rentahal-host.ts'
import { sparePort } from '../../support/spare-port.ts'
import { trapAt } from '../../support/trap.ts'

const TOKEN = 'a-token-of-some-length'
const { signal } = new AbortController()

/** An engine that says its name, or fails every query. */
function engineThat(says: string | undefined): FakeEngine {
  const engine = new FakeEngine({ slots: 4 })
  engine.script = (run) => {
    if (says === undefined) run.fail(new RealmeshError('ENGINE_FAILED', 'the GPU is gone'))
    else for (const word of says.split(' ')) run.text(`${word} `)
    run.end()
  }
  return engine
}

/** Lines of the log at info and above. */
function keptLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = []
  const keep = (_fields: object, message: string): void => void lines.push(message)
  return { log: { ...silentLogger, info: keep, warn: keep }, lines }
}

describe('hosts of other federations', () => {
  const open: { stop(): Promise<void> }[] = []
  let folder: string
  let tokenFile: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'realmesh-hosts-'))
    tokenFile = join(folder, 'token')
    await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 })
  })
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function started(init: Omit<FederatedNodeInit, 'folder'>): Promise<FederatedNode> {
    const made = await federatedNode({ folder, ...init })
    open.push(made)
    return made
  }

  async function rentAHal(init: ConstructorParameters<typeof RentAHalHost>[0]): Promise<RentAHalHost> {
    const host = await new RentAHalHost(init).start()
    open.push(host)
    return host
  }

  function ask({ node }: FederatedNode, more: { scope?: Scope } = {}): Promise<QueryEvent[]> {
    const body = { messages: [{ role: 'user' as const, content: 'Hi' }] }
    return collect(node.query({ type: 'chat', model: 'auto', user: 'alice', body, ...more }, { signal }).events)
  }

  const hostModels = ({ node }: FederatedNode): number =>
    node.models().filter(({ engines }) => engines.includes('rentahal-host')).length

  it('a query goes to RENT-A-HAL where nothing here serves it, and its receipt says so', async () => {
    const other = await rentAHal({ federationId: 'federation_other', worker: true })
    const file = { federation_hosts: [{ name: 'garage', url: other.url }] }
    const own = await started({ federationId: 'federation_own', file })
    await eventually('the host is known', () => hostModels(own) > 0)
    const events = await ask(own)
    assert.equal(textOf(events), 'answered by federation_other')
    const end = events.at(-1)
    const receipt = end?.kind === 'end' ? end.receipt : undefined
    const { worker, engine, served } = receipt?.attempts.at(-1) ?? {}
    assert.deepEqual([worker, engine, served?.model], ['garage', 'rentahal-host', 'federation/federation_other'])
    assert.equal(own.node.status().routing.cross_federation_queries, 1)
    assert.equal(other.seen.find(({ path }) => path.endsWith('/route'))?.body['source_federation'], 'federation_own')
    await assert.rejects(ask(own, { scope: 'home' }), 'a narrower scope does not reach a friend')
    await assert.rejects(ask(own, { scope: 'local' }))
    assert.equal(other.seen.filter(({ path }) => path.endsWith('/route')).length, 1)
  })

  it('RENT-A-HAL is served with the token as the password of the address it has, and its queries are counted', async () => {
    const own = await started({
      ...{ federationId: 'federation_own', engine: engineThat('from our rig') },
      file: {
        federation_hosts: [{ name: 'garage', url: 'http://127.0.0.1:1', direction: 'in', token_file: tokenFile }],
      },
    })
    const other = await rentAHal({ federationId: 'federation_other', worker: false })
    const query = { prompt: 'Hi', query_type: 'chat', model_type: 'worker_node', model_name: '' }
    const { host } = new URL(own.gateway.url)
    other.knownNodes = [`http://${host}`, `http://realmesh:wrong-token-of-some-length@${host}`]
    assert.equal(await other.answer(query, 'federation_other'), undefined)
    other.knownNodes = [`http://realmesh:${TOKEN}@${host}`]
    assert.equal(await other.answer(query, 'federation_other'), 'from our rig ')
    const users = await eventually('the query is written down', async () => {
      const { users } = await own.node.control.users.list()
      return users.length > 0 && users
    })
    assert.equal(users.length, 1)
  })

  it('refuses a listed host where nothing is shared with what it is to this node, and while the owner pauses', async () => {
    const host = { name: 'garage', url: 'http://127.0.0.1:1', direction: 'in', token_file: tokenFile }
    const own = await started({
      ...{ federationId: 'federation_own', engine: engineThat('from our rig') },
      file: { federation_hosts: [host], node: { share: 'home' } },
    })
    const route = async (): Promise<[number, string]> => {
      const response = await fetch(`${own.gateway.url}/api/federation/route`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ query_type: 'chat', query: { prompt: 'Hi' }, source_federation: 'federation_x' }),
      })
      const { code, status } = (await response.json()) as { code?: string; status?: string }
      return [response.status, code ?? status ?? '']
    }
    assert.deepEqual(await route(), [403, 'share_refused'])
    await own.stop()
    open.pop()
    const shared = await started({
      ...{ federationId: 'federation_two', engine: engineThat('from our rig') },
      file: { federation_hosts: [host] },
    })
    Object.assign(own, { gateway: shared.gateway })
    assert.deepEqual(await route(), [200, 'success'])
    await shared.node.control.pause()
    assert.deepEqual(await route(), [200, 'NO_WORKER'])
  })

  it('another realmesh gateway streams, with the name of its model', async () => {
    const port = await sparePort()
    const hosts = (url: string, direction: string) => [{ name: 'garage', url, direction, token_file: tokenFile }]
    const theirs = await started({
      ...{ federationId: 'federation_theirs', port, engine: engineThat('word by word') },
      file: { federation_hosts: hosts('http://127.0.0.1:1', 'in') },
    })
    const own = await started({
      federationId: 'federation_own',
      file: { federation_hosts: hosts(theirs.gateway.url, 'out') },
    })
    await eventually('the host is known', () => hostModels(own) > 0)
    const events = await ask(own)
    assert.equal(textOf(events), 'word by word ')
    assert.equal(events.find((event) => event.kind === 'start')?.model, 'tiny')
    assert.ok(theirs.node.federation.noted().length === 0)
  })

  it('a circle of three ends: by the hops, and by the way that a query tells', async () => {
    const ports = await Promise.all([sparePort(), sparePort(), sparePort()])
    const ids = ['federation_a', 'federation_b', 'federation_c']
    for (const hops of [0, 1, 4]) {
      const engines = ids.map(() => engineThat(undefined))
      const circle = await Promise.all(
        ids.map((federationId, i) => {
          const next = {
            name: 'next',
            url: `http://127.0.0.1:${ports[(i + 1) % 3]}`,
            direction: 'out',
            token_file: tokenFile,
          }
          const before = { name: 'before', url: 'http://127.0.0.1:1', direction: 'in', token_file: tokenFile }
          return started({
            ...{ federationId, port: ports[i] ?? 0, ...defined({ engine: engines[i] }) },
            file: { federation_hosts: [next, before], discovery: { federation_hops: hops } },
          })
        }),
      )
      const [first] = circle
      assert.ok(first !== undefined)
      await eventually('each knows the next', () => circle.every((each) => hostModels(each) > 0))
      await assert.rejects(ask(first))
      const runs = engines.map((engine) => engine.runs.length)
      assert.deepEqual(
        runs.map((count) => count > 0),
        [true, true, hops > 0],
        `with ${hops} hops: ${runs.join(', ')}`,
      )
      assert.equal(runs[0], 1, 'it never came back')
      for (const each of open.splice(-3)) await each.stop()
    }
  })

  it('a bootstrap node hears of this one, as the documents of RENT-A-HAL have it, and the log says so', async () => {
    const mock = await rentAHal({ federationId: 'federation_mock', worker: false })
    const { log, lines } = keptLog()
    await started({
      ...{ federationId: 'federation_12345678', engine: engineThat('hi'), log },
      file: {
        federation_callback_url: 'http://rig.lan:5000',
        discovery: { bootstrap_nodes: [mock.url], advertise_interval: 3600 },
      },
    })
    await eventually('it is told', () => lines.includes(`advertised to ${mock.url}`))
    const told = mock.seen.filter(({ method }) => method === 'POST')
    const greeting = { federation_id: 'federation_12345678', callback_url: 'http://rig.lan:5000' }
    assert.deepEqual(
      told.map(({ path, body }) => [path, body]),
      [
        ['/api/federation/join', greeting],
        ['/api/federation/advertise', { ...greeting, services: { chat: { primary_realm: '$CHAT', worker_count: 1 } } }],
      ],
    )
  })

  it('calls no address that a host tells, whoever tells it: more than two hundred, none reached', async () => {
    const trap = await trapAt('127.0.0.1')
    const urls = callbackUrls(trap.port)
    assert.ok(urls.length >= 200)
    const liar = await rentAHal({ federationId: 'federation_liar', worker: false })
    const { log, lines } = keptLog()
    const own = await started({
      ...{ federationId: 'federation_own', engine: engineThat('hi'), log },
      file: { federation_hosts: [{ name: 'liar', url: liar.url, token_file: tokenFile }] },
    })
    const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<number> => {
      const response = await fetch(`${own.gateway.url}/api/federation/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      await response.text()
      return response.status
    }
    const bearer = { authorization: `Bearer ${TOKEN}` }
    const tell = async (callback_url: string, i: number): Promise<void> => {
      const services = { chat: { primary_realm: '$CHAT', worker_count: 9 } }
      const advert = { federation_id: `federation_${i}`, callback_url, services }
      const query = { prompt: callback_url, image: callback_url }
      await Promise.all([
        post('join', advert),
        post('advertise', advert, bearer),
        post('route', { query_type: 'vision', query, source_federation: callback_url }, bearer),
        fetch(`${liar.url}/api/federation/advertise`, { method: 'POST', body: JSON.stringify(advert) }),
      ])
    }
    for (let i = 0; i < urls.length; i += 8) await Promise.all(urls.slice(i, i + 8).map((url, n) => tell(url, i + n)))
    // What the liar tells when it is asked is noted too: a changed file has the hosts told anew.
    await own.node.reload({ ...own.config, federationCallbackUrl: 'http://rig.lan:5000' })
    await eventually('the liar was asked', () => own.node.federation.noted().some(({ from }) => from === 'liar'))
    await eventually('it has been told of', () => lines.filter((line) => line.startsWith('advertised')).length > 1)
    assert.equal(trap.reached(), 0)
    assert.ok(own.node.federation.noted().length <= MAX_NOTED_HOSTS)
    await assert.rejects(fetch(`http://127.0.0.1:${trap.port}`))
    assert.equal(trap.reached(), 1, 'the trap would have told')
    trap.close()
  })

  it('a mock federation needs no network, and says of every word that it is simulated', async () => {
    const { log, lines } = keptLog()
    const own = await started({ federationId: 'federation_own', file: { discovery: { mock_federation: true } }, log })
    await eventually('the simulated host is known', () => hostModels(own) > 0)
    const events = await ask(own, { scope: 'home' })
    assert.match(textOf(events), /^Simulated answer of a mock federation; no model ran\. Asked was: Hi$/)
    const start = events.find((event) => event.kind === 'start')
    assert.deepEqual([start?.worker, start?.model], ['simulated-host', 'simulated/federation'])
    assert.ok(lines.includes('advertised to simulated:federation (simulated: nothing was sent)'), lines.join('\n'))
    assert.match(own.node.status().warnings.join('\n'), /mock_federation is on/)
  })
})
