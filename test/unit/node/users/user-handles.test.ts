import assert from 'node:assert/strict'
import { UserHandles } from '../../../../node/users/user-handles.ts'

const SECRET = Buffer.alloc(32, 7)
const GUID = '6f1ed002-ab55-4b2c-8f0a-1d7e7a1b2c3d'

describe('a handle', () => {
  const handles = new UserHandles(SECRET)

  it('stands for one user for ever, and tells nothing of the GUID', () => {
    const handle = handles.of(GUID)
    assert.equal(new UserHandles(SECRET).of(GUID), handle)
    assert.match(handle, /^u\.[A-Za-z0-9_-]+$/)
    assert.equal(Buffer.from(handle.slice(2), 'base64url').includes(Buffer.from(GUID, 'utf16le')), false)
    assert.notEqual(handle.slice(0, 24), handles.of(`${GUID.slice(0, -1)}e`).slice(0, 24))
  })

  it('leads back to any GUID at the node that made it, and nowhere else', () => {
    const elsewhere = new UserHandles(Buffer.alloc(32, 8))
    for (const guid of ['local', GUID, 'x', '\u{1F600}\uD800', 'é'.repeat(500)]) {
      assert.equal(handles.guidOf(handles.of(guid)), guid)
      assert.equal(elsewhere.guidOf(handles.of(guid)), undefined)
    }
  })

  it('is told from all that is none, a changed one among it', () => {
    const handle = handles.of(GUID)
    const changed = handle.slice(0, -1) + (handle.endsWith('A') ? 'B' : 'A')
    for (const none of ['', 'u.', 'u.AAAA', GUID, 'local', handle.slice(2), `${handle}AAAA`, changed]) {
      assert.equal(handles.guidOf(none), undefined, none)
    }
  })
})
