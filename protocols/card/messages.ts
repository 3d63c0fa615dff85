// Generated from the .proto file beside it: npm run generate
// @ts-nocheck: protons does not know exactOptionalPropertyTypes
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WireCard {
  network: string
  version: string
  label: string
  realms: WireRealm[]
  models: WireModel[]
  share: string
  addresses: string[]
  certificate?: Uint8Array<ArrayBuffer>
  seq: number
  issuedAt: number
  name: string
  listing?: WireListing
  stun: number
}

export const WireCard = (() => {
  let _codec: Codec<WireCard>

  const codec = (): Codec<WireCard> => {
    if (_codec == null) {
      _codec = message<WireCard>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.network != null && obj.network !== '')) {
          w.uint32(10)
          w.string(obj.network)
        }

        if ((obj.version != null && obj.version !== '')) {
          w.uint32(18)
          w.string(obj.version)
        }

        if ((obj.label != null && obj.label !== '')) {
          w.uint32(26)
          w.string(obj.label)
        }

        if (obj.realms != null && obj.realms.length > 0) {
          for (const value of obj.realms) {
            w.uint32(34)
            WireRealm.codec().encode(value, w)
          }
        }

        if (obj.models != null && obj.models.length > 0) {
          for (const value of obj.models) {
            w.uint32(42)
            WireModel.codec().encode(value, w)
          }
        }

        if ((obj.share != null && obj.share !== '')) {
          w.uint32(50)
          w.string(obj.share)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(58)
            w.string(value)
          }
        }

        if (obj.certificate != null) {
          w.uint32(66)
          w.bytes(obj.certificate)
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(72)
          w.uint64Number(obj.seq)
        }

        if ((obj.issuedAt != null && obj.issuedAt !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.issuedAt)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(90)
          w.string(obj.name)
        }

        if (obj.listing != null) {
          w.uint32(98)
          WireListing.codec().encode(obj.listing, w)
        }

        if ((obj.stun != null && obj.stun !== 0)) {
          w.uint32(104)
          w.uint32(obj.stun)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          network: '',
          version: '',
          label: '',
          realms: [],
          models: [],
          share: '',
          addresses: [],
          seq: 0,
          issuedAt: 0,
          name: '',
          stun: 0
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
              obj.version = reader.string()
              break
            }
            case 3: {
              obj.label = reader.string()
              break
            }
            case 4: {
              if (opts.limits?.realms != null && obj.realms.length === opts.limits.realms) {
                throw new MaxLengthError('Decode error - repeated field "realms" had too many elements')
              }

              obj.realms.push(WireRealm.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.realms$
              }))
              break
            }
            case 5: {
              if (opts.limits?.models != null && obj.models.length === opts.limits.models) {
                throw new MaxLengthError('Decode error - repeated field "models" had too many elements')
              }

              obj.models.push(WireModel.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.models$
              }))
              break
            }
            case 6: {
              obj.share = reader.string()
              break
            }
            case 7: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.string())
              break
            }
            case 8: {
              obj.certificate = reader.bytes()
              break
            }
            case 9: {
              obj.seq = reader.uint64Number()
              break
            }
            case 10: {
              obj.issuedAt = reader.uint64Number()
              break
            }
            case 11: {
              obj.name = reader.string()
              break
            }
            case 12: {
              obj.listing = WireListing.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.listing
              })
              break
            }
            case 13: {
              obj.stun = reader.uint32()
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
          realms: 0,
          models: 0,
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
                field: `${prefix}.version`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.label`,
                value: reader.string()
              }
              break
            }
            case 4: {
              if (opts.limits?.realms != null && obj.realms === opts.limits.realms) {
                throw new MaxLengthError('Streaming decode error - repeated field "realms" had too many elements')
              }

              for (const evt of WireRealm.codec().stream(reader, reader.uint32(), `${prefix}.realms[]`, {
                limits: opts.limits?.realms$
              })) {
                yield {
                  ...evt,
                  index: obj.realms
                }
              }

              obj.realms++

              break
            }
            case 5: {
              if (opts.limits?.models != null && obj.models === opts.limits.models) {
                throw new MaxLengthError('Streaming decode error - repeated field "models" had too many elements')
              }

              for (const evt of WireModel.codec().stream(reader, reader.uint32(), `${prefix}.models[]`, {
                limits: opts.limits?.models$
              })) {
                yield {
                  ...evt,
                  index: obj.models
                }
              }

              obj.models++

              break
            }
            case 6: {
              yield {
                field: `${prefix}.share`,
                value: reader.string()
              }
              break
            }
            case 7: {
              if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
              }

              yield {
                field: `${prefix}.addresses[]`,
                index: obj.addresses,
                value: reader.string()
              }

              obj.addresses++

              break
            }
            case 8: {
              yield {
                field: `${prefix}.certificate`,
                value: reader.bytes()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.seq`,
                value: reader.uint64Number()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.issuedAt`,
                value: reader.uint64Number()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 12: {
              yield * WireListing.codec().stream(reader, reader.uint32(), `${prefix}.listing`, {
                limits: opts.limits?.listing
              })

              break
            }
            case 13: {
              yield {
                field: `${prefix}.stun`,
                value: reader.uint32()
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

  interface WireCardNetworkFieldEvent {
    field: '$.network'
    value: string
  }

  interface WireCardVersionFieldEvent {
    field: '$.version'
    value: string
  }

  interface WireCardLabelFieldEvent {
    field: '$.label'
    value: string
  }

  interface WireCardRealmsNameFieldEvent {
    field: '$.realms[].name'
    value: string
    index: number
  }

  interface WireCardRealmsQueryTypeFieldEvent {
    field: '$.realms[].queryType'
    value: string
    index: number
  }

  interface WireCardModelsRealmFieldEvent {
    field: '$.models[].realm'
    value: string
    index: number
  }

  interface WireCardModelsSlotsFieldEvent {
    field: '$.models[].slots'
    value: number
    index: number
  }

  interface WireCardModelsNameFieldEvent {
    field: '$.models[].name'
    value: string
    index: number
  }

  interface WireCardModelsTypesFieldEvent {
    field: '$.models[].types[]'
    index: number
    value: string
  }

  interface WireCardModelsVisionFieldEvent {
    field: '$.models[].vision'
    value: boolean
    index: number
  }

  interface WireCardModelsToolsFieldEvent {
    field: '$.models[].tools'
    value: boolean
    index: number
  }

  interface WireCardModelsReasoningFieldEvent {
    field: '$.models[].reasoning'
    value: boolean
    index: number
  }

  interface WireCardModelsStructuredFieldEvent {
    field: '$.models[].structured'
    value: boolean
    index: number
  }

  interface WireCardModelsPrefillFieldEvent {
    field: '$.models[].prefill'
    value: boolean
    index: number
  }

  interface WireCardModelsContextLengthFieldEvent {
    field: '$.models[].contextLength'
    value: number
    index: number
  }

  interface WireCardModelsQuantizationFieldEvent {
    field: '$.models[].quantization'
    value: string
    index: number
  }

  interface WireCardModelsParameterSizeFieldEvent {
    field: '$.models[].parameterSize'
    value: string
    index: number
  }

  interface WireCardModelsDigestFieldEvent {
    field: '$.models[].digest'
    value: string
    index: number
  }

  interface WireCardModelsFamilyFieldEvent {
    field: '$.models[].family'
    value: string
    index: number
  }

  interface WireCardModelsUnsureFieldEvent {
    field: '$.models[].unsure[]'
    index: number
    value: string
  }

  interface WireCardModelsLogprobsFieldEvent {
    field: '$.models[].logprobs'
    value: boolean
    index: number
  }

  interface WireCardModelsRawFieldEvent {
    field: '$.models[].raw'
    value: boolean
    index: number
  }

  interface WireCardModelsInfillFieldEvent {
    field: '$.models[].infill'
    value: boolean
    index: number
  }

  interface WireCardModelsGrammarFieldEvent {
    field: '$.models[].grammar'
    value: boolean
    index: number
  }

  interface WireCardModelsVoicesFieldEvent {
    field: '$.models[].voices[]'
    index: number
    value: string
  }

  interface WireCardModelsEditsFieldEvent {
    field: '$.models[].edits'
    value: boolean
    index: number
  }

  interface WireCardModelsReferencesFieldEvent {
    field: '$.models[].references'
    value: boolean
    index: number
  }

  interface WireCardShareFieldEvent {
    field: '$.share'
    value: string
  }

  interface WireCardAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  interface WireCardCertificateFieldEvent {
    field: '$.certificate'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireCardSeqFieldEvent {
    field: '$.seq'
    value: number
  }

  interface WireCardIssuedAtFieldEvent {
    field: '$.issuedAt'
    value: number
  }

  interface WireCardNameFieldEvent {
    field: '$.name'
    value: string
  }

  interface WireCardListingContactFieldEvent {
    field: '$.listing.contact'
    value: string
  }

  interface WireCardStunFieldEvent {
    field: '$.stun'
    value: number
  }

  function encode (obj: Partial<WireCard>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireCard.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireCard>): WireCard {
    return decodeMessage(buf, WireCard.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireCard>): Generator<WireCardNetworkFieldEvent | WireCardVersionFieldEvent | WireCardLabelFieldEvent | WireCardRealmsNameFieldEvent | WireCardRealmsQueryTypeFieldEvent | WireCardModelsRealmFieldEvent | WireCardModelsSlotsFieldEvent | WireCardModelsNameFieldEvent | WireCardModelsTypesFieldEvent | WireCardModelsVisionFieldEvent | WireCardModelsToolsFieldEvent | WireCardModelsReasoningFieldEvent | WireCardModelsStructuredFieldEvent | WireCardModelsPrefillFieldEvent | WireCardModelsContextLengthFieldEvent | WireCardModelsQuantizationFieldEvent | WireCardModelsParameterSizeFieldEvent | WireCardModelsDigestFieldEvent | WireCardModelsFamilyFieldEvent | WireCardModelsUnsureFieldEvent | WireCardModelsLogprobsFieldEvent | WireCardModelsRawFieldEvent | WireCardModelsInfillFieldEvent | WireCardModelsGrammarFieldEvent | WireCardModelsVoicesFieldEvent | WireCardModelsEditsFieldEvent | WireCardModelsReferencesFieldEvent | WireCardShareFieldEvent | WireCardAddressesFieldEvent | WireCardCertificateFieldEvent | WireCardSeqFieldEvent | WireCardIssuedAtFieldEvent | WireCardNameFieldEvent | WireCardListingContactFieldEvent | WireCardStunFieldEvent> {
    return streamMessage(buf, WireCard.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireListing {
  contact: string
}

export const WireListing = (() => {
  let _codec: Codec<WireListing>

  const codec = (): Codec<WireListing> => {
    if (_codec == null) {
      _codec = message<WireListing>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.contact != null && obj.contact !== '')) {
          w.uint32(10)
          w.string(obj.contact)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          contact: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.contact = reader.string()
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
                field: `${prefix}.contact`,
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

  interface WireListingContactFieldEvent {
    field: '$.contact'
    value: string
  }

  function encode (obj: Partial<WireListing>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireListing.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireListing>): WireListing {
    return decodeMessage(buf, WireListing.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireListing>): Generator<WireListingContactFieldEvent> {
    return streamMessage(buf, WireListing.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireRealm {
  name: string
  queryType: string
}

export const WireRealm = (() => {
  let _codec: Codec<WireRealm>

  const codec = (): Codec<WireRealm> => {
    if (_codec == null) {
      _codec = message<WireRealm>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.queryType != null && obj.queryType !== '')) {
          w.uint32(18)
          w.string(obj.queryType)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          queryType: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.queryType = reader.string()
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
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.queryType`,
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

  interface WireRealmNameFieldEvent {
    field: '$.name'
    value: string
  }

  interface WireRealmQueryTypeFieldEvent {
    field: '$.queryType'
    value: string
  }

  function encode (obj: Partial<WireRealm>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireRealm.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRealm>): WireRealm {
    return decodeMessage(buf, WireRealm.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRealm>): Generator<WireRealmNameFieldEvent | WireRealmQueryTypeFieldEvent> {
    return streamMessage(buf, WireRealm.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireModel {
  realm: string
  slots: number
  name: string
  types: string[]
  vision: boolean
  tools: boolean
  reasoning: boolean
  structured: boolean
  prefill: boolean
  contextLength?: number
  quantization?: string
  parameterSize?: string
  digest?: string
  family?: string
  unsure: string[]
  logprobs: boolean
  raw: boolean
  infill: boolean
  grammar: boolean
  voices: string[]
  edits: boolean
  references: boolean
}

export const WireModel = (() => {
  let _codec: Codec<WireModel>

  const codec = (): Codec<WireModel> => {
    if (_codec == null) {
      _codec = message<WireModel>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.realm != null && obj.realm !== '')) {
          w.uint32(10)
          w.string(obj.realm)
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(16)
          w.uint32(obj.slots)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(26)
          w.string(obj.name)
        }

        if (obj.types != null && obj.types.length > 0) {
          for (const value of obj.types) {
            w.uint32(34)
            w.string(value)
          }
        }

        if ((obj.vision != null && obj.vision !== false)) {
          w.uint32(40)
          w.bool(obj.vision)
        }

        if ((obj.tools != null && obj.tools !== false)) {
          w.uint32(48)
          w.bool(obj.tools)
        }

        if ((obj.reasoning != null && obj.reasoning !== false)) {
          w.uint32(56)
          w.bool(obj.reasoning)
        }

        if ((obj.structured != null && obj.structured !== false)) {
          w.uint32(64)
          w.bool(obj.structured)
        }

        if ((obj.prefill != null && obj.prefill !== false)) {
          w.uint32(72)
          w.bool(obj.prefill)
        }

        if (obj.contextLength != null) {
          w.uint32(80)
          w.uint32(obj.contextLength)
        }

        if (obj.quantization != null) {
          w.uint32(90)
          w.string(obj.quantization)
        }

        if (obj.parameterSize != null) {
          w.uint32(98)
          w.string(obj.parameterSize)
        }

        if (obj.digest != null) {
          w.uint32(106)
          w.string(obj.digest)
        }

        if (obj.family != null) {
          w.uint32(114)
          w.string(obj.family)
        }

        if (obj.unsure != null && obj.unsure.length > 0) {
          for (const value of obj.unsure) {
            w.uint32(122)
            w.string(value)
          }
        }

        if ((obj.logprobs != null && obj.logprobs !== false)) {
          w.uint32(128)
          w.bool(obj.logprobs)
        }

        if ((obj.raw != null && obj.raw !== false)) {
          w.uint32(136)
          w.bool(obj.raw)
        }

        if ((obj.infill != null && obj.infill !== false)) {
          w.uint32(144)
          w.bool(obj.infill)
        }

        if ((obj.grammar != null && obj.grammar !== false)) {
          w.uint32(152)
          w.bool(obj.grammar)
        }

        if (obj.voices != null && obj.voices.length > 0) {
          for (const value of obj.voices) {
            w.uint32(162)
            w.string(value)
          }
        }

        if ((obj.edits != null && obj.edits !== false)) {
          w.uint32(168)
          w.bool(obj.edits)
        }

        if ((obj.references != null && obj.references !== false)) {
          w.uint32(176)
          w.bool(obj.references)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          realm: '',
          slots: 0,
          name: '',
          types: [],
          vision: false,
          tools: false,
          reasoning: false,
          structured: false,
          prefill: false,
          unsure: [],
          logprobs: false,
          raw: false,
          infill: false,
          grammar: false,
          voices: [],
          edits: false,
          references: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.realm = reader.string()
              break
            }
            case 2: {
              obj.slots = reader.uint32()
              break
            }
            case 3: {
              obj.name = reader.string()
              break
            }
            case 4: {
              if (opts.limits?.types != null && obj.types.length === opts.limits.types) {
                throw new MaxLengthError('Decode error - repeated field "types" had too many elements')
              }

              obj.types.push(reader.string())
              break
            }
            case 5: {
              obj.vision = reader.bool()
              break
            }
            case 6: {
              obj.tools = reader.bool()
              break
            }
            case 7: {
              obj.reasoning = reader.bool()
              break
            }
            case 8: {
              obj.structured = reader.bool()
              break
            }
            case 9: {
              obj.prefill = reader.bool()
              break
            }
            case 10: {
              obj.contextLength = reader.uint32()
              break
            }
            case 11: {
              obj.quantization = reader.string()
              break
            }
            case 12: {
              obj.parameterSize = reader.string()
              break
            }
            case 13: {
              obj.digest = reader.string()
              break
            }
            case 14: {
              obj.family = reader.string()
              break
            }
            case 15: {
              if (opts.limits?.unsure != null && obj.unsure.length === opts.limits.unsure) {
                throw new MaxLengthError('Decode error - repeated field "unsure" had too many elements')
              }

              obj.unsure.push(reader.string())
              break
            }
            case 16: {
              obj.logprobs = reader.bool()
              break
            }
            case 17: {
              obj.raw = reader.bool()
              break
            }
            case 18: {
              obj.infill = reader.bool()
              break
            }
            case 19: {
              obj.grammar = reader.bool()
              break
            }
            case 20: {
              if (opts.limits?.voices != null && obj.voices.length === opts.limits.voices) {
                throw new MaxLengthError('Decode error - repeated field "voices" had too many elements')
              }

              obj.voices.push(reader.string())
              break
            }
            case 21: {
              obj.edits = reader.bool()
              break
            }
            case 22: {
              obj.references = reader.bool()
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
          types: 0,
          unsure: 0,
          voices: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.realm`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.slots`,
                value: reader.uint32()
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
              if (opts.limits?.types != null && obj.types === opts.limits.types) {
                throw new MaxLengthError('Streaming decode error - repeated field "types" had too many elements')
              }

              yield {
                field: `${prefix}.types[]`,
                index: obj.types,
                value: reader.string()
              }

              obj.types++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.vision`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.tools`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.reasoning`,
                value: reader.bool()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.structured`,
                value: reader.bool()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.prefill`,
                value: reader.bool()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.contextLength`,
                value: reader.uint32()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.quantization`,
                value: reader.string()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.parameterSize`,
                value: reader.string()
              }
              break
            }
            case 13: {
              yield {
                field: `${prefix}.digest`,
                value: reader.string()
              }
              break
            }
            case 14: {
              yield {
                field: `${prefix}.family`,
                value: reader.string()
              }
              break
            }
            case 15: {
              if (opts.limits?.unsure != null && obj.unsure === opts.limits.unsure) {
                throw new MaxLengthError('Streaming decode error - repeated field "unsure" had too many elements')
              }

              yield {
                field: `${prefix}.unsure[]`,
                index: obj.unsure,
                value: reader.string()
              }

              obj.unsure++

              break
            }
            case 16: {
              yield {
                field: `${prefix}.logprobs`,
                value: reader.bool()
              }
              break
            }
            case 17: {
              yield {
                field: `${prefix}.raw`,
                value: reader.bool()
              }
              break
            }
            case 18: {
              yield {
                field: `${prefix}.infill`,
                value: reader.bool()
              }
              break
            }
            case 19: {
              yield {
                field: `${prefix}.grammar`,
                value: reader.bool()
              }
              break
            }
            case 20: {
              if (opts.limits?.voices != null && obj.voices === opts.limits.voices) {
                throw new MaxLengthError('Streaming decode error - repeated field "voices" had too many elements')
              }

              yield {
                field: `${prefix}.voices[]`,
                index: obj.voices,
                value: reader.string()
              }

              obj.voices++

              break
            }
            case 21: {
              yield {
                field: `${prefix}.edits`,
                value: reader.bool()
              }
              break
            }
            case 22: {
              yield {
                field: `${prefix}.references`,
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

  interface WireModelRealmFieldEvent {
    field: '$.realm'
    value: string
  }

  interface WireModelSlotsFieldEvent {
    field: '$.slots'
    value: number
  }

  interface WireModelNameFieldEvent {
    field: '$.name'
    value: string
  }

  interface WireModelTypesFieldEvent {
    field: '$.types[]'
    index: number
    value: string
  }

  interface WireModelVisionFieldEvent {
    field: '$.vision'
    value: boolean
  }

  interface WireModelToolsFieldEvent {
    field: '$.tools'
    value: boolean
  }

  interface WireModelReasoningFieldEvent {
    field: '$.reasoning'
    value: boolean
  }

  interface WireModelStructuredFieldEvent {
    field: '$.structured'
    value: boolean
  }

  interface WireModelPrefillFieldEvent {
    field: '$.prefill'
    value: boolean
  }

  interface WireModelContextLengthFieldEvent {
    field: '$.contextLength'
    value: number
  }

  interface WireModelQuantizationFieldEvent {
    field: '$.quantization'
    value: string
  }

  interface WireModelParameterSizeFieldEvent {
    field: '$.parameterSize'
    value: string
  }

  interface WireModelDigestFieldEvent {
    field: '$.digest'
    value: string
  }

  interface WireModelFamilyFieldEvent {
    field: '$.family'
    value: string
  }

  interface WireModelUnsureFieldEvent {
    field: '$.unsure[]'
    index: number
    value: string
  }

  interface WireModelLogprobsFieldEvent {
    field: '$.logprobs'
    value: boolean
  }

  interface WireModelRawFieldEvent {
    field: '$.raw'
    value: boolean
  }

  interface WireModelInfillFieldEvent {
    field: '$.infill'
    value: boolean
  }

  interface WireModelGrammarFieldEvent {
    field: '$.grammar'
    value: boolean
  }

  interface WireModelVoicesFieldEvent {
    field: '$.voices[]'
    index: number
    value: string
  }

  interface WireModelEditsFieldEvent {
    field: '$.edits'
    value: boolean
  }

  interface WireModelReferencesFieldEvent {
    field: '$.references'
    value: boolean
  }

  function encode (obj: Partial<WireModel>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireModel.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireModel>): WireModel {
    return decodeMessage(buf, WireModel.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireModel>): Generator<WireModelRealmFieldEvent | WireModelSlotsFieldEvent | WireModelNameFieldEvent | WireModelTypesFieldEvent | WireModelVisionFieldEvent | WireModelToolsFieldEvent | WireModelReasoningFieldEvent | WireModelStructuredFieldEvent | WireModelPrefillFieldEvent | WireModelContextLengthFieldEvent | WireModelQuantizationFieldEvent | WireModelParameterSizeFieldEvent | WireModelDigestFieldEvent | WireModelFamilyFieldEvent | WireModelUnsureFieldEvent | WireModelLogprobsFieldEvent | WireModelRawFieldEvent | WireModelInfillFieldEvent | WireModelGrammarFieldEvent | WireModelVoicesFieldEvent | WireModelEditsFieldEvent | WireModelReferencesFieldEvent> {
    return streamMessage(buf, WireModel.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireCertificate {
  network: string
  peerId: string
  label: string
  notBefore: number
  notAfter: number
}

export const WireCertificate = (() => {
  let _codec: Codec<WireCertificate>

  const codec = (): Codec<WireCertificate> => {
    if (_codec == null) {
      _codec = message<WireCertificate>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.network != null && obj.network !== '')) {
          w.uint32(10)
          w.string(obj.network)
        }

        if ((obj.peerId != null && obj.peerId !== '')) {
          w.uint32(18)
          w.string(obj.peerId)
        }

        if ((obj.label != null && obj.label !== '')) {
          w.uint32(26)
          w.string(obj.label)
        }

        if ((obj.notBefore != null && obj.notBefore !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.notBefore)
        }

        if ((obj.notAfter != null && obj.notAfter !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.notAfter)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          network: '',
          peerId: '',
          label: '',
          notBefore: 0,
          notAfter: 0
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
              obj.peerId = reader.string()
              break
            }
            case 3: {
              obj.label = reader.string()
              break
            }
            case 4: {
              obj.notBefore = reader.uint64Number()
              break
            }
            case 5: {
              obj.notAfter = reader.uint64Number()
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
                field: `${prefix}.network`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.peerId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.label`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.notBefore`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.notAfter`,
                value: reader.uint64Number()
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

  interface WireCertificateNetworkFieldEvent {
    field: '$.network'
    value: string
  }

  interface WireCertificatePeerIdFieldEvent {
    field: '$.peerId'
    value: string
  }

  interface WireCertificateLabelFieldEvent {
    field: '$.label'
    value: string
  }

  interface WireCertificateNotBeforeFieldEvent {
    field: '$.notBefore'
    value: number
  }

  interface WireCertificateNotAfterFieldEvent {
    field: '$.notAfter'
    value: number
  }

  function encode (obj: Partial<WireCertificate>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireCertificate.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireCertificate>): WireCertificate {
    return decodeMessage(buf, WireCertificate.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireCertificate>): Generator<WireCertificateNetworkFieldEvent | WireCertificatePeerIdFieldEvent | WireCertificateLabelFieldEvent | WireCertificateNotBeforeFieldEvent | WireCertificateNotAfterFieldEvent> {
    return streamMessage(buf, WireCertificate.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()
