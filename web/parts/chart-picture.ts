import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';

const SCALE = 2;
const PADDING = 24;
const HEAD = 52;
const FOOT = 16;

/** The chart inside an element as a PNG at twice its size, on the colour of a card, with what it is written above it. */
export async function pictureOf(element: Element, { title, note }: { title: string; note: string }): Promise<Blob> {
  const drawn = [...element.querySelectorAll('svg')].sort((a, b) => b.clientWidth - a.clientWidth)[0];
  if (!drawn || drawn.clientWidth < 100)
    throw new Error('There is no chart to draw yet. Wait until it shows, then try again.');
  const { clientWidth: width, clientHeight: height } = drawn;
  const chart = await load(await withFont(drawn, width, height));
  const canvas = document.createElement('canvas');
  canvas.width = (width + 2 * PADDING) * SCALE;
  canvas.height = (height + 2 * PADDING + HEAD + FOOT) * SCALE;
  const pen = canvas.getContext('2d')!;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colour('--card');
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const write = (text: string, font: string, ink: string, x: number, y: number) => {
    pen.font = `${font} "Inter Variable", system-ui, sans-serif`;
    pen.fillStyle = colour(ink);
    pen.fillText(text, x, y, width);
  };
  write(title, '600 16px', '--ink', PADDING, PADDING + 14);
  write(note, '400 12px', '--ink-3', PADDING, PADDING + 34);
  pen.drawImage(chart, PADDING, PADDING + HEAD, width, height);
  pen.textAlign = 'right';
  write('Fanfare', '500 11px', '--ink-3', width + PADDING, height + PADDING + HEAD + FOOT);
  return await new Promise((done, refuse) =>
    canvas.toBlob(
      (blob) => (blob ? done(blob) : refuse(new Error('The browser could not write the picture.'))),
      'image/png',
    ),
  );
}

/** What the page's style sheets may say about a shape. */
const painted = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'opacity',
  'font-size',
  'font-weight',
  'font-family',
  'text-anchor',
];

/** A picture sees nothing of the page around it, so colours and the font travel inside. */
async function withFont(drawn: SVGSVGElement, width: number, height: number): Promise<string> {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const copies = copy.querySelectorAll<SVGElement>('*');
  drawn.querySelectorAll('*').forEach((one, index) => {
    const seen = getComputedStyle(one);
    for (const name of painted) copies[index]?.style.setProperty(name, seen.getPropertyValue(name));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width * SCALE));
  copy.setAttribute('height', String(height * SCALE));
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = `@font-face{font-family:'Inter Variable';font-weight:100 900;src:url(${await asData(inter)})}`;
  copy.prepend(style);
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
}

async function asData(url: string): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error('The font for the picture did not load. Try again.');
  const blob = await answer.blob();
  return await new Promise((done, refuse) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => refuse(reader.error);
    reader.readAsDataURL(blob);
  });
}

function load(url: string): Promise<HTMLImageElement> {
  return new Promise((done, refuse) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => refuse(new Error('The browser could not draw the chart.'));
    image.src = url;
  });
}
