import type { ReactNode } from 'react';
import { useFreshness } from '../../app/freshness.ts';
import { StateShape } from '../../components/index.ts';
import { useRootSize } from '../../design/root-size.ts';
import { type Size, useSize } from '../../hooks/use-size.ts';
import { formatAge } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Embed.module.css';

export interface EmbedFrameProps {
  readonly title: string;
  /** Right of the title, as the newest value. */
  readonly note?: ReactNode;
  /** Data of what is shown is late although the server is heard: its age in ms. */
  readonly lateMs?: number | undefined;
  /** The room below the title, in CSS pixels. */
  readonly children: (size: Size) => ReactNode;
}

/** Frames lower than this have no title line. */
const TITLE_FROM_REM = 7;

/** Fills the frame. A cut greys what is shown and says so inside the frame: the portal around it cannot know. */
export function EmbedFrame({ title, note, lateMs, children }: EmbedFrameProps) {
  const t = useT();
  const rem = useRootSize();
  const freshness = useFreshness();
  const [outer, whole] = useSize();
  const [inner, room] = useSize();
  const cut = freshness.kind === 'cut' ? formatAge(t, freshness.ageMs) : undefined;
  const late = lateMs === undefined ? undefined : formatAge(t, lateMs);
  return (
    <main ref={outer} className={styles.frame} aria-label={title} data-connection={freshness.kind}>
      {whole.height >= TITLE_FROM_REM * rem && (
        <header className={styles.title}>
          <h1 title={title}>{title}</h1>
          {note}
        </header>
      )}
      <div className={styles.body} data-cut={cut !== undefined || undefined}>
        <div ref={inner} className={styles.room}>
          {room.width > 0 && room.height > 0 && children(room)}
        </div>
      </div>
      {(cut !== undefined || late !== undefined) && (
        <p role="status" className={styles.stale} data-cut={cut !== undefined || undefined}>
          <StateShape state={cut === undefined ? 'late' : 'critical'} />
          {t('embed.stale', { age: cut ?? late ?? '' })}
        </p>
      )}
      {freshness.kind === 'connecting' && (
        <p role="status" className={styles.stale}>
          <StateShape state="unknown" />
          {t('embed.never')}
        </p>
      )}
    </main>
  );
}
