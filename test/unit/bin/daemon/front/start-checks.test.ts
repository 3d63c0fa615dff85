import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { assertStarts } from '../../../../../bin/daemon/front/start-checks.ts'
import type { NodeConfig } from '../../../../../config/schema/node-schema.ts'
import { type HomeFolder, homeFolder } from '../../../../../home/home-folder.ts'
import { defaultConfig } from '../../../../support/default-config.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('whether a daemon could start with a changed configuration', () => {
  const folder = temporaryFolder()
  const before = defaultConfig()
  let home: HomeFolder
  beforeEach(() => {
    home = homeFolder(folder.path('h'), {})
  })

  const starts = (node: Partial<NodeConfig>, was: Partial<NodeConfig> = {}): Promise<void> =>
    assertStarts(defaultConfig(node), defaultConfig(was), home)

  const page = (path: string): Partial<NodeConfig> => ({ rentahal: { ...before.node.rentahal, page: path } })

  it('not with a page, a certificate or a key that is not there', async () => {
    await assert.rejects(starts(page(folder.path('nowhere'))), { code: 'CONFIG_INVALID' })
    await assert.rejects(starts({ federationKey: folder.path('no.key') }), { code: 'KEY_FILE_BAD' })
    const [tlsCert, tlsKey] = [folder.path('no.pem'), folder.path('no.key')]
    await assert.rejects(starts({ tlsCert, tlsKey }), { code: 'KEY_FILE_BAD' })
  })

  it('not open to the network without a key, nor at an address of another machine', async () => {
    await assert.rejects(starts({ http: { host: '0.0.0.0', port: 5000 } }), { code: 'BIND_REFUSED' })
    await assert.rejects(starts({ listen: ['/ip4/192.0.2.1/tcp/4501'] }), { code: 'BIND_REFUSED' })
  })

  it('with what is there', async () => {
    await mkdir(folder.path('page'))
    await starts({
      ...page(folder.path('page')),
      listen: ['/ip4/127.0.0.1/tcp/4501', '/ip4/0.0.0.0/udp/4501/quic-v1', '/dns4/example.org/tcp/1'],
      http: { host: '127.0.0.1', port: 5001 },
    })
  })

  it('looks at nothing that stays as it was', async () => {
    const gone = { ...page(folder.path('nowhere')), federationKey: folder.path('no.key') }
    await starts({ ...gone, name: 'desk' }, gone)
  })
})
