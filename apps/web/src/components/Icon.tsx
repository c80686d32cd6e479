/** Our own icons on a 16×16 grid, stroked in the current colour. Decorative: the control around one carries the name. */
import styles from './Icon.module.css';

const PATHS = {
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4M3.2 3.2l1 1M11.8 11.8l1 1M12.8 3.2l-1 1M4.2 11.8l-1 1',
  moon: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z',
  expand: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  collapse: 'M6 2.5V6H2.5M13.5 6H10V2.5M10 13.5V10h3.5M2.5 10H6v3.5',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  chevron: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4l-4 4 4 4',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  play: 'M5 3.2v9.6l7.6-4.8Z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  stop: 'M4.2 4.2h7.6v7.6H4.2Z',
  bell: 'M8 2.2a4 4 0 0 0-4 4v2.6L2.8 11h10.4L12 8.8V6.2a4 4 0 0 0-4-4ZM6.6 13.2a1.5 1.5 0 0 0 2.8 0',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.6',
  link: 'M6.6 9.4a2.6 2.6 0 0 1 0-3.7l2-2a2.6 2.6 0 0 1 3.7 3.7l-1 1M9.4 6.6a2.6 2.6 0 0 1 0 3.7l-2 2a2.6 2.6 0 0 1-3.7-3.7l1-1',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.4 3.4',
  refresh: 'M13.2 6.2A5.5 5.5 0 0 0 3 5.4M2.8 2.6v3h3M2.8 9.8a5.5 5.5 0 0 0 10.2.8M13.2 13.4v-3h-3',
  copy: 'M5.5 5.5h7.8v7.8H5.5ZM10.5 5.5V2.7H2.7v7.8h2.8',
  up: 'M8 13V3.4M4 7.2l4-4 4 4',
  down: 'M8 3v9.6M4 8.8l4 4 4-4',
  server: 'M2.5 3h11v4h-11ZM2.5 9h11v4h-11ZM5 5h.01M5 11h.01',
  plus: 'M8 3v10M3 8h10',
  eye: 'M1.6 8C3 5.2 5.3 3.8 8 3.8S13 5.2 14.4 8C13 10.8 10.7 12.2 8 12.2S3 10.8 1.6 8ZM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6Z',
  eyeOff:
    'M6.3 4A6.4 6.4 0 0 1 8 3.8c2.7 0 5 1.4 6.4 4.2a9 9 0 0 1-1.7 2.3M10.6 11.7a6.3 6.3 0 0 1-2.6.5c-2.7 0-5-1.4-6.4-4.2a8.6 8.6 0 0 1 2.6-3.1M2.5 2.5l11 11',
  star: 'M8 2.2l1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6Z',
  download: 'M8 2.5v7.5M4.8 7l3.2 3.2L11.2 7M2.8 13.2h10.4',
  trash: 'M3 4.5h10M6.2 4.5V2.8h3.6v1.7M4.3 4.5l.6 8.7h6.2l.6-8.7M6.8 7v4M9.2 7v4',
  format: 'M2.5 4h11M5 7h8.5M5 10h6M2.5 13h11',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  zoomOut: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.4 3.4M5 7h4',
  layers: 'M8 2.2 14 5.3 8 8.4 2 5.3ZM2.3 8.2 8 11.1l5.7-2.9M2.3 10.9 8 13.8l5.7-2.9',
  diamond: 'M8 2.5 13.5 8 8 13.5 2.5 8Z',
  command:
    'M5.5 5.5h5v5h-5ZM5.5 5.5h-1.2a1.7 1.7 0 1 1 1.2-1.7ZM10.5 5.5V3.8a1.7 1.7 0 1 1 1.7 1.7ZM10.5 10.5h1.7a1.7 1.7 0 1 1-1.7 1.7ZM5.5 10.5v1.7a1.7 1.7 0 1 1-1.7-1.7Z',
  tag: 'M8.3 2.5h5.2v5.2l-5.7 5.8-5.3-5.3ZM10.9 5.1h.01',
  language:
    'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM2.2 8h11.6M8 2c2 1.7 2.9 3.7 2.9 6S10 12.3 8 14M8 2C6 3.7 5.1 5.7 5.1 8S6 12.3 8 14',
} as const;

export type IconName = keyof typeof PATHS;
export const ICON_NAMES = Object.keys(PATHS) as readonly IconName[];

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={styles.icon} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
