/** A batch as OpenAI writes one, and what realmesh tells of it beyond that. */
import { type BatchStatus, isEnded, type UserBatch } from '../../../core/batch/user-batch.ts'
import { usageBody } from '../responses/output/response-object.ts'
import type { BatchProgress } from './run/batch-run.ts'

/** `progress`: of one that runs. */
export function batchObject(batch: UserBatch, progress: BatchProgress | undefined): object {
  const { id, endpoint, window, inputFile, outputFile, errorFile, status, total, completed, failed, usage } = batch
  const ended = isEnded(status)
  const at = (name: BatchStatus): number | null => seconds(batch.times[name])
  return {
    id,
    object: 'batch',
    endpoint,
    errors: batch.problems === undefined ? null : { object: 'list', data: batch.problems.map(problemObject) },
    input_file_id: inputFile,
    completion_window: window,
    status,
    output_file_id: ended && completed > 0 ? outputFile : null,
    error_file_id: ended && failed > 0 ? errorFile : null,
    created_at: seconds(batch.at),
    in_progress_at: at('in_progress'),
    expires_at: seconds(batch.expiresAt),
    finalizing_at: at('finalizing'),
    completed_at: at('completed'),
    failed_at: at('failed'),
    expired_at: at('expired'),
    cancelling_at: at('cancelling'),
    cancelled_at: at('cancelled'),
    request_counts: { total, completed, failed },
    usage: usageBody(usage),
    metadata: batch.metadata ?? null,
    realmesh: progressObject(batch, progress),
  }
}

function problemObject({ code, message, line, param }: NonNullable<UserBatch['problems']>[number]): object {
  return { code, message, param: param ?? null, line: line ?? null }
}

/** `progress` from 0 to 1; what is not known is null. */
function progressObject({ status, total, completed, failed }: UserBatch, progress: BatchProgress | undefined): object {
  const done = completed + failed
  return {
    progress: total === 0 ? null : done / total,
    left: total === 0 ? null : total - done,
    in_flight: progress?.inFlight ?? 0,
    lines_per_minute: progress?.linesPerMinute === undefined ? null : Math.round(progress.linesPerMinute * 10) / 10,
    eta_seconds: progress?.etaMs === undefined ? null : Math.ceil(progress.etaMs / 1000),
    waits_for: isEnded(status) ? null : progress === undefined ? 'other batches' : (progress.waitsFor ?? null),
  }
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1000)
}
