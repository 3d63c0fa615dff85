/** Bounds of a query's settings, the same where a program sends them and where a peer does. */

/** Stop words of one query: templates for filling in code have nine, editors add some for each language. */
export const MAX_STOPS = 64

/** Tokens of an answer; no window is as long, so a larger wish means "no limit". */
export const MAX_TOKENS_WANTED = 10_000_000

/** Documents of one query for ranking: twice what Cohere advises, what Jina takes. */
export const MAX_DOCUMENTS = 2_048

/**
 * Bytes of one recording: OpenAI's bound, an hour of speech at 56 kbit/s. A stranger's must fit into half of what a
 * node receives of strangers at once.
 */
export const MAX_AUDIO_BYTES = 25 * 1024 * 1024

/** Pictures of one drawing beside the one that it begins with: OpenAI takes 16 in all. */
export const MAX_REFERENCES = 15

/** Bytes of all pictures of one drawing and the mask together: as much as those of a conversation may have. */
export const MAX_EDIT_BYTES = 16 * 1024 * 1024

/**
 * Tokens of which ids or pieces are told: twice those of any context that a home rig holds. Of a longer text only the
 * count is.
 */
export const MAX_TOLD_TOKENS = 262_144

/** Characters of a voice's, a language's or a speaker's name. */
export const MAX_VOICE_LENGTH = 64

/** Voices that a model names; engines with more speak with the others all the same. */
export const MAX_VOICES = 128
