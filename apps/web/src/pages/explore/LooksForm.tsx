import { type CSSProperties, useId, useState } from 'react';
import { seriesColour } from '../../charts/index.ts';
import { Button, Field } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { PALETTE } from './explore-state.ts';
import styles from './LooksForm.module.css';

export interface LooksFormProps {
  readonly legend: string;
  readonly colour: number;
  readonly onChange: (change: { readonly legend: string; readonly colour: number }) => void;
  readonly close: () => void;
}

const EXAMPLE = '{{instance}}';
const PLACES = Array.from({ length: PALETTE }, (_, i) => i);

/** What a query's series are called, and the colour of the first. */
export function LooksForm({ legend, colour, onChange, close }: LooksFormProps) {
  const t = useT();
  const [text, setText] = useState(legend);
  const [place, setPlace] = useState(colour);
  const name = useId();
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ legend: text.trim(), colour: place });
        close();
      }}
    >
      <Field
        label={t('explore.legend')}
        hint={t('explore.legend.hint')}
        placeholder={EXAMPLE}
        value={text}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <fieldset className={styles.colours}>
        <legend>{t('explore.colour')}</legend>
        {PLACES.map((each) => (
          <input
            key={each}
            type="radio"
            name={name}
            className={styles.colour}
            style={{ '--colour': seriesColour(each) } as CSSProperties}
            aria-label={t('explore.colour.nth', { n: each + 1 })}
            checked={place === each}
            onChange={() => setPlace(each)}
          />
        ))}
      </fieldset>
      <Button type="submit">{t('range.apply')}</Button>
    </form>
  );
}
