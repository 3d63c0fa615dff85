import assert from 'node:assert/strict'
import { type WebRtcModule, WebRtcPackage } from '../../../../../../node/compose/libp2p/web-rtc/web-rtc-package.ts'

const MODULE = { webRTC: () => {} } as unknown as WebRtcModule

describe('the package for WebRTC', () => {
  it('is found without being loaded, and loads', async () => {
    const found = new WebRtcPackage()
    assert.equal(found.state, 'ready')
    assert.equal(typeof (await found.load()).webRTC, 'function')
  })

  it('that is not installed is told of with the command that installs it; nothing fails until it is needed', async () => {
    const missing = new WebRtcPackage({ isInstalled: () => false, load: async () => MODULE })
    assert.equal(missing.state, 'missing')
    assert.equal(missing.error?.fix, 'npm install @libp2p/webrtc')
    await assert.rejects(missing.load(), { code: 'CAPABILITY_MISSING' })
  })

  it('whose native part does not run here is told of once that is seen', async () => {
    const load = async (): Promise<WebRtcModule> => {
      throw new Error('libstdc++.so.6: version not found\n    at …')
    }
    const broken = new WebRtcPackage({ isInstalled: () => true, load })
    assert.equal(broken.state, 'ready')
    await assert.rejects(broken.load(), {
      code: 'CAPABILITY_MISSING',
      message: /libstdc\+\+\.so\.6: version not found$/,
    })
    assert.equal(broken.state, 'broken')
  })

  it('is neither looked for nor loaded where the owner does not want it', async () => {
    const unwanted = (): never => assert.fail('it was looked for')
    const off = new WebRtcPackage({ enabled: false, isInstalled: unwanted, load: unwanted })
    assert.deepEqual([off.state, off.error], ['off', undefined])
    await assert.rejects(off.load(), { code: 'CAPABILITY_MISSING' })
  })
})
