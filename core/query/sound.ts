/** What is asked of engines that hear and speak. Sound is data, as it was sent; no node keeps it. */

/** What a recording may be said to be: it travels, and stands in a request to an engine. */
export const MEDIA_TYPE = /^[a-z0-9.+-]{1,64}\/[A-Za-z0-9.+;=_ -]{1,64}$/

/** A recording that is to be written down. */
export interface TranscribeBody {
  /** The whole file, in whatever container it came: at most `MAX_AUDIO_BYTES`. */
  readonly audio: Uint8Array
  /** Such as `audio/wav`, as `MEDIA_TYPE` has it; some clients say no more than `application/octet-stream`. */
  readonly mediaType: string
  /** As the client calls it: engines tell the container by its ending. */
  readonly fileName?: string
  /** `translate`: written in English, whatever is spoken. */
  readonly task: 'transcribe' | 'translate'
  /** What is spoken: ISO 639-1 or a name, of `MAX_VOICE_LENGTH` at most. Absent: the engine finds out. */
  readonly language?: string
  /** Text before the recording: names and spellings that it may hold. */
  readonly prompt?: string
  readonly temperature?: number
  /** Each segment comes with its words and their times. @default false */
  readonly words?: boolean
  /** Segments with their times come beside the text. @default false */
  readonly segments?: boolean
  /** Each segment names its speaker, where the engine tells them apart. @default false */
  readonly speakers?: boolean
}

/** In which form speech comes: the names that OpenAI's API has. `pcm`: 16 bits, little-endian, one channel. */
export const SPEECH_FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const
export type SpeechFormat = (typeof SPEECH_FORMATS)[number]

/** A text that is to be spoken. */
export interface SpeakBody {
  readonly text: string
  /** By the engine's name for it, of `MAX_VOICE_LENGTH` at most. Absent: the engine's own choice. */
  readonly voice?: string
  readonly format: SpeechFormat
  /** 1 is as fast as the voice speaks by itself. */
  readonly speed?: number
  /** How it is to be said, for engines that can be told. */
  readonly instructions?: string
  /** Of the text, for engines whose voices speak several. */
  readonly language?: string
}

/** A word of a recording; times are seconds from its start. */
export interface HeardWord {
  readonly word: string
  readonly start: number
  readonly end: number
}

/** What an engine found out about a recording. */
export interface Heard {
  /** In the engine's word for it, such as `en` or `english`. */
  readonly language?: string
  /** How long the recording is. */
  readonly seconds?: number
}
