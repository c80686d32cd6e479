/**
 * A chart as a PNG: its SVGs are copied with the colours they have on the screen, drawn on a canvas at twice their size,
 * the query above and the legend below.
 */
export interface PngLegendItem {
  readonly name: string;
  /** A CSS colour, as a rule `var(--series-n)`. */
  readonly colour: string;
}

const SCALE = 2;
const PAD = 16;
const TITLE_PX = 13;
const LEGEND_PX = 12;
const LINE_PX = 18;
const MOST_LEGEND = 24;
/** What a stylesheet gives the shapes of our charts. */
const PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'display',
];

/** `plot` holds the SVGs. Throws when the browser cannot make a picture of them. */
export async function chartPng(
  plot: HTMLElement,
  title: string,
  legend: readonly PngLegendItem[],
): Promise<Blob> {
  const box = plot.getBoundingClientRect();
  const shown = legend.slice(0, MOST_LEGEND);
  const width = Math.ceil(box.width) + 2 * PAD;
  const top = PAD + LINE_PX + PAD / 2;
  const height = top + Math.ceil(box.height) + PAD / 2 + shown.length * LINE_PX + PAD;
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no canvas');
  const look = getComputedStyle(plot);
  const token = (name: string): string => look.getPropertyValue(name).trim();
  context.scale(SCALE, SCALE);
  context.fillStyle = token('--surface-1');
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'middle';
  context.fillStyle = token('--text-1');
  context.font = `500 ${TITLE_PX}px ${token('--font-mono')}`;
  context.fillText(fitted(context, title.replace(/\s+/g, ' '), width - 2 * PAD), PAD, PAD + LINE_PX / 2);
  for (const svg of plot.querySelectorAll('svg')) {
    const at = svg.getBoundingClientRect();
    const image = await picture(svg, at.width, at.height);
    context.drawImage(image, PAD + at.left - box.left, top + at.top - box.top, at.width, at.height);
  }
  context.font = `${LEGEND_PX}px ${token('--font-ui')}`;
  shown.forEach(({ name, colour }, i) => {
    const y = top + box.height + PAD / 2 + (i + 0.5) * LINE_PX;
    context.fillStyle = resolved(plot, colour);
    context.fillRect(PAD, y - 1.5, 12, 3);
    context.fillStyle = token('--text-2');
    context.fillText(fitted(context, name, width - 2 * PAD - 20), PAD + 20, y);
  });
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('the picture is empty'))), 'image/png');
  });
}

function resolved(element: Element, colour: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
  return name ? getComputedStyle(element).getPropertyValue(name).trim() : colour;
}

function fitted(context: CanvasRenderingContext2D, text: string, widthPx: number): string {
  if (context.measureText(text).width <= widthPx) return text;
  let end = text.length;
  while (end > 0 && context.measureText(`${text.slice(0, end)}…`).width > widthPx) end -= 1;
  return `${text.slice(0, end)}…`;
}

async function picture(svg: SVGSVGElement, width: number, height: number): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [from, to] = [svg.querySelectorAll('*'), copy.querySelectorAll('*')];
  from.forEach((element, i) => {
    const look = getComputedStyle(element);
    const style = PROPERTIES.map((name) => `${name}:${look.getPropertyValue(name)}`).join(';');
    to[i]!.setAttribute('style', style);
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const text = new XMLSerializer().serializeToString(copy);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  return image;
}
