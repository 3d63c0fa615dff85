import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { multiaddr } from '@multiformats/multiaddr'
import {
  dnsaddrName,
  MAX_DNSADDR_ADDRESSES,
  MAX_DNSADDR_NAMES,
  resolveDnsaddr,
} from '../../../../discovery/ways-in/dnsaddr.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { NameServer } from '../../../support/name-server.ts'

const NAME = multiaddr('/dnsaddr/swarm.example.org')

describe('/dnsaddr/', () => {
  const server = new NameServer()
  let resolver: Resolver
  let one: string
  let other: string

  before(async () => {
    await server.start()
    resolver = new Resolver({ timeout: 500, tries: 1 })
    resolver.setServers([server.address])
    one = `/ip4/192.0.2.7/tcp/4501/p2p/${(await newPeerId()).toString()}`
    other = `/ip4/192.0.2.8/tcp/4501/p2p/${(await newPeerId()).toString()}`
  })
  after(() => server.stop())
  beforeEach(() => server.records.clear())

  const resolved = async (address = NAME): Promise<readonly string[]> =>
    (await resolveDnsaddr(address, resolver)).map(String)

  it('is known by its first part', () => {
    assert.equal(dnsaddrName(NAME), 'swarm.example.org')
    assert.equal(dnsaddrName(multiaddr(one)), undefined)
  })

  it('gives what the TXT records of the name list, and leaves out what is of another kind', async () => {
    const records = [
      `dnsaddr=${one}`,
      `dnsaddr=${other}`,
      'v=spf1 -all',
      'dnsaddr=nonsense',
      'dnsaddr=/ip4/192.0.2.9/tcp/1',
    ]
    server.records.set('_dnsaddr.swarm.example.org', records)
    assert.deepEqual(await resolved(), [one, other])
  })

  it('gives those of one peer alone, where the address names it', async () => {
    server.records.set('_dnsaddr.swarm.example.org', [`dnsaddr=${one}`, `dnsaddr=${other}`])
    const peer = other.split('/').at(-1)
    assert.deepEqual(await resolved(multiaddr(`/dnsaddr/swarm.example.org/p2p/${peer}`)), [other])
  })

  it('follows names that lead to names, each once, and not for ever', async () => {
    server.records.set('_dnsaddr.swarm.example.org', [
      'dnsaddr=/dnsaddr/eu.example.org',
      'dnsaddr=/dnsaddr/swarm.example.org',
      `dnsaddr=${one}`,
    ])
    server.records.set('_dnsaddr.eu.example.org', [`dnsaddr=${other}`])
    assert.deepEqual(await resolved(), [one, other])
    for (let n = 0; n < 40; n += 1) {
      server.records.set(`_dnsaddr.n${n}.example.org`, [`dnsaddr=/dnsaddr/n${n + 1}.example.org`])
    }
    server.asked = 0
    await assert.rejects(resolved(multiaddr('/dnsaddr/n0.example.org')), { code: 'PEER_UNREACHABLE' })
    assert.equal(server.asked, MAX_DNSADDR_NAMES)
  })

  it('takes no more addresses of a name than a list may have', async () => {
    const peer = one.split('/').at(-1)
    const many = Array.from({ length: 40 }, (_, n) => `dnsaddr=/ip4/192.0.2.${n}/tcp/1/p2p/${peer}`)
    server.records.set('_dnsaddr.swarm.example.org', [...many, 'dnsaddr=/dnsaddr/eu.example.org'])
    server.records.set('_dnsaddr.eu.example.org', many)
    assert.equal((await resolved()).length, MAX_DNSADDR_ADDRESSES)
  })

  it('says why there is none, and what the records look like', async () => {
    await assert.rejects(resolved(), { code: 'PEER_UNREACHABLE', message: /there is no such name/, fix: /_dnsaddr/ })
    server.records.set('_dnsaddr.swarm.example.org', ['v=spf1 -all'])
    await assert.rejects(resolved(), { message: /lists no address of a peer/ })
    server.silent = true
    await assert.rejects(resolved(), { message: /no name server answered/ })
    server.silent = false
  })
})
