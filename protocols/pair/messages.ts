// Generated from the .proto file beside it: npm run generate
// @ts-nocheck: protons does not know exactOptionalPropertyTypes
import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WirePair {
  refusal?: string
  offer?: WirePairOffer
  nonce?: Uint8Array<ArrayBuffer>
  same?: boolean
  welcome?: Uint8Array<ArrayBuffer>
  done?: boolean
}

export const WirePair = (() => {
  let _codec: Codec<WirePair>

  const codec = (): Codec<WirePair> => {
    if (_codec == null) {
      _codec = message<WirePair>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.refusal != null) {
          w.uint32(10)
          w.string(obj.refusal)
        }

        if (obj.offer != null) {
          w.uint32(18)
          WirePairOffer.codec().encode(obj.offer, w)
        }

        if (obj.nonce != null) {
          w.uint32(26)
          w.bytes(obj.nonce)
        }

        if (obj.same != null) {
          w.uint32(32)
          w.bool(obj.same)
        }

        if (obj.welcome != null) {
          w.uint32(42)
          w.bytes(obj.welcome)
        }

        if (obj.done != null) {
          w.uint32(48)
          w.bool(obj.done)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.refusal = reader.string()
              break
            }
            case 2: {
              obj.offer = WirePairOffer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.offer
              })
              break
            }
            case 3: {
              obj.nonce = reader.bytes()
              break
            }
            case 4: {
              obj.same = reader.bool()
              break
            }
            case 5: {
              obj.welcome = reader.bytes()
              break
            }
            case 6: {
              obj.done = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.refusal`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield * WirePairOffer.codec().stream(reader, reader.uint32(), `${prefix}.offer`, {
                limits: opts.limits?.offer
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.nonce`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.same`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.welcome`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.done`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  interface WirePairRefusalFieldEvent {
    field: '$.refusal'
    value: string
  }

  interface WirePairOfferCommitmentFieldEvent {
    field: '$.offer.commitment'
    value: Uint8Array<ArrayBuffer>
  }

  interface WirePairOfferKindFieldEvent {
    field: '$.offer.kind'
    value: string
  }

  interface WirePairOfferNameFieldEvent {
    field: '$.offer.name'
    value: string
  }

  interface WirePairOfferFederationLabelFieldEvent {
    field: '$.offer.federationLabel'
    value: string
  }

  interface WirePairOfferCompanyFieldEvent {
    field: '$.offer.company'
    value: number
  }

  interface WirePairOfferStaysFieldEvent {
    field: '$.offer.stays'
    value: boolean
  }

  interface WirePairNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  interface WirePairSameFieldEvent {
    field: '$.same'
    value: boolean
  }

  interface WirePairWelcomeFieldEvent {
    field: '$.welcome'
    value: Uint8Array<ArrayBuffer>
  }

  interface WirePairDoneFieldEvent {
    field: '$.done'
    value: boolean
  }

  function encode (obj: Partial<WirePair>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WirePair.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WirePair>): WirePair {
    return decodeMessage(buf, WirePair.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WirePair>): Generator<WirePairRefusalFieldEvent | WirePairOfferCommitmentFieldEvent | WirePairOfferKindFieldEvent | WirePairOfferNameFieldEvent | WirePairOfferFederationLabelFieldEvent | WirePairOfferCompanyFieldEvent | WirePairOfferStaysFieldEvent | WirePairNonceFieldEvent | WirePairSameFieldEvent | WirePairWelcomeFieldEvent | WirePairDoneFieldEvent> {
    return streamMessage(buf, WirePair.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WirePairOffer {
  commitment: Uint8Array<ArrayBuffer>
  kind: string
  name: string
  federationLabel: string
  company: number
  stays: boolean
}

export const WirePairOffer = (() => {
  let _codec: Codec<WirePairOffer>

  const codec = (): Codec<WirePairOffer> => {
    if (_codec == null) {
      _codec = message<WirePairOffer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.commitment != null && obj.commitment.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.commitment)
        }

        if ((obj.kind != null && obj.kind !== '')) {
          w.uint32(18)
          w.string(obj.kind)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(26)
          w.string(obj.name)
        }

        if ((obj.federationLabel != null && obj.federationLabel !== '')) {
          w.uint32(34)
          w.string(obj.federationLabel)
        }

        if ((obj.company != null && obj.company !== 0)) {
          w.uint32(40)
          w.uint32(obj.company)
        }

        if ((obj.stays != null && obj.stays !== false)) {
          w.uint32(48)
          w.bool(obj.stays)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          commitment: uint8ArrayAlloc(0),
          kind: '',
          name: '',
          federationLabel: '',
          company: 0,
          stays: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.commitment = reader.bytes()
              break
            }
            case 2: {
              obj.kind = reader.string()
              break
            }
            case 3: {
              obj.name = reader.string()
              break
            }
            case 4: {
              obj.federationLabel = reader.string()
              break
            }
            case 5: {
              obj.company = reader.uint32()
              break
            }
            case 6: {
              obj.stays = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.commitment`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.kind`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.federationLabel`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.company`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.stays`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  interface WirePairOfferCommitmentFieldEvent {
    field: '$.commitment'
    value: Uint8Array<ArrayBuffer>
  }

  interface WirePairOfferKindFieldEvent {
    field: '$.kind'
    value: string
  }

  interface WirePairOfferNameFieldEvent {
    field: '$.name'
    value: string
  }

  interface WirePairOfferFederationLabelFieldEvent {
    field: '$.federationLabel'
    value: string
  }

  interface WirePairOfferCompanyFieldEvent {
    field: '$.company'
    value: number
  }

  interface WirePairOfferStaysFieldEvent {
    field: '$.stays'
    value: boolean
  }

  function encode (obj: Partial<WirePairOffer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WirePairOffer.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WirePairOffer>): WirePairOffer {
    return decodeMessage(buf, WirePairOffer.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WirePairOffer>): Generator<WirePairOfferCommitmentFieldEvent | WirePairOfferKindFieldEvent | WirePairOfferNameFieldEvent | WirePairOfferFederationLabelFieldEvent | WirePairOfferCompanyFieldEvent | WirePairOfferStaysFieldEvent> {
    return streamMessage(buf, WirePairOffer.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()
