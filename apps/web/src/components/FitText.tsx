import { useMemo } from 'react';
import { fitText } from '../design/fit-text.ts';

export interface FitTextProps {
  readonly text: string;
  readonly widthPx: number;
  readonly fontPx: number;
  readonly minFontPx: number;
  readonly weight?: number;
  readonly className?: string | undefined;
}

/** One line of text that fits its width; the whole text is its title when it had to be shortened. */
export function FitText({ text, widthPx, fontPx, minFontPx, weight = 500, className }: FitTextProps) {
  const fitted = useMemo(
    () => fitText(text, { widthPx, fontPx, minFontPx, weight }),
    [text, widthPx, fontPx, minFontPx, weight],
  );
  return (
    <span
      className={className}
      style={{ fontSize: `${fitted.fontPx}px`, fontWeight: weight, whiteSpace: 'nowrap' }}
      title={fitted.text === text ? undefined : text}
    >
      {fitted.text === text ? (
        text
      ) : (
        <>
          <span aria-hidden="true">{fitted.text}</span>
          <span className="visually-hidden">{text}</span>
        </>
      )}
    </span>
  );
}
