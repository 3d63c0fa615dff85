import assert from 'node:assert/strict'
import { meantPeer, wordFor } from '../../../../node/pair/meant-peer.ts'

const DESK = { id: '12D3KooWaaaaaaaaaaaaaaaaDESKdesk', name: 'desk' }
const ATTIC = { id: '12D3KooWbbbbbbbbbbbbbbbbATTICatt', name: 'rig', called: 'attic' }

describe('a peer that is named', () => {
  it('is found by its id, the end of it, its name, or what the owner calls it', () => {
    for (const word of [DESK.id, 'DESKdesk', '…DESKdesk', 'desk']) {
      assert.equal(meantPeer(word, [DESK, ATTIC]), DESK, word)
    }
    for (const word of ['attic', 'rig']) assert.equal(meantPeer(word, [DESK, ATTIC]), ATTIC, word)
  })

  it('is none where several have the name, and all of them are told', () => {
    const twin = { id: '12D3KooWccccccccccccccccTWINtwin', name: 'desk' }
    assert.throws(() => meantPeer('desk', [DESK, twin]), { code: 'BAD_REQUEST', message: /DESKdesk, TWINtwin/ })
    assert.throws(() => meantPeer('nobody', [DESK]), { code: 'BAD_REQUEST', fix: /realmesh peers/ })
    assert.throws(() => meantPeer('', [{ ...DESK, name: '' }]), { code: 'BAD_REQUEST' })
  })
})

describe('the word for a peer at a command line', () => {
  it('is its name where that is plain and its own alone', () => {
    assert.equal(wordFor(DESK, [DESK, ATTIC]), 'desk')
    assert.equal(wordFor(ATTIC, [DESK, ATTIC]), 'attic')
    assert.equal(wordFor(DESK, [DESK, { ...ATTIC, called: 'desk' }]), 'DESKdesk')
  })

  it('is the end of its id where a shell would make something of the name', () => {
    for (const name of ['$(reboot)', 'a b', '-rf', '', ';ls', '\u001b[2J', 'désk']) {
      assert.equal(wordFor({ ...DESK, name }, []), 'DESKdesk', name)
    }
  })
})
