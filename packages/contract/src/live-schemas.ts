/**
 * What the server accepts from a client, as schemas. They stand apart from the constants and messages, so that a page
 * that sends but does not validate carries no validator.
 */
import { z } from 'zod';
import { MAX_QUERY_LENGTH, TOPICS } from './live.ts';

const channelId = z.string().min(1).max(100);

/** What the client already holds of a channel. `toMs`: the last grid time it has (0 for topics). */
export const haveSchema = z.object({
  epoch: z.string().max(64),
  seq: z.number().int().nonnegative(),
  toMs: z.number().int().nonnegative(),
});

export const querySpecSchema = z.object({
  query: z.string().min(1).max(MAX_QUERY_LENGTH),
  /** Length of the window in ms; 0 asks for the head only (an instant query kept live). */
  windowMs: z
    .number()
    .int()
    .nonnegative()
    .max(400 * 86_400_000),
  /** Distance of grid times in ms; grid times are multiples of it since the epoch. The client derives it from its width with `stepFor`. */
  stepMs: z
    .number()
    .int()
    .min(100)
    .max(31 * 86_400_000),
  /**
   * Where the head is evaluated: `now` at the newest feeding sample; `cell` at the next grid time, so that
   * `max_over_time(x[step])` there covers exactly the cell that is still open (heatmaps).
   */
  head: z.enum(['now', 'cell']).default('now'),
});

export const topicSchema = z.enum(TOPICS);

export const subscribeSchema = z.object({
  id: channelId,
  channel: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('query'), spec: querySpecSchema }),
    z.object({ kind: z.literal('topic'), topic: topicSchema }),
  ]),
  have: haveSchema.optional(),
});

export const unsubscribeSchema = z.object({ id: channelId });

/** Sample-to-pixel times in ms seen since the last report, and frames dropped by the page; at most one message a second. */
export const paintReportSchema = z.object({
  page: z.string().max(64),
  sampleToPixelMs: z.array(z.number().min(-60_000).max(3_600_000)).max(1000),
});

export type Have = z.infer<typeof haveSchema>;
export type QuerySpec = z.infer<typeof querySpecSchema>;
export type Topic = z.infer<typeof topicSchema>;
export type SubscribeMessage = z.infer<typeof subscribeSchema>;
export type PaintReport = z.infer<typeof paintReportSchema>;
