/**
 * Whether Ollama, rendering a conversation by the model's template, leaves the last message open when it is the
 * assistant's, so that the model goes on behind it. Templates that close every message make it begin a new answer, and
 * two different answers would be joined.
 */

/** `.Messages` as the template's own loop. */
const LOOPS = /\.Messages\b/
/** The branch of the loop that writes an assistant's message. */
const ASSISTANT_BRANCH = /eq \.Role "assistant"([\s\S]*?)(?=\{\{-?\s*else if [^}]*\.Role|$)/
/** What ends a message is written only where it is not the last. */
const OPEN_END = /if (?:and )?\(?not \$last/
const OPEN_CONTENT = /\.Content\s*-?\}\}\s*\{\{-?\s*if (?:and )?\(?not \$last/

/** True only when the template surely does; `template` as `/api/show` gives it. */
export function leavesAnswerOpen(template: string): boolean {
  // Old templates have no loop: Ollama itself cuts what follows the answer.
  if (!LOOPS.test(template)) return /\.Response\b/.test(template)
  const [, branch] = ASSISTANT_BRANCH.exec(template) ?? []
  return branch === undefined ? OPEN_CONTENT.test(template) : OPEN_END.test(branch)
}
