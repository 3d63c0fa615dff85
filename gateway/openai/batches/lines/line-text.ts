/** The result of a line as a line of the file that its author reads, in OpenAI's words. Pure. */

/** How a line was answered: as its endpoint would have answered. */
export interface LineAnswer {
  readonly status: number
  /** JSON. */
  readonly body: string
}

export interface ResultOf {
  readonly batch: string
  /** From 0. */
  readonly line: number
  readonly customId: string
}

/** The id of the query that answers a line: the same each time that it is asked. */
export function lineQueryId({ batch, line }: Pick<ResultOf, 'batch' | 'line'>): string {
  return `${batch}.${line + 1}`
}

/** A line that was answered, or refused by its endpoint. */
export function answeredLine(of: ResultOf, { status, body }: LineAnswer): string {
  const id = JSON.stringify(lineQueryId(of))
  return `${head(of)}"response":{"status_code":${status},"request_id":${id},"body":${body}},"error":null}\n`
}

/** A line for which there was no time. */
export function expiredLine(of: ResultOf): string {
  const message = 'This request could not be executed before the completion window expired.'
  return `${head(of)}"response":null,"error":{"code":"batch_expired","message":"${message}"}}\n`
}

function head({ batch, line, customId }: ResultOf): string {
  const id = `batch_req_${batch.replace(/^batch_/, '')}_${line + 1}`
  return `{"id":"${id}","custom_id":${JSON.stringify(customId)},`
}
