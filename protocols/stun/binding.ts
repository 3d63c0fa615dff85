/**
 * The part of STUN (RFC 8489) that tells a sender its own address: requests are read strictly, whatever else comes is
 * dropped without an answer. Pure.
 */
import { isIPv4 } from 'node:net'
import { crc32 } from 'node:zlib'
import { MAX_NAMED_UNKNOWN, MAX_STUN_BYTES } from './constants.ts'

const HEADER_BYTES = 20
const MAGIC_COOKIE = 0x2112_a442
const MAGIC_COOKIE_AT = 4
const TRANSACTION_AT = 8
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const BINDING_ERROR = 0x0111

const ERROR_CODE = 0x0009
const UNKNOWN_ATTRIBUTES = 0x000a
const XOR_MAPPED_ADDRESS = 0x0020
const FINGERPRINT = 0x8028
const FINGERPRINT_BYTES = 8
const FINGERPRINT_XOR = 0x5354_554e

/** Below it an attribute that the receiver does not know makes the request one that it cannot answer. */
const OPTIONAL_FROM = 0x8000

/** Those of RFC 8489: names, proofs and answers. None of them matters to a server that answers everyone. */
const KNOWN: ReadonlySet<number> = new Set([
  ...[0x0001, 0x0006, 0x0008, ERROR_CODE, UNKNOWN_ATTRIBUTES, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e],
  XOR_MAPPED_ADDRESS,
])

/** A request for a binding. */
export interface StunRequest {
  /** What tells it from others: 12 bytes. */
  readonly transaction: Buffer
  /** Attributes that must be known and are not. */
  readonly unknown: readonly number[]
  /** Whether its sender checks fingerprints. */
  readonly fingerprint: boolean
}

/** A sender, as the socket sees it. */
export interface StunSource {
  readonly address: string
  readonly port: number
}

/** Undefined for all that is no sound request for a binding. */
export function readRequest(bytes: Buffer): StunRequest | undefined {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_STUN_BYTES || bytes.length % 4 !== 0) return undefined
  if (bytes.readUInt16BE(0) !== BINDING_REQUEST || bytes.readUInt16BE(2) !== bytes.length - HEADER_BYTES)
    return undefined
  if (bytes.readUInt32BE(MAGIC_COOKIE_AT) !== MAGIC_COOKIE) return undefined
  const unknown: number[] = []
  let fingerprint = false
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    if (fingerprint) return undefined // it is the last attribute, or none
    const type = bytes.readUInt16BE(at)
    const length = bytes.readUInt16BE(at + 2)
    const next = at + 4 + padded(length)
    if (next > bytes.length) return undefined
    if (type === FINGERPRINT) {
      if (length !== 4 || bytes.readUInt32BE(at + 4) !== fingerprintOf(bytes.subarray(0, at))) return undefined
      fingerprint = true
    } else if (type < OPTIONAL_FROM && !KNOWN.has(type)) unknown.push(type)
    at = next
  }
  const transaction = bytes.subarray(TRANSACTION_AT, HEADER_BYTES)
  return { transaction, unknown: unknown.slice(0, MAX_NAMED_UNKNOWN), fingerprint }
}

/** What a sender is told: where its request came from, or which attributes are not known here. */
export function answerTo({ transaction, unknown, fingerprint }: StunRequest, source: StunSource): Buffer {
  const attributes =
    unknown.length === 0
      ? [attribute(XOR_MAPPED_ADDRESS, xorMapped(source, transaction))]
      : [attribute(ERROR_CODE, UNKNOWN_ATTRIBUTE_ERROR), attribute(UNKNOWN_ATTRIBUTES, namesOf(unknown))]
  const body = Buffer.concat(attributes)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(unknown.length === 0 ? BINDING_SUCCESS : BINDING_ERROR, 0)
  header.writeUInt16BE(body.length + (fingerprint ? FINGERPRINT_BYTES : 0), 2)
  header.writeUInt32BE(MAGIC_COOKIE, MAGIC_COOKIE_AT)
  transaction.copy(header, TRANSACTION_AT)
  const answer = Buffer.concat([header, body])
  if (!fingerprint) return answer
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(fingerprintOf(answer))
  return Buffer.concat([answer, attribute(FINGERPRINT, sum)])
}

/** 420 as class and number, without its text. */
const UNKNOWN_ATTRIBUTE_ERROR = Buffer.from([0, 0, 4, 20])

/** Over what comes before it; the length in the header counts the fingerprint already. */
function fingerprintOf(before: Buffer): number {
  return (crc32(before) ^ FINGERPRINT_XOR) >>> 0
}

function padded(length: number): number {
  return (length + 3) & ~3
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length))
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  value.copy(bytes, 4)
  return bytes
}

function namesOf(types: readonly number[]): Buffer {
  return Buffer.from(types.flatMap((type) => [type >> 8, type & 0xff]))
}

/** Masked, because some routers rewrite addresses wherever they find them in a packet. */
function xorMapped({ address, port }: StunSource, transaction: Buffer): Buffer {
  const host = bytesOf(address)
  const mask = Buffer.alloc(HEADER_BYTES - MAGIC_COOKIE_AT)
  mask.writeUInt32BE(MAGIC_COOKIE)
  transaction.copy(mask, 4)
  const value = Buffer.alloc(4 + host.length)
  value.writeUInt8(host.length === 4 ? 1 : 2, 1)
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2)
  for (const [at, byte] of host.entries()) value.writeUInt8(byte ^ mask.readUInt8(at), 4 + at)
  return value
}

/** The bytes of an address; an IPv4 address that a socket of both families writes as IPv6 is one of IPv4. */
function bytesOf(address: string): Buffer {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number))

  const whole = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const [left = [], right = []] = whole.split('::').map(groupsOf)
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
