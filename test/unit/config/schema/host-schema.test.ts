import assert from 'node:assert/strict'
import { resolveConfig } from '../../../../config/file/resolve-config.ts'
import { fileSchema } from '../../../../config/schema/file-schema.ts'
import type { HostConfig } from '../../../../config/schema/host-schema.ts'

function hostsOf(file: object): readonly HostConfig[] {
  return resolveConfig(fileSchema.parse(file), { federationId: 'federation_1', baseFolder: '/home/rig' }).hosts
}

describe('federation_hosts', () => {
  it('may be asked, and may ask where they share a token', () => {
    const hosts = hostsOf({
      federation_hosts: [
        { url: 'http://10.0.0.2:5000/' },
        { url: 'http://10.0.0.3:5000', token_file: 'garage.token' },
        { url: 'http://10.0.0.4:5000', token_file: '/tokens/shed', direction: 'in', relation: 'home' },
      ],
    })
    assert.deepEqual(
      hosts.map(({ name, url, asks, asked, tokenFile, relation }) => [name, url, asks, asked, tokenFile, relation]),
      [
        ['host-10.0.0.2-5000', 'http://10.0.0.2:5000', false, true, undefined, 'friend'],
        ['host-10.0.0.3-5000', 'http://10.0.0.3:5000', true, true, '/home/rig/garage.token', 'friend'],
        ['host-10.0.0.4-5000', 'http://10.0.0.4:5000', true, false, '/tokens/shed', 'home'],
      ],
    )
  })

  it('are bootstrap nodes too, once each, under names of their own', () => {
    const hosts = hostsOf({
      federation_hosts: [{ name: 'garage', url: 'http://garage:5000', direction: 'in', token_file: 't' }],
      discovery: {
        bootstrap_nodes: ['http://garage:5000', 'http://127.0.0.1:5001', 'http://localhost:5001/', 'https://[fd00::1]'],
      },
    })
    assert.deepEqual(
      hosts.map(({ name, asked }) => [name, asked]),
      [
        ['garage', false],
        ['host-5001', true],
        ['host-5001-2', true],
        ['host--fd00-1-', true],
      ],
    )
  })
})
