import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { answerTo, readRequest, type StunRequest } from '../../../../protocols/stun/binding.ts'
import { MAX_STUN_BYTES } from '../../../../protocols/stun/constants.ts'
import { volume } from '../../../support/volume.ts'

const TRANSACTION = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex')

function attribute(type: number, value: Buffer, declared = value.length): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(declared, 2)
  value.copy(bytes, 4)
  return bytes
}

function message(attributes: readonly Buffer[] = [], type = 1): Buffer {
  const body = Buffer.concat(attributes)
  const header = Buffer.concat([Buffer.from([0, 0, 0, 0, 0x21, 0x12, 0xa4, 0x42]), TRANSACTION])
  header.writeUInt16BE(type, 0)
  header.writeUInt16BE(body.length, 2)
  return Buffer.concat([header, body])
}

function withFingerprint(bytes: Buffer): Buffer {
  const longer = Buffer.from(bytes)
  longer.writeUInt16BE(bytes.length - 20 + 8, 2)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE((crc32(longer) ^ 0x5354_554e) >>> 0)
  return Buffer.concat([longer, attribute(0x8028, sum)])
}

function read(bytes: Buffer): StunRequest {
  const request = readRequest(bytes)
  assert.ok(request !== undefined)
  return request
}

describe('a request for a binding', () => {
  it('is answered with where it came from, masked as RFC 5769 shows it', () => {
    const answer = answerTo(read(message()), { address: '192.0.2.1', port: 32_853 })
    assert.equal(answer.toString('hex'), `0101000c2112a442${TRANSACTION.toString('hex')}002000080001a147e112a643`)
  })

  it('from IPv6 is answered as RFC 5769 shows it', () => {
    const answer = answerTo(read(message()), { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 })
    const masked = '0113a9faa5d3f179bc25f4b5bed2b9d9'
    assert.equal(answer.toString('hex').slice(40), `002000140002a147${masked}`)
  })

  it('from IPv4 at a socket of both families is one of IPv4', () => {
    const [mapped, plain] = ['::ffff:192.0.2.1', '192.0.2.1'].map((address) =>
      answerTo(read(message()), { address, port: 1 }).toString('hex'),
    )
    assert.equal(mapped, plain)
  })

  it('with a fingerprint gets one, that is right', () => {
    const answer = answerTo(read(withFingerprint(message())), { address: '192.0.2.1', port: 32_853 })
    const plain = answerTo(read(message()), { address: '192.0.2.1', port: 32_853 })
    assert.deepEqual(answer, withFingerprint(plain))
  })

  it('passes over what may be unknown, and over names and proofs', () => {
    const optional = attribute(0x8022, Buffer.from('a client'))
    assert.deepEqual(read(message([optional, attribute(0x0006, Buffer.from('user:x'))])).unknown, [])
  })

  it('with attributes that must be known is told which are not, four at most', () => {
    const attributes = [3, 0x24, 0x25, 0x7001, 0x7002].map((type) => attribute(type, Buffer.alloc(4)))
    const answer = answerTo(read(message(attributes)), { address: '192.0.2.1', port: 1 })
    assert.equal(answer.subarray(20).toString('hex'), '0009000400000414000a0008000300240025' + '7001')
    assert.equal(answer.readUInt16BE(0), 0x0111)
  })

  const wrong: Readonly<Record<string, Buffer>> = {
    'is cut': message().subarray(0, 19),
    'says another length': Buffer.concat([message(), Buffer.alloc(4)]),
    'has another cookie': Buffer.concat([message().subarray(0, 4), Buffer.alloc(16)]),
    'is an answer': message([], 0x0101),
    'is an indication': message([], 0x0011),
    'has an attribute that is longer than itself': message([attribute(0x8022, Buffer.alloc(4), 64)]),
    'is no multiple of four': Buffer.concat([
      message().subarray(0, 2),
      Buffer.from([0, 1]),
      message().subarray(4),
      Buffer.alloc(1),
    ]),
    'has a wrong fingerprint': message([attribute(0x8028, Buffer.alloc(4))]),
    'goes on behind its fingerprint': message([
      withFingerprint(message()).subarray(20),
      attribute(0x8022, Buffer.alloc(4)),
    ]),
    'is longer than any': message([attribute(0x8022, Buffer.alloc(MAX_STUN_BYTES))]),
  }
  for (const [what, bytes] of Object.entries(wrong)) {
    it(`that ${what} is not answered`, () => assert.equal(readRequest(bytes), undefined))
  }

  it('never gets an answer of three times its length, and any bytes are read without an error', () => {
    const attributes = fc.array(fc.tuple(fc.integer({ min: 0, max: 0xffff }), fc.uint8Array({ maxLength: 24 })), {
      maxLength: 12,
    })
    const source = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 65_535 }
    let answered = 0
    fc.assert(
      fc.property(attributes, fc.boolean(), fc.uint8Array({ maxLength: 64 }), (list, signed, junk) => {
        readRequest(Buffer.from(junk))
        const plain = message(list.map(([type, value]) => attribute(type, Buffer.from(value))))
        const bytes = signed ? withFingerprint(plain) : plain
        const request = readRequest(bytes)
        if (request === undefined) return
        answered += 1
        assert.ok(answerTo(request, source).length < 3 * bytes.length)
      }),
      { numRuns: volume(500, 100_000) },
    )
    assert.ok(answered > 50)
  })
})
