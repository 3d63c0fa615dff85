/**
 * An answer that is written and not read: its bytes wait in memory, and no timer of Node's ends that. Answers in pieces
 * have their own limit while they are written (`answer/stream-writer.ts`).
 */
import type { ServerResponse } from 'node:http'

/**
 * Ends the connection when the answer has been handed to it as a whole and then none of it moves for `limitMs`. A slow
 * reader that reads is let be.
 */
export function boundUnread(response: ServerResponse, limitMs: number): void {
  response.once('prefinish', () => {
    const { socket } = response
    if (socket !== null && socket.writableLength > 0) socket.setTimeout(limitMs)
  })
}
