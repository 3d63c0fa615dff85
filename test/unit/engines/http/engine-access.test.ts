import assert from 'node:assert/strict'
import { shownAddress, splitAddress } from '../../../../engines/http/engine-access.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('what opens an engine', () => {
  it('is taken out of its address', () => {
    assert.deepEqual(splitAddress({ url: 'http://rig:s%40cret@10.0.0.2:8000/v1/?token=abc&x=1' }), {
      url: 'http://10.0.0.2:8000/v1',
      access: { headers: { authorization: basic('rig:s@cret') }, search: 'token=abc&x=1' },
    })
  })

  it('is nothing where the address holds nothing', () => {
    for (const url of ['http://10.0.0.2:8000', 'http://10.0.0.2:8000/', 'http://10.0.0.2:8000//']) {
      assert.deepEqual(splitAddress({ url }), {
        url: 'http://10.0.0.2:8000',
        access: { headers: {}, search: '' },
      })
    }
  })

  it('is a key before a password', () => {
    const { access } = splitAddress({ url: 'http://rig:s3cret@h', apiKey: 'k' })
    assert.deepEqual(access.headers, { authorization: 'Bearer k' })
  })

  it('is in no address that people see', () => {
    const shown: Readonly<Record<string, string>> = {
      'http://rig:s3cret@h:1/a/?token=s3cret': 'http://h:1/a',
      'http://s3cret@h': 'http://h',
      'file:///models/a@b.gguf': 'file:///models/a@b.gguf',
      'http://[::1]:8000/v1': 'http://[::1]:8000/v1',
      'rig:s3cret@h': 'the address',
      'not an address': 'not an address',
    }
    for (const [url, seen] of Object.entries(shown)) assert.equal(shownAddress(url), seen, url)
  })
})
