/**
 * JSON as engines write it: servers in Python put `NaN` and `Infinity` where a figure cannot be told. The standard does
 * not know them; they are read as null.
 */

const NO_NUMBER = /-?\b(?:NaN|Infinity)\b/g
/** The rest of a string behind its opening quote. */
const REST_OF_STRING = /[^"\\]*(?:\\[\s\S][^"\\]*)*"?/y

/** The value of a JSON text. Throws `SyntaxError`. */
export function parseEngineJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (text.search(NO_NUMBER) === -1) throw error
    return JSON.parse(withNulls(text))
  }
}

/** The text with nulls for what is no number; strings stay as they are. */
function withNulls(text: string): string {
  let out = ''
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    const between = text.slice(at, quote === -1 ? undefined : quote)
    out += between.replace(NO_NUMBER, 'null')
    if (quote === -1) break
    REST_OF_STRING.lastIndex = quote + 1
    REST_OF_STRING.test(text)
    at = REST_OF_STRING.lastIndex
    out += text.slice(quote, at)
  }
  return out
}
