// Generated from the .proto file beside it: npm run generate
// @ts-nocheck: protons does not know exactOptionalPropertyTypes
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Ask {
  number: number
  id: string
  type: string
  realm: string
  model: string
  scope: string
  hopsLeft: number
  user: string
  bodyBytes: number
  body: Uint8Array<ArrayBuffer>
  priority: string
  rawBytes?: number
  traceParent: string
  traceState: string
}

export const Ask = (() => {
  let _codec: Codec<Ask>

  const codec = (): Codec<Ask> => {
    if (_codec == null) {
      _codec = message<Ask>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.number != null && obj.number !== 0)) {
          w.uint32(8)
          w.uint32(obj.number)
        }

        if ((obj.id != null && obj.id !== '')) {
          w.uint32(18)
          w.string(obj.id)
        }

        if ((obj.type != null && obj.type !== '')) {
          w.uint32(26)
          w.string(obj.type)
        }

        if ((obj.realm != null && obj.realm !== '')) {
          w.uint32(34)
          w.string(obj.realm)
        }

        if ((obj.model != null && obj.model !== '')) {
          w.uint32(42)
          w.string(obj.model)
        }

        if ((obj.scope != null && obj.scope !== '')) {
          w.uint32(50)
          w.string(obj.scope)
        }

        if ((obj.hopsLeft != null && obj.hopsLeft !== 0)) {
          w.uint32(56)
          w.uint32(obj.hopsLeft)
        }

        if ((obj.user != null && obj.user !== '')) {
          w.uint32(66)
          w.string(obj.user)
        }

        if ((obj.bodyBytes != null && obj.bodyBytes !== 0)) {
          w.uint32(72)
          w.uint32(obj.bodyBytes)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(82)
          w.bytes(obj.body)
        }

        if ((obj.priority != null && obj.priority !== '')) {
          w.uint32(90)
          w.string(obj.priority)
        }

        if (obj.rawBytes != null) {
          w.uint32(96)
          w.uint32(obj.rawBytes)
        }

        if ((obj.traceParent != null && obj.traceParent !== '')) {
          w.uint32(106)
          w.string(obj.traceParent)
        }

        if ((obj.traceState != null && obj.traceState !== '')) {
          w.uint32(114)
          w.string(obj.traceState)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          number: 0,
          id: '',
          type: '',
          realm: '',
          model: '',
          scope: '',
          hopsLeft: 0,
          user: '',
          bodyBytes: 0,
          body: uint8ArrayAlloc(0),
          priority: '',
          traceParent: '',
          traceState: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.number = reader.uint32()
              break
            }
            case 2: {
              obj.id = reader.string()
              break
            }
            case 3: {
              obj.type = reader.string()
              break
            }
            case 4: {
              obj.realm = reader.string()
              break
            }
            case 5: {
              obj.model = reader.string()
              break
            }
            case 6: {
              obj.scope = reader.string()
              break
            }
            case 7: {
              obj.hopsLeft = reader.uint32()
              break
            }
            case 8: {
              obj.user = reader.string()
              break
            }
            case 9: {
              obj.bodyBytes = reader.uint32()
              break
            }
            case 10: {
              obj.body = reader.bytes()
              break
            }
            case 11: {
              obj.priority = reader.string()
              break
            }
            case 12: {
              obj.rawBytes = reader.uint32()
              break
            }
            case 13: {
              obj.traceParent = reader.string()
              break
            }
            case 14: {
              obj.traceState = reader.string()
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
                field: `${prefix}.number`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.id`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.type`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.realm`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.model`,
                value: reader.string()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.scope`,
                value: reader.string()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.hopsLeft`,
                value: reader.uint32()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.user`,
                value: reader.string()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.bodyBytes`,
                value: reader.uint32()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.body`,
                value: reader.bytes()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.priority`,
                value: reader.string()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.rawBytes`,
                value: reader.uint32()
              }
              break
            }
            case 13: {
              yield {
                field: `${prefix}.traceParent`,
                value: reader.string()
              }
              break
            }
            case 14: {
              yield {
                field: `${prefix}.traceState`,
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

  interface AskNumberFieldEvent {
    field: '$.number'
    value: number
  }

  interface AskIdFieldEvent {
    field: '$.id'
    value: string
  }

  interface AskTypeFieldEvent {
    field: '$.type'
    value: string
  }

  interface AskRealmFieldEvent {
    field: '$.realm'
    value: string
  }

  interface AskModelFieldEvent {
    field: '$.model'
    value: string
  }

  interface AskScopeFieldEvent {
    field: '$.scope'
    value: string
  }

  interface AskHopsLeftFieldEvent {
    field: '$.hopsLeft'
    value: number
  }

  interface AskUserFieldEvent {
    field: '$.user'
    value: string
  }

  interface AskBodyBytesFieldEvent {
    field: '$.bodyBytes'
    value: number
  }

  interface AskBodyFieldEvent {
    field: '$.body'
    value: Uint8Array<ArrayBuffer>
  }

  interface AskPriorityFieldEvent {
    field: '$.priority'
    value: string
  }

  interface AskRawBytesFieldEvent {
    field: '$.rawBytes'
    value: number
  }

  interface AskTraceParentFieldEvent {
    field: '$.traceParent'
    value: string
  }

  interface AskTraceStateFieldEvent {
    field: '$.traceState'
    value: string
  }

  function encode (obj: Partial<Ask>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Ask.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ask>): Ask {
    return decodeMessage(buf, Ask.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ask>): Generator<AskNumberFieldEvent | AskIdFieldEvent | AskTypeFieldEvent | AskRealmFieldEvent | AskModelFieldEvent | AskScopeFieldEvent | AskHopsLeftFieldEvent | AskUserFieldEvent | AskBodyBytesFieldEvent | AskBodyFieldEvent | AskPriorityFieldEvent | AskRawBytesFieldEvent | AskTraceParentFieldEvent | AskTraceStateFieldEvent> {
    return streamMessage(buf, Ask.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface Answer {
  number: number
  events: WireEvent[]
  load: Uint8Array<ArrayBuffer>
  failure?: Failure
}

export const Answer = (() => {
  let _codec: Codec<Answer>

  const codec = (): Codec<Answer> => {
    if (_codec == null) {
      _codec = message<Answer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.number != null && obj.number !== 0)) {
          w.uint32(8)
          w.uint32(obj.number)
        }

        if (obj.events != null && obj.events.length > 0) {
          for (const value of obj.events) {
            w.uint32(18)
            WireEvent.codec().encode(value, w)
          }
        }

        if ((obj.load != null && obj.load.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.load)
        }

        if (obj.failure != null) {
          w.uint32(34)
          Failure.codec().encode(obj.failure, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          number: 0,
          events: [],
          load: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.number = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.events != null && obj.events.length === opts.limits.events) {
                throw new MaxLengthError('Decode error - repeated field "events" had too many elements')
              }

              obj.events.push(WireEvent.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.events$
              }))
              break
            }
            case 3: {
              obj.load = reader.bytes()
              break
            }
            case 4: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
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
          events: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.number`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              if (opts.limits?.events != null && obj.events === opts.limits.events) {
                throw new MaxLengthError('Streaming decode error - repeated field "events" had too many elements')
              }

              for (const evt of WireEvent.codec().stream(reader, reader.uint32(), `${prefix}.events[]`, {
                limits: opts.limits?.events$
              })) {
                yield {
                  ...evt,
                  index: obj.events
                }
              }

              obj.events++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.load`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

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

  interface AnswerNumberFieldEvent {
    field: '$.number'
    value: number
  }

  interface AnswerEventsTextFieldEvent {
    field: '$.events[].text'
    value: string
    index: number
  }

  interface AnswerEventsReasoningFieldEvent {
    field: '$.events[].reasoning'
    value: string
    index: number
  }

  interface AnswerEventsToolCallIndexFieldEvent {
    field: '$.events[].toolCall.index'
    value: number
    index: number
  }

  interface AnswerEventsToolCallIdFieldEvent {
    field: '$.events[].toolCall.id'
    value: string
    index: number
  }

  interface AnswerEventsToolCallNameFieldEvent {
    field: '$.events[].toolCall.name'
    value: string
    index: number
  }

  interface AnswerEventsToolCallArgumentsFieldEvent {
    field: '$.events[].toolCall.arguments'
    value: string
    index: number
  }

  interface AnswerEventsStartNodeFieldEvent {
    field: '$.events[].start.node'
    value: string
    index: number
  }

  interface AnswerEventsStartWorkerFieldEvent {
    field: '$.events[].start.worker'
    value: string
    index: number
  }

  interface AnswerEventsStartEngineFieldEvent {
    field: '$.events[].start.engine'
    value: string
    index: number
  }

  interface AnswerEventsStartModelFieldEvent {
    field: '$.events[].start.model'
    value: string
    index: number
  }

  interface AnswerEventsQueuedPositionFieldEvent {
    field: '$.events[].queued.position'
    value: number
    index: number
  }

  interface AnswerEventsQueuedEstimatedWaitMsFieldEvent {
    field: '$.events[].queued.estimatedWaitMs'
    value: number
    index: number
  }

  interface AnswerEventsProgressFractionFieldEvent {
    field: '$.events[].progress.fraction'
    value: number
    index: number
  }

  interface AnswerEventsProgressNoteFieldEvent {
    field: '$.events[].progress.note'
    value: string
    index: number
  }

  interface AnswerEventsProgressPreviewMediaTypeFieldEvent {
    field: '$.events[].progress.previewMediaType'
    value: string
    index: number
  }

  interface AnswerEventsImageIndexFieldEvent {
    field: '$.events[].image.index'
    value: number
    index: number
  }

  interface AnswerEventsImageMediaTypeFieldEvent {
    field: '$.events[].image.mediaType'
    value: string
    index: number
  }

  interface AnswerEventsImageSeedFieldEvent {
    field: '$.events[].image.seed'
    value: number
    index: number
  }

  interface AnswerEventsEmbeddingIndexFieldEvent {
    field: '$.events[].embedding.index'
    value: number
    index: number
  }

  interface AnswerEventsEndFinishReasonFieldEvent {
    field: '$.events[].end.finishReason'
    value: string
    index: number
  }

  interface AnswerEventsEndUsagePromptTokensFieldEvent {
    field: '$.events[].end.usage.promptTokens'
    value: number
    index: number
  }

  interface AnswerEventsEndUsageCompletionTokensFieldEvent {
    field: '$.events[].end.usage.completionTokens'
    value: number
    index: number
  }

  interface AnswerEventsEndUsageCachedTokensFieldEvent {
    field: '$.events[].end.usage.cachedTokens'
    value: number
    index: number
  }

  interface AnswerEventsEndUsageReasoningTokensFieldEvent {
    field: '$.events[].end.usage.reasoningTokens'
    value: number
    index: number
  }

  interface AnswerEventsEndTimingsLoadMsFieldEvent {
    field: '$.events[].end.timings.loadMs'
    value: number
    index: number
  }

  interface AnswerEventsEndTimingsPrefillTokensPerSecondFieldEvent {
    field: '$.events[].end.timings.prefillTokensPerSecond'
    value: number
    index: number
  }

  interface AnswerEventsEndTimingsDecodeTokensPerSecondFieldEvent {
    field: '$.events[].end.timings.decodeTokensPerSecond'
    value: number
    index: number
  }

  interface AnswerEventsEndSourcesFieldEvent {
    field: '$.events[].end.sources[]'
    index: number
    value: string
  }

  interface AnswerEventsEndServedNodeFieldEvent {
    field: '$.events[].end.served.node'
    value: string
    index: number
  }

  interface AnswerEventsEndServedWorkerFieldEvent {
    field: '$.events[].end.served.worker'
    value: string
    index: number
  }

  interface AnswerEventsEndServedEngineFieldEvent {
    field: '$.events[].end.served.engine'
    value: string
    index: number
  }

  interface AnswerEventsEndServedModelFieldEvent {
    field: '$.events[].end.served.model'
    value: string
    index: number
  }

  interface AnswerEventsEndServedAnswerHashFieldEvent {
    field: '$.events[].end.served.answerHash'
    value: string
    index: number
  }

  interface AnswerEventsEndServedPromptTokensFieldEvent {
    field: '$.events[].end.served.promptTokens'
    value: number
    index: number
  }

  interface AnswerEventsEndServedCompletionTokensFieldEvent {
    field: '$.events[].end.served.completionTokens'
    value: number
    index: number
  }

  interface AnswerEventsEndServedWaitedMsFieldEvent {
    field: '$.events[].end.served.waitedMs'
    value: number
    index: number
  }

  interface AnswerEventsEndServedSignatureFieldEvent {
    field: '$.events[].end.served.signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  interface AnswerEventsEndServedVersionFieldEvent {
    field: '$.events[].end.served.version'
    value: number
    index: number
  }

  interface AnswerEventsEndServedByFieldEvent {
    field: '$.events[].end.served.by'
    value: string
    index: number
  }

  interface AnswerEventsEndServedPieceHashesFieldEvent {
    field: '$.events[].end.served.pieceHashes'
    value: string
    index: number
  }

  interface AnswerEventsEndServedFirstMsFieldEvent {
    field: '$.events[].end.served.firstMs'
    value: number
    index: number
  }

  interface AnswerEventsEndServedDecodeRateFieldEvent {
    field: '$.events[].end.served.decodeRate'
    value: number
    index: number
  }

  interface AnswerEventsEndHeardLanguageFieldEvent {
    field: '$.events[].end.heard.language'
    value: string
    index: number
  }

  interface AnswerEventsEndHeardSecondsFieldEvent {
    field: '$.events[].end.heard.seconds'
    value: number
    index: number
  }

  interface AnswerEventsPieceFieldEvent {
    field: '$.events[].piece'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  interface AnswerEventsTokensFieldEvent {
    field: '$.events[].tokens'
    value: number
    index: number
  }

  interface AnswerEventsLogprobsTokensChosenTokenFieldEvent {
    field: '$.events[].logprobs.tokens[].chosen.token'
    value: string
    index: number
  }

  interface AnswerEventsLogprobsTokensChosenLogprobFieldEvent {
    field: '$.events[].logprobs.tokens[].chosen.logprob'
    value: number
    index: number
  }

  interface AnswerEventsLogprobsTokensChosenBytesFieldEvent {
    field: '$.events[].logprobs.tokens[].chosen.bytes'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  interface AnswerEventsLogprobsTokensTopTokenFieldEvent {
    field: '$.events[].logprobs.tokens[].top[].token'
    value: string
    index: number
  }

  interface AnswerEventsLogprobsTokensTopLogprobFieldEvent {
    field: '$.events[].logprobs.tokens[].top[].logprob'
    value: number
    index: number
  }

  interface AnswerEventsLogprobsTokensTopBytesFieldEvent {
    field: '$.events[].logprobs.tokens[].top[].bytes'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  interface AnswerEventsRankedIndexFieldEvent {
    field: '$.events[].ranked.index'
    value: number
    index: number
  }

  interface AnswerEventsRankedScoreFieldEvent {
    field: '$.events[].ranked.score'
    value: number
    index: number
  }

  interface AnswerEventsTokenListCountFieldEvent {
    field: '$.events[].tokenList.count'
    value: number
    index: number
  }

  interface AnswerEventsTokenListIdsFieldEvent {
    field: '$.events[].tokenList.ids[]'
    index: number
    value: number
  }

  interface AnswerEventsTokenListPiecesFieldEvent {
    field: '$.events[].tokenList.pieces[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  interface AnswerEventsTokenListEstimatedFieldEvent {
    field: '$.events[].tokenList.estimated'
    value: boolean
    index: number
  }

  interface AnswerEventsTokenListMoreFieldEvent {
    field: '$.events[].tokenList.more'
    value: boolean
    index: number
  }

  interface AnswerEventsTokenListHasIdsFieldEvent {
    field: '$.events[].tokenList.hasIds'
    value: boolean
    index: number
  }

  interface AnswerEventsTokenListHasPiecesFieldEvent {
    field: '$.events[].tokenList.hasPieces'
    value: boolean
    index: number
  }

  interface AnswerEventsSegmentStartFieldEvent {
    field: '$.events[].segment.start'
    value: number
    index: number
  }

  interface AnswerEventsSegmentEndFieldEvent {
    field: '$.events[].segment.end'
    value: number
    index: number
  }

  interface AnswerEventsSegmentTextFieldEvent {
    field: '$.events[].segment.text'
    value: string
    index: number
  }

  interface AnswerEventsSegmentWordsWordFieldEvent {
    field: '$.events[].segment.words[].word'
    value: string
    index: number
  }

  interface AnswerEventsSegmentWordsStartFieldEvent {
    field: '$.events[].segment.words[].start'
    value: number
    index: number
  }

  interface AnswerEventsSegmentWordsEndFieldEvent {
    field: '$.events[].segment.words[].end'
    value: number
    index: number
  }

  interface AnswerEventsSegmentSpeakerFieldEvent {
    field: '$.events[].segment.speaker'
    value: string
    index: number
  }

  interface AnswerEventsSegmentMoreFieldEvent {
    field: '$.events[].segment.more'
    value: boolean
    index: number
  }

  interface AnswerEventsSegmentHasWordsFieldEvent {
    field: '$.events[].segment.hasWords'
    value: boolean
    index: number
  }

  interface AnswerEventsAudioMediaTypeFieldEvent {
    field: '$.events[].audio.mediaType'
    value: string
    index: number
  }

  interface AnswerLoadFieldEvent {
    field: '$.load'
    value: Uint8Array<ArrayBuffer>
  }

  interface AnswerFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  interface AnswerFailureMessageFieldEvent {
    field: '$.failure.message'
    value: string
  }

  interface AnswerFailureRetryableFieldEvent {
    field: '$.failure.retryable'
    value: boolean
  }

  interface AnswerFailureRetryAfterMsFieldEvent {
    field: '$.failure.retryAfterMs'
    value: number
  }

  interface AnswerFailureFixFieldEvent {
    field: '$.failure.fix'
    value: string
  }

  function encode (obj: Partial<Answer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Answer.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Answer>): Answer {
    return decodeMessage(buf, Answer.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Answer>): Generator<AnswerNumberFieldEvent | AnswerEventsTextFieldEvent | AnswerEventsReasoningFieldEvent | AnswerEventsToolCallIndexFieldEvent | AnswerEventsToolCallIdFieldEvent | AnswerEventsToolCallNameFieldEvent | AnswerEventsToolCallArgumentsFieldEvent | AnswerEventsStartNodeFieldEvent | AnswerEventsStartWorkerFieldEvent | AnswerEventsStartEngineFieldEvent | AnswerEventsStartModelFieldEvent | AnswerEventsQueuedPositionFieldEvent | AnswerEventsQueuedEstimatedWaitMsFieldEvent | AnswerEventsProgressFractionFieldEvent | AnswerEventsProgressNoteFieldEvent | AnswerEventsProgressPreviewMediaTypeFieldEvent | AnswerEventsImageIndexFieldEvent | AnswerEventsImageMediaTypeFieldEvent | AnswerEventsImageSeedFieldEvent | AnswerEventsEmbeddingIndexFieldEvent | AnswerEventsEndFinishReasonFieldEvent | AnswerEventsEndUsagePromptTokensFieldEvent | AnswerEventsEndUsageCompletionTokensFieldEvent | AnswerEventsEndUsageCachedTokensFieldEvent | AnswerEventsEndUsageReasoningTokensFieldEvent | AnswerEventsEndTimingsLoadMsFieldEvent | AnswerEventsEndTimingsPrefillTokensPerSecondFieldEvent | AnswerEventsEndTimingsDecodeTokensPerSecondFieldEvent | AnswerEventsEndSourcesFieldEvent | AnswerEventsEndServedNodeFieldEvent | AnswerEventsEndServedWorkerFieldEvent | AnswerEventsEndServedEngineFieldEvent | AnswerEventsEndServedModelFieldEvent | AnswerEventsEndServedAnswerHashFieldEvent | AnswerEventsEndServedPromptTokensFieldEvent | AnswerEventsEndServedCompletionTokensFieldEvent | AnswerEventsEndServedWaitedMsFieldEvent | AnswerEventsEndServedSignatureFieldEvent | AnswerEventsEndServedVersionFieldEvent | AnswerEventsEndServedByFieldEvent | AnswerEventsEndServedPieceHashesFieldEvent | AnswerEventsEndServedFirstMsFieldEvent | AnswerEventsEndServedDecodeRateFieldEvent | AnswerEventsEndHeardLanguageFieldEvent | AnswerEventsEndHeardSecondsFieldEvent | AnswerEventsPieceFieldEvent | AnswerEventsTokensFieldEvent | AnswerEventsLogprobsTokensChosenTokenFieldEvent | AnswerEventsLogprobsTokensChosenLogprobFieldEvent | AnswerEventsLogprobsTokensChosenBytesFieldEvent | AnswerEventsLogprobsTokensTopTokenFieldEvent | AnswerEventsLogprobsTokensTopLogprobFieldEvent | AnswerEventsLogprobsTokensTopBytesFieldEvent | AnswerEventsRankedIndexFieldEvent | AnswerEventsRankedScoreFieldEvent | AnswerEventsTokenListCountFieldEvent | AnswerEventsTokenListIdsFieldEvent | AnswerEventsTokenListPiecesFieldEvent | AnswerEventsTokenListEstimatedFieldEvent | AnswerEventsTokenListMoreFieldEvent | AnswerEventsTokenListHasIdsFieldEvent | AnswerEventsTokenListHasPiecesFieldEvent | AnswerEventsSegmentStartFieldEvent | AnswerEventsSegmentEndFieldEvent | AnswerEventsSegmentTextFieldEvent | AnswerEventsSegmentWordsWordFieldEvent | AnswerEventsSegmentWordsStartFieldEvent | AnswerEventsSegmentWordsEndFieldEvent | AnswerEventsSegmentSpeakerFieldEvent | AnswerEventsSegmentMoreFieldEvent | AnswerEventsSegmentHasWordsFieldEvent | AnswerEventsAudioMediaTypeFieldEvent | AnswerLoadFieldEvent | AnswerFailureCodeFieldEvent | AnswerFailureMessageFieldEvent | AnswerFailureRetryableFieldEvent | AnswerFailureRetryAfterMsFieldEvent | AnswerFailureFixFieldEvent> {
    return streamMessage(buf, Answer.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireEvent {
  text?: string
  reasoning?: string
  toolCall?: WireToolCall
  start?: WireStart
  queued?: WireQueued
  progress?: WireProgress
  image?: WireImage
  embedding?: WireEmbedding
  end?: WireEnd
  piece?: Uint8Array<ArrayBuffer>
  tokens?: number
  logprobs?: WireLogprobs
  ranked?: WireRanked
  tokenList?: WireTokens
  segment?: WireSegment
  audio?: WireAudio
}

export const WireEvent = (() => {
  let _codec: Codec<WireEvent>

  const codec = (): Codec<WireEvent> => {
    if (_codec == null) {
      _codec = message<WireEvent>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.text != null) {
          w.uint32(10)
          w.string(obj.text)
        }

        if (obj.reasoning != null) {
          w.uint32(18)
          w.string(obj.reasoning)
        }

        if (obj.toolCall != null) {
          w.uint32(26)
          WireToolCall.codec().encode(obj.toolCall, w)
        }

        if (obj.start != null) {
          w.uint32(34)
          WireStart.codec().encode(obj.start, w)
        }

        if (obj.queued != null) {
          w.uint32(42)
          WireQueued.codec().encode(obj.queued, w)
        }

        if (obj.progress != null) {
          w.uint32(50)
          WireProgress.codec().encode(obj.progress, w)
        }

        if (obj.image != null) {
          w.uint32(58)
          WireImage.codec().encode(obj.image, w)
        }

        if (obj.embedding != null) {
          w.uint32(66)
          WireEmbedding.codec().encode(obj.embedding, w)
        }

        if (obj.end != null) {
          w.uint32(74)
          WireEnd.codec().encode(obj.end, w)
        }

        if (obj.piece != null) {
          w.uint32(82)
          w.bytes(obj.piece)
        }

        if (obj.tokens != null) {
          w.uint32(88)
          w.uint32(obj.tokens)
        }

        if (obj.logprobs != null) {
          w.uint32(98)
          WireLogprobs.codec().encode(obj.logprobs, w)
        }

        if (obj.ranked != null) {
          w.uint32(106)
          WireRanked.codec().encode(obj.ranked, w)
        }

        if (obj.tokenList != null) {
          w.uint32(114)
          WireTokens.codec().encode(obj.tokenList, w)
        }

        if (obj.segment != null) {
          w.uint32(122)
          WireSegment.codec().encode(obj.segment, w)
        }

        if (obj.audio != null) {
          w.uint32(130)
          WireAudio.codec().encode(obj.audio, w)
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
              obj.text = reader.string()
              break
            }
            case 2: {
              obj.reasoning = reader.string()
              break
            }
            case 3: {
              obj.toolCall = WireToolCall.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.toolCall
              })
              break
            }
            case 4: {
              obj.start = WireStart.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.start
              })
              break
            }
            case 5: {
              obj.queued = WireQueued.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.queued
              })
              break
            }
            case 6: {
              obj.progress = WireProgress.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.progress
              })
              break
            }
            case 7: {
              obj.image = WireImage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.image
              })
              break
            }
            case 8: {
              obj.embedding = WireEmbedding.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.embedding
              })
              break
            }
            case 9: {
              obj.end = WireEnd.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.end
              })
              break
            }
            case 10: {
              obj.piece = reader.bytes()
              break
            }
            case 11: {
              obj.tokens = reader.uint32()
              break
            }
            case 12: {
              obj.logprobs = WireLogprobs.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.logprobs
              })
              break
            }
            case 13: {
              obj.ranked = WireRanked.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ranked
              })
              break
            }
            case 14: {
              obj.tokenList = WireTokens.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tokenList
              })
              break
            }
            case 15: {
              obj.segment = WireSegment.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.segment
              })
              break
            }
            case 16: {
              obj.audio = WireAudio.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.audio
              })
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
                field: `${prefix}.text`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.reasoning`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield * WireToolCall.codec().stream(reader, reader.uint32(), `${prefix}.toolCall`, {
                limits: opts.limits?.toolCall
              })

              break
            }
            case 4: {
              yield * WireStart.codec().stream(reader, reader.uint32(), `${prefix}.start`, {
                limits: opts.limits?.start
              })

              break
            }
            case 5: {
              yield * WireQueued.codec().stream(reader, reader.uint32(), `${prefix}.queued`, {
                limits: opts.limits?.queued
              })

              break
            }
            case 6: {
              yield * WireProgress.codec().stream(reader, reader.uint32(), `${prefix}.progress`, {
                limits: opts.limits?.progress
              })

              break
            }
            case 7: {
              yield * WireImage.codec().stream(reader, reader.uint32(), `${prefix}.image`, {
                limits: opts.limits?.image
              })

              break
            }
            case 8: {
              yield * WireEmbedding.codec().stream(reader, reader.uint32(), `${prefix}.embedding`, {
                limits: opts.limits?.embedding
              })

              break
            }
            case 9: {
              yield * WireEnd.codec().stream(reader, reader.uint32(), `${prefix}.end`, {
                limits: opts.limits?.end
              })

              break
            }
            case 10: {
              yield {
                field: `${prefix}.piece`,
                value: reader.bytes()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.tokens`,
                value: reader.uint32()
              }
              break
            }
            case 12: {
              yield * WireLogprobs.codec().stream(reader, reader.uint32(), `${prefix}.logprobs`, {
                limits: opts.limits?.logprobs
              })

              break
            }
            case 13: {
              yield * WireRanked.codec().stream(reader, reader.uint32(), `${prefix}.ranked`, {
                limits: opts.limits?.ranked
              })

              break
            }
            case 14: {
              yield * WireTokens.codec().stream(reader, reader.uint32(), `${prefix}.tokenList`, {
                limits: opts.limits?.tokenList
              })

              break
            }
            case 15: {
              yield * WireSegment.codec().stream(reader, reader.uint32(), `${prefix}.segment`, {
                limits: opts.limits?.segment
              })

              break
            }
            case 16: {
              yield * WireAudio.codec().stream(reader, reader.uint32(), `${prefix}.audio`, {
                limits: opts.limits?.audio
              })

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

  interface WireEventTextFieldEvent {
    field: '$.text'
    value: string
  }

  interface WireEventReasoningFieldEvent {
    field: '$.reasoning'
    value: string
  }

  interface WireEventToolCallIndexFieldEvent {
    field: '$.toolCall.index'
    value: number
  }

  interface WireEventToolCallIdFieldEvent {
    field: '$.toolCall.id'
    value: string
  }

  interface WireEventToolCallNameFieldEvent {
    field: '$.toolCall.name'
    value: string
  }

  interface WireEventToolCallArgumentsFieldEvent {
    field: '$.toolCall.arguments'
    value: string
  }

  interface WireEventStartNodeFieldEvent {
    field: '$.start.node'
    value: string
  }

  interface WireEventStartWorkerFieldEvent {
    field: '$.start.worker'
    value: string
  }

  interface WireEventStartEngineFieldEvent {
    field: '$.start.engine'
    value: string
  }

  interface WireEventStartModelFieldEvent {
    field: '$.start.model'
    value: string
  }

  interface WireEventQueuedPositionFieldEvent {
    field: '$.queued.position'
    value: number
  }

  interface WireEventQueuedEstimatedWaitMsFieldEvent {
    field: '$.queued.estimatedWaitMs'
    value: number
  }

  interface WireEventProgressFractionFieldEvent {
    field: '$.progress.fraction'
    value: number
  }

  interface WireEventProgressNoteFieldEvent {
    field: '$.progress.note'
    value: string
  }

  interface WireEventProgressPreviewMediaTypeFieldEvent {
    field: '$.progress.previewMediaType'
    value: string
  }

  interface WireEventImageIndexFieldEvent {
    field: '$.image.index'
    value: number
  }

  interface WireEventImageMediaTypeFieldEvent {
    field: '$.image.mediaType'
    value: string
  }

  interface WireEventImageSeedFieldEvent {
    field: '$.image.seed'
    value: number
  }

  interface WireEventEmbeddingIndexFieldEvent {
    field: '$.embedding.index'
    value: number
  }

  interface WireEventEndFinishReasonFieldEvent {
    field: '$.end.finishReason'
    value: string
  }

  interface WireEventEndUsagePromptTokensFieldEvent {
    field: '$.end.usage.promptTokens'
    value: number
  }

  interface WireEventEndUsageCompletionTokensFieldEvent {
    field: '$.end.usage.completionTokens'
    value: number
  }

  interface WireEventEndUsageCachedTokensFieldEvent {
    field: '$.end.usage.cachedTokens'
    value: number
  }

  interface WireEventEndUsageReasoningTokensFieldEvent {
    field: '$.end.usage.reasoningTokens'
    value: number
  }

  interface WireEventEndTimingsLoadMsFieldEvent {
    field: '$.end.timings.loadMs'
    value: number
  }

  interface WireEventEndTimingsPrefillTokensPerSecondFieldEvent {
    field: '$.end.timings.prefillTokensPerSecond'
    value: number
  }

  interface WireEventEndTimingsDecodeTokensPerSecondFieldEvent {
    field: '$.end.timings.decodeTokensPerSecond'
    value: number
  }

  interface WireEventEndSourcesFieldEvent {
    field: '$.end.sources[]'
    index: number
    value: string
  }

  interface WireEventEndServedNodeFieldEvent {
    field: '$.end.served.node'
    value: string
  }

  interface WireEventEndServedWorkerFieldEvent {
    field: '$.end.served.worker'
    value: string
  }

  interface WireEventEndServedEngineFieldEvent {
    field: '$.end.served.engine'
    value: string
  }

  interface WireEventEndServedModelFieldEvent {
    field: '$.end.served.model'
    value: string
  }

  interface WireEventEndServedAnswerHashFieldEvent {
    field: '$.end.served.answerHash'
    value: string
  }

  interface WireEventEndServedPromptTokensFieldEvent {
    field: '$.end.served.promptTokens'
    value: number
  }

  interface WireEventEndServedCompletionTokensFieldEvent {
    field: '$.end.served.completionTokens'
    value: number
  }

  interface WireEventEndServedWaitedMsFieldEvent {
    field: '$.end.served.waitedMs'
    value: number
  }

  interface WireEventEndServedSignatureFieldEvent {
    field: '$.end.served.signature'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireEventEndServedVersionFieldEvent {
    field: '$.end.served.version'
    value: number
  }

  interface WireEventEndServedByFieldEvent {
    field: '$.end.served.by'
    value: string
  }

  interface WireEventEndServedPieceHashesFieldEvent {
    field: '$.end.served.pieceHashes'
    value: string
  }

  interface WireEventEndServedFirstMsFieldEvent {
    field: '$.end.served.firstMs'
    value: number
  }

  interface WireEventEndServedDecodeRateFieldEvent {
    field: '$.end.served.decodeRate'
    value: number
  }

  interface WireEventEndHeardLanguageFieldEvent {
    field: '$.end.heard.language'
    value: string
  }

  interface WireEventEndHeardSecondsFieldEvent {
    field: '$.end.heard.seconds'
    value: number
  }

  interface WireEventPieceFieldEvent {
    field: '$.piece'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireEventTokensFieldEvent {
    field: '$.tokens'
    value: number
  }

  interface WireEventLogprobsTokensChosenTokenFieldEvent {
    field: '$.logprobs.tokens[].chosen.token'
    value: string
    index: number
  }

  interface WireEventLogprobsTokensChosenLogprobFieldEvent {
    field: '$.logprobs.tokens[].chosen.logprob'
    value: number
    index: number
  }

  interface WireEventLogprobsTokensChosenBytesFieldEvent {
    field: '$.logprobs.tokens[].chosen.bytes'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  interface WireEventLogprobsTokensTopTokenFieldEvent {
    field: '$.logprobs.tokens[].top[].token'
    value: string
    index: number
  }

  interface WireEventLogprobsTokensTopLogprobFieldEvent {
    field: '$.logprobs.tokens[].top[].logprob'
    value: number
    index: number
  }

  interface WireEventLogprobsTokensTopBytesFieldEvent {
    field: '$.logprobs.tokens[].top[].bytes'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  interface WireEventRankedIndexFieldEvent {
    field: '$.ranked.index'
    value: number
  }

  interface WireEventRankedScoreFieldEvent {
    field: '$.ranked.score'
    value: number
  }

  interface WireEventTokenListCountFieldEvent {
    field: '$.tokenList.count'
    value: number
  }

  interface WireEventTokenListIdsFieldEvent {
    field: '$.tokenList.ids[]'
    index: number
    value: number
  }

  interface WireEventTokenListPiecesFieldEvent {
    field: '$.tokenList.pieces[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  interface WireEventTokenListEstimatedFieldEvent {
    field: '$.tokenList.estimated'
    value: boolean
  }

  interface WireEventTokenListMoreFieldEvent {
    field: '$.tokenList.more'
    value: boolean
  }

  interface WireEventTokenListHasIdsFieldEvent {
    field: '$.tokenList.hasIds'
    value: boolean
  }

  interface WireEventTokenListHasPiecesFieldEvent {
    field: '$.tokenList.hasPieces'
    value: boolean
  }

  interface WireEventSegmentStartFieldEvent {
    field: '$.segment.start'
    value: number
  }

  interface WireEventSegmentEndFieldEvent {
    field: '$.segment.end'
    value: number
  }

  interface WireEventSegmentTextFieldEvent {
    field: '$.segment.text'
    value: string
  }

  interface WireEventSegmentWordsWordFieldEvent {
    field: '$.segment.words[].word'
    value: string
    index: number
  }

  interface WireEventSegmentWordsStartFieldEvent {
    field: '$.segment.words[].start'
    value: number
    index: number
  }

  interface WireEventSegmentWordsEndFieldEvent {
    field: '$.segment.words[].end'
    value: number
    index: number
  }

  interface WireEventSegmentSpeakerFieldEvent {
    field: '$.segment.speaker'
    value: string
  }

  interface WireEventSegmentMoreFieldEvent {
    field: '$.segment.more'
    value: boolean
  }

  interface WireEventSegmentHasWordsFieldEvent {
    field: '$.segment.hasWords'
    value: boolean
  }

  interface WireEventAudioMediaTypeFieldEvent {
    field: '$.audio.mediaType'
    value: string
  }

  function encode (obj: Partial<WireEvent>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireEvent.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEvent>): WireEvent {
    return decodeMessage(buf, WireEvent.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEvent>): Generator<WireEventTextFieldEvent | WireEventReasoningFieldEvent | WireEventToolCallIndexFieldEvent | WireEventToolCallIdFieldEvent | WireEventToolCallNameFieldEvent | WireEventToolCallArgumentsFieldEvent | WireEventStartNodeFieldEvent | WireEventStartWorkerFieldEvent | WireEventStartEngineFieldEvent | WireEventStartModelFieldEvent | WireEventQueuedPositionFieldEvent | WireEventQueuedEstimatedWaitMsFieldEvent | WireEventProgressFractionFieldEvent | WireEventProgressNoteFieldEvent | WireEventProgressPreviewMediaTypeFieldEvent | WireEventImageIndexFieldEvent | WireEventImageMediaTypeFieldEvent | WireEventImageSeedFieldEvent | WireEventEmbeddingIndexFieldEvent | WireEventEndFinishReasonFieldEvent | WireEventEndUsagePromptTokensFieldEvent | WireEventEndUsageCompletionTokensFieldEvent | WireEventEndUsageCachedTokensFieldEvent | WireEventEndUsageReasoningTokensFieldEvent | WireEventEndTimingsLoadMsFieldEvent | WireEventEndTimingsPrefillTokensPerSecondFieldEvent | WireEventEndTimingsDecodeTokensPerSecondFieldEvent | WireEventEndSourcesFieldEvent | WireEventEndServedNodeFieldEvent | WireEventEndServedWorkerFieldEvent | WireEventEndServedEngineFieldEvent | WireEventEndServedModelFieldEvent | WireEventEndServedAnswerHashFieldEvent | WireEventEndServedPromptTokensFieldEvent | WireEventEndServedCompletionTokensFieldEvent | WireEventEndServedWaitedMsFieldEvent | WireEventEndServedSignatureFieldEvent | WireEventEndServedVersionFieldEvent | WireEventEndServedByFieldEvent | WireEventEndServedPieceHashesFieldEvent | WireEventEndServedFirstMsFieldEvent | WireEventEndServedDecodeRateFieldEvent | WireEventEndHeardLanguageFieldEvent | WireEventEndHeardSecondsFieldEvent | WireEventPieceFieldEvent | WireEventTokensFieldEvent | WireEventLogprobsTokensChosenTokenFieldEvent | WireEventLogprobsTokensChosenLogprobFieldEvent | WireEventLogprobsTokensChosenBytesFieldEvent | WireEventLogprobsTokensTopTokenFieldEvent | WireEventLogprobsTokensTopLogprobFieldEvent | WireEventLogprobsTokensTopBytesFieldEvent | WireEventRankedIndexFieldEvent | WireEventRankedScoreFieldEvent | WireEventTokenListCountFieldEvent | WireEventTokenListIdsFieldEvent | WireEventTokenListPiecesFieldEvent | WireEventTokenListEstimatedFieldEvent | WireEventTokenListMoreFieldEvent | WireEventTokenListHasIdsFieldEvent | WireEventTokenListHasPiecesFieldEvent | WireEventSegmentStartFieldEvent | WireEventSegmentEndFieldEvent | WireEventSegmentTextFieldEvent | WireEventSegmentWordsWordFieldEvent | WireEventSegmentWordsStartFieldEvent | WireEventSegmentWordsEndFieldEvent | WireEventSegmentSpeakerFieldEvent | WireEventSegmentMoreFieldEvent | WireEventSegmentHasWordsFieldEvent | WireEventAudioMediaTypeFieldEvent> {
    return streamMessage(buf, WireEvent.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireLogprobs {
  tokens: WireTokenLogprob[]
}

export const WireLogprobs = (() => {
  let _codec: Codec<WireLogprobs>

  const codec = (): Codec<WireLogprobs> => {
    if (_codec == null) {
      _codec = message<WireLogprobs>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.tokens != null && obj.tokens.length > 0) {
          for (const value of obj.tokens) {
            w.uint32(10)
            WireTokenLogprob.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          tokens: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.tokens != null && obj.tokens.length === opts.limits.tokens) {
                throw new MaxLengthError('Decode error - repeated field "tokens" had too many elements')
              }

              obj.tokens.push(WireTokenLogprob.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tokens$
              }))
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
          tokens: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.tokens != null && obj.tokens === opts.limits.tokens) {
                throw new MaxLengthError('Streaming decode error - repeated field "tokens" had too many elements')
              }

              for (const evt of WireTokenLogprob.codec().stream(reader, reader.uint32(), `${prefix}.tokens[]`, {
                limits: opts.limits?.tokens$
              })) {
                yield {
                  ...evt,
                  index: obj.tokens
                }
              }

              obj.tokens++

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

  interface WireLogprobsTokensChosenTokenFieldEvent {
    field: '$.tokens[].chosen.token'
    value: string
    index: number
  }

  interface WireLogprobsTokensChosenLogprobFieldEvent {
    field: '$.tokens[].chosen.logprob'
    value: number
    index: number
  }

  interface WireLogprobsTokensChosenBytesFieldEvent {
    field: '$.tokens[].chosen.bytes'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  interface WireLogprobsTokensTopTokenFieldEvent {
    field: '$.tokens[].top[].token'
    value: string
    index: number
  }

  interface WireLogprobsTokensTopLogprobFieldEvent {
    field: '$.tokens[].top[].logprob'
    value: number
    index: number
  }

  interface WireLogprobsTokensTopBytesFieldEvent {
    field: '$.tokens[].top[].bytes'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  function encode (obj: Partial<WireLogprobs>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireLogprobs.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireLogprobs>): WireLogprobs {
    return decodeMessage(buf, WireLogprobs.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireLogprobs>): Generator<WireLogprobsTokensChosenTokenFieldEvent | WireLogprobsTokensChosenLogprobFieldEvent | WireLogprobsTokensChosenBytesFieldEvent | WireLogprobsTokensTopTokenFieldEvent | WireLogprobsTokensTopLogprobFieldEvent | WireLogprobsTokensTopBytesFieldEvent> {
    return streamMessage(buf, WireLogprobs.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireTokenLogprob {
  chosen?: WireCandidate
  top: WireCandidate[]
}

export const WireTokenLogprob = (() => {
  let _codec: Codec<WireTokenLogprob>

  const codec = (): Codec<WireTokenLogprob> => {
    if (_codec == null) {
      _codec = message<WireTokenLogprob>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.chosen != null) {
          w.uint32(10)
          WireCandidate.codec().encode(obj.chosen, w)
        }

        if (obj.top != null && obj.top.length > 0) {
          for (const value of obj.top) {
            w.uint32(18)
            WireCandidate.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          top: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.chosen = WireCandidate.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.chosen
              })
              break
            }
            case 2: {
              if (opts.limits?.top != null && obj.top.length === opts.limits.top) {
                throw new MaxLengthError('Decode error - repeated field "top" had too many elements')
              }

              obj.top.push(WireCandidate.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.top$
              }))
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
          top: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * WireCandidate.codec().stream(reader, reader.uint32(), `${prefix}.chosen`, {
                limits: opts.limits?.chosen
              })

              break
            }
            case 2: {
              if (opts.limits?.top != null && obj.top === opts.limits.top) {
                throw new MaxLengthError('Streaming decode error - repeated field "top" had too many elements')
              }

              for (const evt of WireCandidate.codec().stream(reader, reader.uint32(), `${prefix}.top[]`, {
                limits: opts.limits?.top$
              })) {
                yield {
                  ...evt,
                  index: obj.top
                }
              }

              obj.top++

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

  interface WireTokenLogprobChosenTokenFieldEvent {
    field: '$.chosen.token'
    value: string
  }

  interface WireTokenLogprobChosenLogprobFieldEvent {
    field: '$.chosen.logprob'
    value: number
  }

  interface WireTokenLogprobChosenBytesFieldEvent {
    field: '$.chosen.bytes'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireTokenLogprobTopTokenFieldEvent {
    field: '$.top[].token'
    value: string
    index: number
  }

  interface WireTokenLogprobTopLogprobFieldEvent {
    field: '$.top[].logprob'
    value: number
    index: number
  }

  interface WireTokenLogprobTopBytesFieldEvent {
    field: '$.top[].bytes'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  function encode (obj: Partial<WireTokenLogprob>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireTokenLogprob.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTokenLogprob>): WireTokenLogprob {
    return decodeMessage(buf, WireTokenLogprob.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTokenLogprob>): Generator<WireTokenLogprobChosenTokenFieldEvent | WireTokenLogprobChosenLogprobFieldEvent | WireTokenLogprobChosenBytesFieldEvent | WireTokenLogprobTopTokenFieldEvent | WireTokenLogprobTopLogprobFieldEvent | WireTokenLogprobTopBytesFieldEvent> {
    return streamMessage(buf, WireTokenLogprob.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireCandidate {
  token: string
  logprob: number
  bytes?: Uint8Array<ArrayBuffer>
}

export const WireCandidate = (() => {
  let _codec: Codec<WireCandidate>

  const codec = (): Codec<WireCandidate> => {
    if (_codec == null) {
      _codec = message<WireCandidate>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.token != null && obj.token !== '')) {
          w.uint32(10)
          w.string(obj.token)
        }

        if ((obj.logprob != null && obj.logprob !== 0)) {
          w.uint32(17)
          w.double(obj.logprob)
        }

        if (obj.bytes != null) {
          w.uint32(26)
          w.bytes(obj.bytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          token: '',
          logprob: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.token = reader.string()
              break
            }
            case 2: {
              obj.logprob = reader.double()
              break
            }
            case 3: {
              obj.bytes = reader.bytes()
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
                field: `${prefix}.token`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.logprob`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.bytes`,
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

  interface WireCandidateTokenFieldEvent {
    field: '$.token'
    value: string
  }

  interface WireCandidateLogprobFieldEvent {
    field: '$.logprob'
    value: number
  }

  interface WireCandidateBytesFieldEvent {
    field: '$.bytes'
    value: Uint8Array<ArrayBuffer>
  }

  function encode (obj: Partial<WireCandidate>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireCandidate.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireCandidate>): WireCandidate {
    return decodeMessage(buf, WireCandidate.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireCandidate>): Generator<WireCandidateTokenFieldEvent | WireCandidateLogprobFieldEvent | WireCandidateBytesFieldEvent> {
    return streamMessage(buf, WireCandidate.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireToolCall {
  index: number
  id?: string
  name?: string
  arguments: string
}

export const WireToolCall = (() => {
  let _codec: Codec<WireToolCall>

  const codec = (): Codec<WireToolCall> => {
    if (_codec == null) {
      _codec = message<WireToolCall>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint32(obj.index)
        }

        if (obj.id != null) {
          w.uint32(18)
          w.string(obj.id)
        }

        if (obj.name != null) {
          w.uint32(26)
          w.string(obj.name)
        }

        if ((obj.arguments != null && obj.arguments !== '')) {
          w.uint32(34)
          w.string(obj.arguments)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0,
          arguments: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint32()
              break
            }
            case 2: {
              obj.id = reader.string()
              break
            }
            case 3: {
              obj.name = reader.string()
              break
            }
            case 4: {
              obj.arguments = reader.string()
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
                field: `${prefix}.index`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.id`,
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
                field: `${prefix}.arguments`,
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

  interface WireToolCallIndexFieldEvent {
    field: '$.index'
    value: number
  }

  interface WireToolCallIdFieldEvent {
    field: '$.id'
    value: string
  }

  interface WireToolCallNameFieldEvent {
    field: '$.name'
    value: string
  }

  interface WireToolCallArgumentsFieldEvent {
    field: '$.arguments'
    value: string
  }

  function encode (obj: Partial<WireToolCall>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireToolCall.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireToolCall>): WireToolCall {
    return decodeMessage(buf, WireToolCall.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireToolCall>): Generator<WireToolCallIndexFieldEvent | WireToolCallIdFieldEvent | WireToolCallNameFieldEvent | WireToolCallArgumentsFieldEvent> {
    return streamMessage(buf, WireToolCall.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireStart {
  node: string
  worker: string
  engine: string
  model: string
}

export const WireStart = (() => {
  let _codec: Codec<WireStart>

  const codec = (): Codec<WireStart> => {
    if (_codec == null) {
      _codec = message<WireStart>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.node != null && obj.node !== '')) {
          w.uint32(10)
          w.string(obj.node)
        }

        if ((obj.worker != null && obj.worker !== '')) {
          w.uint32(18)
          w.string(obj.worker)
        }

        if ((obj.engine != null && obj.engine !== '')) {
          w.uint32(26)
          w.string(obj.engine)
        }

        if ((obj.model != null && obj.model !== '')) {
          w.uint32(34)
          w.string(obj.model)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          node: '',
          worker: '',
          engine: '',
          model: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.node = reader.string()
              break
            }
            case 2: {
              obj.worker = reader.string()
              break
            }
            case 3: {
              obj.engine = reader.string()
              break
            }
            case 4: {
              obj.model = reader.string()
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
                field: `${prefix}.node`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.worker`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.engine`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.model`,
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

  interface WireStartNodeFieldEvent {
    field: '$.node'
    value: string
  }

  interface WireStartWorkerFieldEvent {
    field: '$.worker'
    value: string
  }

  interface WireStartEngineFieldEvent {
    field: '$.engine'
    value: string
  }

  interface WireStartModelFieldEvent {
    field: '$.model'
    value: string
  }

  function encode (obj: Partial<WireStart>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireStart.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireStart>): WireStart {
    return decodeMessage(buf, WireStart.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireStart>): Generator<WireStartNodeFieldEvent | WireStartWorkerFieldEvent | WireStartEngineFieldEvent | WireStartModelFieldEvent> {
    return streamMessage(buf, WireStart.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireQueued {
  position: number
  estimatedWaitMs: number
}

export const WireQueued = (() => {
  let _codec: Codec<WireQueued>

  const codec = (): Codec<WireQueued> => {
    if (_codec == null) {
      _codec = message<WireQueued>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.position != null && obj.position !== 0)) {
          w.uint32(8)
          w.uint32(obj.position)
        }

        if ((obj.estimatedWaitMs != null && obj.estimatedWaitMs !== 0)) {
          w.uint32(16)
          w.uint32(obj.estimatedWaitMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          position: 0,
          estimatedWaitMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.position = reader.uint32()
              break
            }
            case 2: {
              obj.estimatedWaitMs = reader.uint32()
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
                field: `${prefix}.position`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.estimatedWaitMs`,
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

  interface WireQueuedPositionFieldEvent {
    field: '$.position'
    value: number
  }

  interface WireQueuedEstimatedWaitMsFieldEvent {
    field: '$.estimatedWaitMs'
    value: number
  }

  function encode (obj: Partial<WireQueued>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireQueued.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireQueued>): WireQueued {
    return decodeMessage(buf, WireQueued.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireQueued>): Generator<WireQueuedPositionFieldEvent | WireQueuedEstimatedWaitMsFieldEvent> {
    return streamMessage(buf, WireQueued.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireProgress {
  fraction: number
  note?: string
  previewMediaType?: string
}

export const WireProgress = (() => {
  let _codec: Codec<WireProgress>

  const codec = (): Codec<WireProgress> => {
    if (_codec == null) {
      _codec = message<WireProgress>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.fraction != null && obj.fraction !== 0)) {
          w.uint32(13)
          w.float(obj.fraction)
        }

        if (obj.note != null) {
          w.uint32(18)
          w.string(obj.note)
        }

        if (obj.previewMediaType != null) {
          w.uint32(26)
          w.string(obj.previewMediaType)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          fraction: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.fraction = reader.float()
              break
            }
            case 2: {
              obj.note = reader.string()
              break
            }
            case 3: {
              obj.previewMediaType = reader.string()
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
                field: `${prefix}.fraction`,
                value: reader.float()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.note`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.previewMediaType`,
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

  interface WireProgressFractionFieldEvent {
    field: '$.fraction'
    value: number
  }

  interface WireProgressNoteFieldEvent {
    field: '$.note'
    value: string
  }

  interface WireProgressPreviewMediaTypeFieldEvent {
    field: '$.previewMediaType'
    value: string
  }

  function encode (obj: Partial<WireProgress>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireProgress.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireProgress>): WireProgress {
    return decodeMessage(buf, WireProgress.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireProgress>): Generator<WireProgressFractionFieldEvent | WireProgressNoteFieldEvent | WireProgressPreviewMediaTypeFieldEvent> {
    return streamMessage(buf, WireProgress.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireImage {
  index: number
  mediaType: string
  seed?: number
}

export const WireImage = (() => {
  let _codec: Codec<WireImage>

  const codec = (): Codec<WireImage> => {
    if (_codec == null) {
      _codec = message<WireImage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint32(obj.index)
        }

        if ((obj.mediaType != null && obj.mediaType !== '')) {
          w.uint32(18)
          w.string(obj.mediaType)
        }

        if (obj.seed != null) {
          w.uint32(24)
          w.uint64Number(obj.seed)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0,
          mediaType: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint32()
              break
            }
            case 2: {
              obj.mediaType = reader.string()
              break
            }
            case 3: {
              obj.seed = reader.uint64Number()
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
                field: `${prefix}.index`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.mediaType`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.seed`,
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

  interface WireImageIndexFieldEvent {
    field: '$.index'
    value: number
  }

  interface WireImageMediaTypeFieldEvent {
    field: '$.mediaType'
    value: string
  }

  interface WireImageSeedFieldEvent {
    field: '$.seed'
    value: number
  }

  function encode (obj: Partial<WireImage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireImage.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireImage>): WireImage {
    return decodeMessage(buf, WireImage.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireImage>): Generator<WireImageIndexFieldEvent | WireImageMediaTypeFieldEvent | WireImageSeedFieldEvent> {
    return streamMessage(buf, WireImage.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireEmbedding {
  index: number
}

export const WireEmbedding = (() => {
  let _codec: Codec<WireEmbedding>

  const codec = (): Codec<WireEmbedding> => {
    if (_codec == null) {
      _codec = message<WireEmbedding>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint32(obj.index)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint32()
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
                field: `${prefix}.index`,
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

  interface WireEmbeddingIndexFieldEvent {
    field: '$.index'
    value: number
  }

  function encode (obj: Partial<WireEmbedding>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireEmbedding.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEmbedding>): WireEmbedding {
    return decodeMessage(buf, WireEmbedding.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEmbedding>): Generator<WireEmbeddingIndexFieldEvent> {
    return streamMessage(buf, WireEmbedding.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireRanked {
  index: number
  score: number
}

export const WireRanked = (() => {
  let _codec: Codec<WireRanked>

  const codec = (): Codec<WireRanked> => {
    if (_codec == null) {
      _codec = message<WireRanked>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint32(obj.index)
        }

        if ((obj.score != null && obj.score !== 0)) {
          w.uint32(17)
          w.double(obj.score)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0,
          score: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint32()
              break
            }
            case 2: {
              obj.score = reader.double()
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
                field: `${prefix}.index`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.score`,
                value: reader.double()
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

  interface WireRankedIndexFieldEvent {
    field: '$.index'
    value: number
  }

  interface WireRankedScoreFieldEvent {
    field: '$.score'
    value: number
  }

  function encode (obj: Partial<WireRanked>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireRanked.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRanked>): WireRanked {
    return decodeMessage(buf, WireRanked.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireRanked>): Generator<WireRankedIndexFieldEvent | WireRankedScoreFieldEvent> {
    return streamMessage(buf, WireRanked.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireTokens {
  count: number
  ids: number[]
  pieces: Uint8Array<ArrayBuffer>[]
  estimated: boolean
  more: boolean
  hasIds: boolean
  hasPieces: boolean
}

export const WireTokens = (() => {
  let _codec: Codec<WireTokens>

  const codec = (): Codec<WireTokens> => {
    if (_codec == null) {
      _codec = message<WireTokens>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(8)
          w.uint32(obj.count)
        }

        if (obj.ids != null && obj.ids.length > 0) {
          for (const value of obj.ids) {
            w.uint32(16)
            w.uint32(value)
          }
        }

        if (obj.pieces != null && obj.pieces.length > 0) {
          for (const value of obj.pieces) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if ((obj.estimated != null && obj.estimated !== false)) {
          w.uint32(32)
          w.bool(obj.estimated)
        }

        if ((obj.more != null && obj.more !== false)) {
          w.uint32(40)
          w.bool(obj.more)
        }

        if ((obj.hasIds != null && obj.hasIds !== false)) {
          w.uint32(48)
          w.bool(obj.hasIds)
        }

        if ((obj.hasPieces != null && obj.hasPieces !== false)) {
          w.uint32(56)
          w.bool(obj.hasPieces)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          count: 0,
          ids: [],
          pieces: [],
          estimated: false,
          more: false,
          hasIds: false,
          hasPieces: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.count = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.ids != null && obj.ids.length === opts.limits.ids) {
                throw new MaxLengthError('Decode error - repeated field "ids" had too many elements')
              }

              obj.ids.push(reader.uint32())
              break
            }
            case 3: {
              if (opts.limits?.pieces != null && obj.pieces.length === opts.limits.pieces) {
                throw new MaxLengthError('Decode error - repeated field "pieces" had too many elements')
              }

              obj.pieces.push(reader.bytes())
              break
            }
            case 4: {
              obj.estimated = reader.bool()
              break
            }
            case 5: {
              obj.more = reader.bool()
              break
            }
            case 6: {
              obj.hasIds = reader.bool()
              break
            }
            case 7: {
              obj.hasPieces = reader.bool()
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
          ids: 0,
          pieces: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              if (opts.limits?.ids != null && obj.ids === opts.limits.ids) {
                throw new MaxLengthError('Streaming decode error - repeated field "ids" had too many elements')
              }

              yield {
                field: `${prefix}.ids[]`,
                index: obj.ids,
                value: reader.uint32()
              }

              obj.ids++

              break
            }
            case 3: {
              if (opts.limits?.pieces != null && obj.pieces === opts.limits.pieces) {
                throw new MaxLengthError('Streaming decode error - repeated field "pieces" had too many elements')
              }

              yield {
                field: `${prefix}.pieces[]`,
                index: obj.pieces,
                value: reader.bytes()
              }

              obj.pieces++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.estimated`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.more`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.hasIds`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.hasPieces`,
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

  interface WireTokensCountFieldEvent {
    field: '$.count'
    value: number
  }

  interface WireTokensIdsFieldEvent {
    field: '$.ids[]'
    index: number
    value: number
  }

  interface WireTokensPiecesFieldEvent {
    field: '$.pieces[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  interface WireTokensEstimatedFieldEvent {
    field: '$.estimated'
    value: boolean
  }

  interface WireTokensMoreFieldEvent {
    field: '$.more'
    value: boolean
  }

  interface WireTokensHasIdsFieldEvent {
    field: '$.hasIds'
    value: boolean
  }

  interface WireTokensHasPiecesFieldEvent {
    field: '$.hasPieces'
    value: boolean
  }

  function encode (obj: Partial<WireTokens>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireTokens.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTokens>): WireTokens {
    return decodeMessage(buf, WireTokens.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTokens>): Generator<WireTokensCountFieldEvent | WireTokensIdsFieldEvent | WireTokensPiecesFieldEvent | WireTokensEstimatedFieldEvent | WireTokensMoreFieldEvent | WireTokensHasIdsFieldEvent | WireTokensHasPiecesFieldEvent> {
    return streamMessage(buf, WireTokens.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireSegment {
  start: number
  end: number
  text: string
  words: WireWord[]
  speaker?: string
  more: boolean
  hasWords: boolean
}

export const WireSegment = (() => {
  let _codec: Codec<WireSegment>

  const codec = (): Codec<WireSegment> => {
    if (_codec == null) {
      _codec = message<WireSegment>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.start != null && obj.start !== 0)) {
          w.uint32(9)
          w.double(obj.start)
        }

        if ((obj.end != null && obj.end !== 0)) {
          w.uint32(17)
          w.double(obj.end)
        }

        if ((obj.text != null && obj.text !== '')) {
          w.uint32(26)
          w.string(obj.text)
        }

        if (obj.words != null && obj.words.length > 0) {
          for (const value of obj.words) {
            w.uint32(34)
            WireWord.codec().encode(value, w)
          }
        }

        if (obj.speaker != null) {
          w.uint32(42)
          w.string(obj.speaker)
        }

        if ((obj.more != null && obj.more !== false)) {
          w.uint32(48)
          w.bool(obj.more)
        }

        if ((obj.hasWords != null && obj.hasWords !== false)) {
          w.uint32(56)
          w.bool(obj.hasWords)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          start: 0,
          end: 0,
          text: '',
          words: [],
          more: false,
          hasWords: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.start = reader.double()
              break
            }
            case 2: {
              obj.end = reader.double()
              break
            }
            case 3: {
              obj.text = reader.string()
              break
            }
            case 4: {
              if (opts.limits?.words != null && obj.words.length === opts.limits.words) {
                throw new MaxLengthError('Decode error - repeated field "words" had too many elements')
              }

              obj.words.push(WireWord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.words$
              }))
              break
            }
            case 5: {
              obj.speaker = reader.string()
              break
            }
            case 6: {
              obj.more = reader.bool()
              break
            }
            case 7: {
              obj.hasWords = reader.bool()
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
          words: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.start`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.end`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.text`,
                value: reader.string()
              }
              break
            }
            case 4: {
              if (opts.limits?.words != null && obj.words === opts.limits.words) {
                throw new MaxLengthError('Streaming decode error - repeated field "words" had too many elements')
              }

              for (const evt of WireWord.codec().stream(reader, reader.uint32(), `${prefix}.words[]`, {
                limits: opts.limits?.words$
              })) {
                yield {
                  ...evt,
                  index: obj.words
                }
              }

              obj.words++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.speaker`,
                value: reader.string()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.more`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.hasWords`,
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

  interface WireSegmentStartFieldEvent {
    field: '$.start'
    value: number
  }

  interface WireSegmentEndFieldEvent {
    field: '$.end'
    value: number
  }

  interface WireSegmentTextFieldEvent {
    field: '$.text'
    value: string
  }

  interface WireSegmentWordsWordFieldEvent {
    field: '$.words[].word'
    value: string
    index: number
  }

  interface WireSegmentWordsStartFieldEvent {
    field: '$.words[].start'
    value: number
    index: number
  }

  interface WireSegmentWordsEndFieldEvent {
    field: '$.words[].end'
    value: number
    index: number
  }

  interface WireSegmentSpeakerFieldEvent {
    field: '$.speaker'
    value: string
  }

  interface WireSegmentMoreFieldEvent {
    field: '$.more'
    value: boolean
  }

  interface WireSegmentHasWordsFieldEvent {
    field: '$.hasWords'
    value: boolean
  }

  function encode (obj: Partial<WireSegment>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireSegment.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireSegment>): WireSegment {
    return decodeMessage(buf, WireSegment.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireSegment>): Generator<WireSegmentStartFieldEvent | WireSegmentEndFieldEvent | WireSegmentTextFieldEvent | WireSegmentWordsWordFieldEvent | WireSegmentWordsStartFieldEvent | WireSegmentWordsEndFieldEvent | WireSegmentSpeakerFieldEvent | WireSegmentMoreFieldEvent | WireSegmentHasWordsFieldEvent> {
    return streamMessage(buf, WireSegment.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireWord {
  word: string
  start: number
  end: number
}

export const WireWord = (() => {
  let _codec: Codec<WireWord>

  const codec = (): Codec<WireWord> => {
    if (_codec == null) {
      _codec = message<WireWord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.word != null && obj.word !== '')) {
          w.uint32(10)
          w.string(obj.word)
        }

        if ((obj.start != null && obj.start !== 0)) {
          w.uint32(17)
          w.double(obj.start)
        }

        if ((obj.end != null && obj.end !== 0)) {
          w.uint32(25)
          w.double(obj.end)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          word: '',
          start: 0,
          end: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.word = reader.string()
              break
            }
            case 2: {
              obj.start = reader.double()
              break
            }
            case 3: {
              obj.end = reader.double()
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
                field: `${prefix}.word`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.start`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.end`,
                value: reader.double()
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

  interface WireWordWordFieldEvent {
    field: '$.word'
    value: string
  }

  interface WireWordStartFieldEvent {
    field: '$.start'
    value: number
  }

  interface WireWordEndFieldEvent {
    field: '$.end'
    value: number
  }

  function encode (obj: Partial<WireWord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireWord.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireWord>): WireWord {
    return decodeMessage(buf, WireWord.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireWord>): Generator<WireWordWordFieldEvent | WireWordStartFieldEvent | WireWordEndFieldEvent> {
    return streamMessage(buf, WireWord.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireAudio {
  mediaType: string
}

export const WireAudio = (() => {
  let _codec: Codec<WireAudio>

  const codec = (): Codec<WireAudio> => {
    if (_codec == null) {
      _codec = message<WireAudio>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.mediaType != null && obj.mediaType !== '')) {
          w.uint32(10)
          w.string(obj.mediaType)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          mediaType: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.mediaType = reader.string()
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
                field: `${prefix}.mediaType`,
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

  interface WireAudioMediaTypeFieldEvent {
    field: '$.mediaType'
    value: string
  }

  function encode (obj: Partial<WireAudio>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireAudio.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAudio>): WireAudio {
    return decodeMessage(buf, WireAudio.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireAudio>): Generator<WireAudioMediaTypeFieldEvent> {
    return streamMessage(buf, WireAudio.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireEnd {
  finishReason: string
  usage?: WireUsage
  timings?: WireTimings
  sources: string[]
  served?: WireServed
  heard?: WireHeard
}

export const WireEnd = (() => {
  let _codec: Codec<WireEnd>

  const codec = (): Codec<WireEnd> => {
    if (_codec == null) {
      _codec = message<WireEnd>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.finishReason != null && obj.finishReason !== '')) {
          w.uint32(10)
          w.string(obj.finishReason)
        }

        if (obj.usage != null) {
          w.uint32(18)
          WireUsage.codec().encode(obj.usage, w)
        }

        if (obj.timings != null) {
          w.uint32(26)
          WireTimings.codec().encode(obj.timings, w)
        }

        if (obj.sources != null && obj.sources.length > 0) {
          for (const value of obj.sources) {
            w.uint32(34)
            w.string(value)
          }
        }

        if (obj.served != null) {
          w.uint32(42)
          WireServed.codec().encode(obj.served, w)
        }

        if (obj.heard != null) {
          w.uint32(50)
          WireHeard.codec().encode(obj.heard, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          finishReason: '',
          sources: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.finishReason = reader.string()
              break
            }
            case 2: {
              obj.usage = WireUsage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.usage
              })
              break
            }
            case 3: {
              obj.timings = WireTimings.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.timings
              })
              break
            }
            case 4: {
              if (opts.limits?.sources != null && obj.sources.length === opts.limits.sources) {
                throw new MaxLengthError('Decode error - repeated field "sources" had too many elements')
              }

              obj.sources.push(reader.string())
              break
            }
            case 5: {
              obj.served = WireServed.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.served
              })
              break
            }
            case 6: {
              obj.heard = WireHeard.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heard
              })
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
          sources: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.finishReason`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield * WireUsage.codec().stream(reader, reader.uint32(), `${prefix}.usage`, {
                limits: opts.limits?.usage
              })

              break
            }
            case 3: {
              yield * WireTimings.codec().stream(reader, reader.uint32(), `${prefix}.timings`, {
                limits: opts.limits?.timings
              })

              break
            }
            case 4: {
              if (opts.limits?.sources != null && obj.sources === opts.limits.sources) {
                throw new MaxLengthError('Streaming decode error - repeated field "sources" had too many elements')
              }

              yield {
                field: `${prefix}.sources[]`,
                index: obj.sources,
                value: reader.string()
              }

              obj.sources++

              break
            }
            case 5: {
              yield * WireServed.codec().stream(reader, reader.uint32(), `${prefix}.served`, {
                limits: opts.limits?.served
              })

              break
            }
            case 6: {
              yield * WireHeard.codec().stream(reader, reader.uint32(), `${prefix}.heard`, {
                limits: opts.limits?.heard
              })

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

  interface WireEndFinishReasonFieldEvent {
    field: '$.finishReason'
    value: string
  }

  interface WireEndUsagePromptTokensFieldEvent {
    field: '$.usage.promptTokens'
    value: number
  }

  interface WireEndUsageCompletionTokensFieldEvent {
    field: '$.usage.completionTokens'
    value: number
  }

  interface WireEndUsageCachedTokensFieldEvent {
    field: '$.usage.cachedTokens'
    value: number
  }

  interface WireEndUsageReasoningTokensFieldEvent {
    field: '$.usage.reasoningTokens'
    value: number
  }

  interface WireEndTimingsLoadMsFieldEvent {
    field: '$.timings.loadMs'
    value: number
  }

  interface WireEndTimingsPrefillTokensPerSecondFieldEvent {
    field: '$.timings.prefillTokensPerSecond'
    value: number
  }

  interface WireEndTimingsDecodeTokensPerSecondFieldEvent {
    field: '$.timings.decodeTokensPerSecond'
    value: number
  }

  interface WireEndSourcesFieldEvent {
    field: '$.sources[]'
    index: number
    value: string
  }

  interface WireEndServedNodeFieldEvent {
    field: '$.served.node'
    value: string
  }

  interface WireEndServedWorkerFieldEvent {
    field: '$.served.worker'
    value: string
  }

  interface WireEndServedEngineFieldEvent {
    field: '$.served.engine'
    value: string
  }

  interface WireEndServedModelFieldEvent {
    field: '$.served.model'
    value: string
  }

  interface WireEndServedAnswerHashFieldEvent {
    field: '$.served.answerHash'
    value: string
  }

  interface WireEndServedPromptTokensFieldEvent {
    field: '$.served.promptTokens'
    value: number
  }

  interface WireEndServedCompletionTokensFieldEvent {
    field: '$.served.completionTokens'
    value: number
  }

  interface WireEndServedWaitedMsFieldEvent {
    field: '$.served.waitedMs'
    value: number
  }

  interface WireEndServedSignatureFieldEvent {
    field: '$.served.signature'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireEndServedVersionFieldEvent {
    field: '$.served.version'
    value: number
  }

  interface WireEndServedByFieldEvent {
    field: '$.served.by'
    value: string
  }

  interface WireEndServedPieceHashesFieldEvent {
    field: '$.served.pieceHashes'
    value: string
  }

  interface WireEndServedFirstMsFieldEvent {
    field: '$.served.firstMs'
    value: number
  }

  interface WireEndServedDecodeRateFieldEvent {
    field: '$.served.decodeRate'
    value: number
  }

  interface WireEndHeardLanguageFieldEvent {
    field: '$.heard.language'
    value: string
  }

  interface WireEndHeardSecondsFieldEvent {
    field: '$.heard.seconds'
    value: number
  }

  function encode (obj: Partial<WireEnd>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireEnd.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEnd>): WireEnd {
    return decodeMessage(buf, WireEnd.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireEnd>): Generator<WireEndFinishReasonFieldEvent | WireEndUsagePromptTokensFieldEvent | WireEndUsageCompletionTokensFieldEvent | WireEndUsageCachedTokensFieldEvent | WireEndUsageReasoningTokensFieldEvent | WireEndTimingsLoadMsFieldEvent | WireEndTimingsPrefillTokensPerSecondFieldEvent | WireEndTimingsDecodeTokensPerSecondFieldEvent | WireEndSourcesFieldEvent | WireEndServedNodeFieldEvent | WireEndServedWorkerFieldEvent | WireEndServedEngineFieldEvent | WireEndServedModelFieldEvent | WireEndServedAnswerHashFieldEvent | WireEndServedPromptTokensFieldEvent | WireEndServedCompletionTokensFieldEvent | WireEndServedWaitedMsFieldEvent | WireEndServedSignatureFieldEvent | WireEndServedVersionFieldEvent | WireEndServedByFieldEvent | WireEndServedPieceHashesFieldEvent | WireEndServedFirstMsFieldEvent | WireEndServedDecodeRateFieldEvent | WireEndHeardLanguageFieldEvent | WireEndHeardSecondsFieldEvent> {
    return streamMessage(buf, WireEnd.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireHeard {
  language?: string
  seconds?: number
}

export const WireHeard = (() => {
  let _codec: Codec<WireHeard>

  const codec = (): Codec<WireHeard> => {
    if (_codec == null) {
      _codec = message<WireHeard>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.language != null) {
          w.uint32(10)
          w.string(obj.language)
        }

        if (obj.seconds != null) {
          w.uint32(17)
          w.double(obj.seconds)
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
              obj.language = reader.string()
              break
            }
            case 2: {
              obj.seconds = reader.double()
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
                field: `${prefix}.language`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.seconds`,
                value: reader.double()
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

  interface WireHeardLanguageFieldEvent {
    field: '$.language'
    value: string
  }

  interface WireHeardSecondsFieldEvent {
    field: '$.seconds'
    value: number
  }

  function encode (obj: Partial<WireHeard>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireHeard.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireHeard>): WireHeard {
    return decodeMessage(buf, WireHeard.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireHeard>): Generator<WireHeardLanguageFieldEvent | WireHeardSecondsFieldEvent> {
    return streamMessage(buf, WireHeard.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireUsage {
  promptTokens: number
  completionTokens: number
  cachedTokens?: number
  reasoningTokens?: number
}

export const WireUsage = (() => {
  let _codec: Codec<WireUsage>

  const codec = (): Codec<WireUsage> => {
    if (_codec == null) {
      _codec = message<WireUsage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.promptTokens != null && obj.promptTokens !== 0)) {
          w.uint32(8)
          w.uint32(obj.promptTokens)
        }

        if ((obj.completionTokens != null && obj.completionTokens !== 0)) {
          w.uint32(16)
          w.uint32(obj.completionTokens)
        }

        if (obj.cachedTokens != null) {
          w.uint32(24)
          w.uint32(obj.cachedTokens)
        }

        if (obj.reasoningTokens != null) {
          w.uint32(32)
          w.uint32(obj.reasoningTokens)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          promptTokens: 0,
          completionTokens: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.promptTokens = reader.uint32()
              break
            }
            case 2: {
              obj.completionTokens = reader.uint32()
              break
            }
            case 3: {
              obj.cachedTokens = reader.uint32()
              break
            }
            case 4: {
              obj.reasoningTokens = reader.uint32()
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
                field: `${prefix}.promptTokens`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.completionTokens`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.cachedTokens`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.reasoningTokens`,
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

  interface WireUsagePromptTokensFieldEvent {
    field: '$.promptTokens'
    value: number
  }

  interface WireUsageCompletionTokensFieldEvent {
    field: '$.completionTokens'
    value: number
  }

  interface WireUsageCachedTokensFieldEvent {
    field: '$.cachedTokens'
    value: number
  }

  interface WireUsageReasoningTokensFieldEvent {
    field: '$.reasoningTokens'
    value: number
  }

  function encode (obj: Partial<WireUsage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireUsage.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireUsage>): WireUsage {
    return decodeMessage(buf, WireUsage.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireUsage>): Generator<WireUsagePromptTokensFieldEvent | WireUsageCompletionTokensFieldEvent | WireUsageCachedTokensFieldEvent | WireUsageReasoningTokensFieldEvent> {
    return streamMessage(buf, WireUsage.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireTimings {
  loadMs?: number
  prefillTokensPerSecond?: number
  decodeTokensPerSecond?: number
}

export const WireTimings = (() => {
  let _codec: Codec<WireTimings>

  const codec = (): Codec<WireTimings> => {
    if (_codec == null) {
      _codec = message<WireTimings>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.loadMs != null) {
          w.uint32(9)
          w.double(obj.loadMs)
        }

        if (obj.prefillTokensPerSecond != null) {
          w.uint32(17)
          w.double(obj.prefillTokensPerSecond)
        }

        if (obj.decodeTokensPerSecond != null) {
          w.uint32(25)
          w.double(obj.decodeTokensPerSecond)
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
              obj.loadMs = reader.double()
              break
            }
            case 2: {
              obj.prefillTokensPerSecond = reader.double()
              break
            }
            case 3: {
              obj.decodeTokensPerSecond = reader.double()
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
                field: `${prefix}.loadMs`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.prefillTokensPerSecond`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.decodeTokensPerSecond`,
                value: reader.double()
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

  interface WireTimingsLoadMsFieldEvent {
    field: '$.loadMs'
    value: number
  }

  interface WireTimingsPrefillTokensPerSecondFieldEvent {
    field: '$.prefillTokensPerSecond'
    value: number
  }

  interface WireTimingsDecodeTokensPerSecondFieldEvent {
    field: '$.decodeTokensPerSecond'
    value: number
  }

  function encode (obj: Partial<WireTimings>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireTimings.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTimings>): WireTimings {
    return decodeMessage(buf, WireTimings.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireTimings>): Generator<WireTimingsLoadMsFieldEvent | WireTimingsPrefillTokensPerSecondFieldEvent | WireTimingsDecodeTokensPerSecondFieldEvent> {
    return streamMessage(buf, WireTimings.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireServed {
  node: string
  worker: string
  engine: string
  model: string
  answerHash: string
  promptTokens: number
  completionTokens: number
  waitedMs: number
  signature?: Uint8Array<ArrayBuffer>
  version?: number
  by: string
  pieceHashes: string
  firstMs?: number
  decodeRate?: number
}

export const WireServed = (() => {
  let _codec: Codec<WireServed>

  const codec = (): Codec<WireServed> => {
    if (_codec == null) {
      _codec = message<WireServed>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.node != null && obj.node !== '')) {
          w.uint32(10)
          w.string(obj.node)
        }

        if ((obj.worker != null && obj.worker !== '')) {
          w.uint32(18)
          w.string(obj.worker)
        }

        if ((obj.engine != null && obj.engine !== '')) {
          w.uint32(26)
          w.string(obj.engine)
        }

        if ((obj.model != null && obj.model !== '')) {
          w.uint32(34)
          w.string(obj.model)
        }

        if ((obj.answerHash != null && obj.answerHash !== '')) {
          w.uint32(42)
          w.string(obj.answerHash)
        }

        if ((obj.promptTokens != null && obj.promptTokens !== 0)) {
          w.uint32(48)
          w.uint32(obj.promptTokens)
        }

        if ((obj.completionTokens != null && obj.completionTokens !== 0)) {
          w.uint32(56)
          w.uint32(obj.completionTokens)
        }

        if ((obj.waitedMs != null && obj.waitedMs !== 0)) {
          w.uint32(65)
          w.double(obj.waitedMs)
        }

        if (obj.signature != null) {
          w.uint32(74)
          w.bytes(obj.signature)
        }

        if (obj.version != null) {
          w.uint32(80)
          w.uint32(obj.version)
        }

        if ((obj.by != null && obj.by !== '')) {
          w.uint32(90)
          w.string(obj.by)
        }

        if ((obj.pieceHashes != null && obj.pieceHashes !== '')) {
          w.uint32(98)
          w.string(obj.pieceHashes)
        }

        if (obj.firstMs != null) {
          w.uint32(105)
          w.double(obj.firstMs)
        }

        if (obj.decodeRate != null) {
          w.uint32(113)
          w.double(obj.decodeRate)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          node: '',
          worker: '',
          engine: '',
          model: '',
          answerHash: '',
          promptTokens: 0,
          completionTokens: 0,
          waitedMs: 0,
          by: '',
          pieceHashes: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.node = reader.string()
              break
            }
            case 2: {
              obj.worker = reader.string()
              break
            }
            case 3: {
              obj.engine = reader.string()
              break
            }
            case 4: {
              obj.model = reader.string()
              break
            }
            case 5: {
              obj.answerHash = reader.string()
              break
            }
            case 6: {
              obj.promptTokens = reader.uint32()
              break
            }
            case 7: {
              obj.completionTokens = reader.uint32()
              break
            }
            case 8: {
              obj.waitedMs = reader.double()
              break
            }
            case 9: {
              obj.signature = reader.bytes()
              break
            }
            case 10: {
              obj.version = reader.uint32()
              break
            }
            case 11: {
              obj.by = reader.string()
              break
            }
            case 12: {
              obj.pieceHashes = reader.string()
              break
            }
            case 13: {
              obj.firstMs = reader.double()
              break
            }
            case 14: {
              obj.decodeRate = reader.double()
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
                field: `${prefix}.node`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.worker`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.engine`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.model`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.answerHash`,
                value: reader.string()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.promptTokens`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.completionTokens`,
                value: reader.uint32()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.waitedMs`,
                value: reader.double()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.by`,
                value: reader.string()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.pieceHashes`,
                value: reader.string()
              }
              break
            }
            case 13: {
              yield {
                field: `${prefix}.firstMs`,
                value: reader.double()
              }
              break
            }
            case 14: {
              yield {
                field: `${prefix}.decodeRate`,
                value: reader.double()
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

  interface WireServedNodeFieldEvent {
    field: '$.node'
    value: string
  }

  interface WireServedWorkerFieldEvent {
    field: '$.worker'
    value: string
  }

  interface WireServedEngineFieldEvent {
    field: '$.engine'
    value: string
  }

  interface WireServedModelFieldEvent {
    field: '$.model'
    value: string
  }

  interface WireServedAnswerHashFieldEvent {
    field: '$.answerHash'
    value: string
  }

  interface WireServedPromptTokensFieldEvent {
    field: '$.promptTokens'
    value: number
  }

  interface WireServedCompletionTokensFieldEvent {
    field: '$.completionTokens'
    value: number
  }

  interface WireServedWaitedMsFieldEvent {
    field: '$.waitedMs'
    value: number
  }

  interface WireServedSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  interface WireServedVersionFieldEvent {
    field: '$.version'
    value: number
  }

  interface WireServedByFieldEvent {
    field: '$.by'
    value: string
  }

  interface WireServedPieceHashesFieldEvent {
    field: '$.pieceHashes'
    value: string
  }

  interface WireServedFirstMsFieldEvent {
    field: '$.firstMs'
    value: number
  }

  interface WireServedDecodeRateFieldEvent {
    field: '$.decodeRate'
    value: number
  }

  function encode (obj: Partial<WireServed>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireServed.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireServed>): WireServed {
    return decodeMessage(buf, WireServed.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireServed>): Generator<WireServedNodeFieldEvent | WireServedWorkerFieldEvent | WireServedEngineFieldEvent | WireServedModelFieldEvent | WireServedAnswerHashFieldEvent | WireServedPromptTokensFieldEvent | WireServedCompletionTokensFieldEvent | WireServedWaitedMsFieldEvent | WireServedSignatureFieldEvent | WireServedVersionFieldEvent | WireServedByFieldEvent | WireServedPieceHashesFieldEvent | WireServedFirstMsFieldEvent | WireServedDecodeRateFieldEvent> {
    return streamMessage(buf, WireServed.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface Failure {
  code: string
  message: string
  retryable: boolean
  retryAfterMs?: number
  fix?: string
}

export const Failure = (() => {
  let _codec: Codec<Failure>

  const codec = (): Codec<Failure> => {
    if (_codec == null) {
      _codec = message<Failure>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(10)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(18)
          w.string(obj.message)
        }

        if ((obj.retryable != null && obj.retryable !== false)) {
          w.uint32(24)
          w.bool(obj.retryable)
        }

        if (obj.retryAfterMs != null) {
          w.uint32(32)
          w.uint32(obj.retryAfterMs)
        }

        if (obj.fix != null) {
          w.uint32(42)
          w.string(obj.fix)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: '',
          message: '',
          retryable: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.string()
              break
            }
            case 2: {
              obj.message = reader.string()
              break
            }
            case 3: {
              obj.retryable = reader.bool()
              break
            }
            case 4: {
              obj.retryAfterMs = reader.uint32()
              break
            }
            case 5: {
              obj.fix = reader.string()
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
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.message`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.retryable`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.retryAfterMs`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.fix`,
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

  interface FailureCodeFieldEvent {
    field: '$.code'
    value: string
  }

  interface FailureMessageFieldEvent {
    field: '$.message'
    value: string
  }

  interface FailureRetryableFieldEvent {
    field: '$.retryable'
    value: boolean
  }

  interface FailureRetryAfterMsFieldEvent {
    field: '$.retryAfterMs'
    value: number
  }

  interface FailureFixFieldEvent {
    field: '$.fix'
    value: string
  }

  function encode (obj: Partial<Failure>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Failure.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Failure>): Failure {
    return decodeMessage(buf, Failure.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Failure>): Generator<FailureCodeFieldEvent | FailureMessageFieldEvent | FailureRetryableFieldEvent | FailureRetryAfterMsFieldEvent | FailureFixFieldEvent> {
    return streamMessage(buf, Failure.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()
