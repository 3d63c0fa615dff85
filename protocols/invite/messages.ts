// Generated from the .proto file beside it: npm run generate
// @ts-nocheck: protons does not know exactOptionalPropertyTypes
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WireInvitation {
  network: string
  kind: string
  peer: Uint8Array<ArrayBuffer>
  addresses: Uint8Array<ArrayBuffer>[]
  secret: Uint8Array<ArrayBuffer>
  expires: number
  name: string
  swarmKey?: Uint8Array<ArrayBuffer>
}

export const WireInvitation = (() => {
  let _codec: Codec<WireInvitation>

  const codec = (): Codec<WireInvitation> => {
    if (_codec == null) {
      _codec = message<WireInvitation>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.network != null && obj.network !== '')) {
          w.uint32(10)
          w.string(obj.network)
        }

        if ((obj.kind != null && obj.kind !== '')) {
          w.uint32(18)
          w.string(obj.kind)
        }

        if ((obj.peer != null && obj.peer.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.peer)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if ((obj.secret != null && obj.secret.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.secret)
        }

        if ((obj.expires != null && obj.expires !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.expires)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(58)
          w.string(obj.name)
        }

        if (obj.swarmKey != null) {
          w.uint32(66)
          w.bytes(obj.swarmKey)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          network: '',
          kind: '',
          peer: uint8ArrayAlloc(0),
          addresses: [],
          secret: uint8ArrayAlloc(0),
          expires: 0,
          name: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.network = reader.string()
              break
            }
            case 2: {
              obj.kind = reader.string()
              break
            }
            case 3: {
              obj.peer = reader.bytes()
              break
            }
            case 4: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.bytes())
              break
            }
            case 5: {
              obj.secret = reader.bytes()
              break
            }
            case 6: {
              obj.expires = reader.uint64Number()
              break
            }
            case 7: {
              obj.name = reader.string()
              break
            }
            case 8: {
              obj.swarmKey = reader.bytes()
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
        const obj = {
          addresses: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.network`,
                value: reader.string()
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
                field: `${prefix}.peer`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
              }

              yield {
                field: `${prefix}.addresses[]`,
                index: obj.addresses,
                value: reader.bytes()
              }

              obj.addresses++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.secret`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.expires`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.swarmKey`,
                value: reader.bytes()
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

  interface WireInvitationNetworkFieldEvent {
    field: '$.network'
    value: string
  }

  interface WireInvitationKindFieldEvent {
    field: '$.kind'
    value: string
  }

  interface WireInvitationPeerFieldEvent {
    field: '$.peer'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireInvitationAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  interface WireInvitationSecretFieldEvent {
    field: '$.secret'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireInvitationExpiresFieldEvent {
    field: '$.expires'
    value: number
  }

  interface WireInvitationNameFieldEvent {
    field: '$.name'
    value: string
  }

  interface WireInvitationSwarmKeyFieldEvent {
    field: '$.swarmKey'
    value: Uint8Array<ArrayBuffer>
  }

  function encode (obj: Partial<WireInvitation>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireInvitation.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireInvitation>): WireInvitation {
    return decodeMessage(buf, WireInvitation.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireInvitation>): Generator<WireInvitationNetworkFieldEvent | WireInvitationKindFieldEvent | WireInvitationPeerFieldEvent | WireInvitationAddressesFieldEvent | WireInvitationSecretFieldEvent | WireInvitationExpiresFieldEvent | WireInvitationNameFieldEvent | WireInvitationSwarmKeyFieldEvent> {
    return streamMessage(buf, WireInvitation.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireChallenge {
  nonce: Uint8Array<ArrayBuffer>
}

export const WireChallenge = (() => {
  let _codec: Codec<WireChallenge>

  const codec = (): Codec<WireChallenge> => {
    if (_codec == null) {
      _codec = message<WireChallenge>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.nonce)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          nonce: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.nonce = reader.bytes()
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
                field: `${prefix}.nonce`,
                value: reader.bytes()
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

  interface WireChallengeNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  function encode (obj: Partial<WireChallenge>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireChallenge.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireChallenge>): WireChallenge {
    return decodeMessage(buf, WireChallenge.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireChallenge>): Generator<WireChallengeNonceFieldEvent> {
    return streamMessage(buf, WireChallenge.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireJoin {
  id: Uint8Array<ArrayBuffer>
  proof: Uint8Array<ArrayBuffer>
  nonce: Uint8Array<ArrayBuffer>
  name: string
}

export const WireJoin = (() => {
  let _codec: Codec<WireJoin>

  const codec = (): Codec<WireJoin> => {
    if (_codec == null) {
      _codec = message<WireJoin>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.id)
        }

        if ((obj.proof != null && obj.proof.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.proof)
        }

        if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.nonce)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(34)
          w.string(obj.name)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: uint8ArrayAlloc(0),
          proof: uint8ArrayAlloc(0),
          nonce: uint8ArrayAlloc(0),
          name: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.bytes()
              break
            }
            case 2: {
              obj.proof = reader.bytes()
              break
            }
            case 3: {
              obj.nonce = reader.bytes()
              break
            }
            case 4: {
              obj.name = reader.string()
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
                field: `${prefix}.id`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.proof`,
                value: reader.bytes()
              }
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
                field: `${prefix}.name`,
                value: reader.string()
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

  interface WireJoinIdFieldEvent {
    field: '$.id'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireJoinProofFieldEvent {
    field: '$.proof'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireJoinNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireJoinNameFieldEvent {
    field: '$.name'
    value: string
  }

  function encode (obj: Partial<WireJoin>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireJoin.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireJoin>): WireJoin {
    return decodeMessage(buf, WireJoin.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireJoin>): Generator<WireJoinIdFieldEvent | WireJoinProofFieldEvent | WireJoinNonceFieldEvent | WireJoinNameFieldEvent> {
    return streamMessage(buf, WireJoin.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireAnswer {
  refusal: string
  welcome: Uint8Array<ArrayBuffer>
  proof: Uint8Array<ArrayBuffer>
}

export const WireAnswer = (() => {
  let _codec: Codec<WireAnswer>

  const codec = (): Codec<WireAnswer> => {
    if (_codec == null) {
      _codec = message<WireAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.refusal != null && obj.refusal !== '')) {
          w.uint32(10)
          w.string(obj.refusal)
        }

        if ((obj.welcome != null && obj.welcome.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.welcome)
        }

        if ((obj.proof != null && obj.proof.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.proof)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          refusal: '',
          welcome: uint8ArrayAlloc(0),
          proof: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.refusal = reader.string()
              break
            }
            case 2: {
              obj.welcome = reader.bytes()
              break
            }
            case 3: {
              obj.proof = reader.bytes()
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
              yield {
                field: `${prefix}.welcome`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.proof`,
                value: reader.bytes()
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

  interface WireAnswerRefusalFieldEvent {
    field: '$.refusal'
    value: string
  }

  interface WireAnswerWelcomeFieldEvent {
    field: '$.welcome'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireAnswerProofFieldEvent {
    field: '$.proof'
    value: Uint8Array<ArrayBuffer>
  }

  function encode (obj: Partial<WireAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireAnswer.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAnswer>): WireAnswer {
    return decodeMessage(buf, WireAnswer.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAnswer>): Generator<WireAnswerRefusalFieldEvent | WireAnswerWelcomeFieldEvent | WireAnswerProofFieldEvent> {
    return streamMessage(buf, WireAnswer.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireWelcome {
  kind: string
  name: string
  federationLabel: string
  federationKey?: Uint8Array<ArrayBuffer>
  federation?: string
}

export const WireWelcome = (() => {
  let _codec: Codec<WireWelcome>

  const codec = (): Codec<WireWelcome> => {
    if (_codec == null) {
      _codec = message<WireWelcome>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.kind != null && obj.kind !== '')) {
          w.uint32(10)
          w.string(obj.kind)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(18)
          w.string(obj.name)
        }

        if ((obj.federationLabel != null && obj.federationLabel !== '')) {
          w.uint32(26)
          w.string(obj.federationLabel)
        }

        if (obj.federationKey != null) {
          w.uint32(34)
          w.bytes(obj.federationKey)
        }

        if (obj.federation != null) {
          w.uint32(42)
          w.string(obj.federation)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          kind: '',
          name: '',
          federationLabel: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.kind = reader.string()
              break
            }
            case 2: {
              obj.name = reader.string()
              break
            }
            case 3: {
              obj.federationLabel = reader.string()
              break
            }
            case 4: {
              obj.federationKey = reader.bytes()
              break
            }
            case 5: {
              obj.federation = reader.string()
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
                field: `${prefix}.kind`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.federationLabel`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.federationKey`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.federation`,
                value: reader.string()
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

  interface WireWelcomeKindFieldEvent {
    field: '$.kind'
    value: string
  }

  interface WireWelcomeNameFieldEvent {
    field: '$.name'
    value: string
  }

  interface WireWelcomeFederationLabelFieldEvent {
    field: '$.federationLabel'
    value: string
  }

  interface WireWelcomeFederationKeyFieldEvent {
    field: '$.federationKey'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireWelcomeFederationFieldEvent {
    field: '$.federation'
    value: string
  }

  function encode (obj: Partial<WireWelcome>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireWelcome.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireWelcome>): WireWelcome {
    return decodeMessage(buf, WireWelcome.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireWelcome>): Generator<WireWelcomeKindFieldEvent | WireWelcomeNameFieldEvent | WireWelcomeFederationLabelFieldEvent | WireWelcomeFederationKeyFieldEvent | WireWelcomeFederationFieldEvent> {
    return streamMessage(buf, WireWelcome.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()
