/**
 * The path that a client means. Base addresses are typed by people and joined by programs: with a slash too many, with
 * `/v1` twice or not at all. llama-server forgives these too.
 */

/** Paths of OpenAI's and Anthropic's APIs that may stand without their `/v1`. Ours begin with none of these words. */
const WITHOUT_VERSION =
  /^\/(?:chat\/completions|completions|embeddings|images\/generations|messages(?:\/count_tokens)?|models(?:\/.*)?)$/

/** Most paths are right: one look tells. */
const DOUBTFUL = /\/\/|\/(?:\?|$)|^\/v1\/v1\/|^\/(?:chat|completions|embeddings|images|messages|models)\b/

/** `url` as the routes know it: no slash doubled or at the end, `/v1` once. The query behind it stays as it is. */
export function pathMeant(url: string): string {
  if (url.length < 2 || !url.startsWith('/') || !DOUBTFUL.test(url)) return url
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const single = path.replaceAll(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
  const once = single.replace(/^(?:\/v1)+(?=\/v1(?:\/|$))/, '')
  const whole = WITHOUT_VERSION.test(once) ? `/v1${once}` : once
  return mark < 0 ? whole : whole + url.slice(mark)
}
