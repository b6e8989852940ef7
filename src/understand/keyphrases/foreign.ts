/** Texts that are not English, for which there is no tagger: what stands between their function words. */
import type { Chunk, Word } from './chunks.ts';
import { stem } from './stem.ts';

/** The commonest function words of the languages told apart: enough to know a language by, and to cut its phrases. */
const functionWords: { [language: string]: Set<string> } = Object.fromEntries(
  Object.entries({
    en: 'the of and to a in is it you that for on are with as be at this have from or by not but what all were we can said there an each which do how their if will up other about then them these so some would into has more her two no way could my than been who its now did get made may our your was',
    de: 'der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine ist sind war waren wird werden wurde wurden hat haben hatte sich sie er es wir ihr ihre ihren ihrem ihrer ich du mich mir dich dir uns euch man mit von vom zu zum zur im in am an auf aus bei beim bis durch für gegen nach ohne über um unter vor während wegen wie als wenn dass ob auch noch nur schon sehr so mehr alle alles kann können muss müssen soll sollen will wollen mein dein sein unser unsere unserer unserem dieser diese dieses diesem diesen jeder jede jedes hier da dann damit davon dabei was wer wo',
    fr: 'le la les un une des du de au aux et ou mais ne pas plus que qui quoi dont où ce cet cette ces il elle ils elles on nous vous je tu me te se son sa ses leur leurs mon ma mes ton ta tes notre nos votre vos est sont était être été a ont avait avoir fait par pour avec sans sous sur dans en chez entre vers comme si tout tous toute toutes très aussi bien peut peuvent y l d j n s c qu m t devient deviennent',
    es: 'el la los las un una unos unas de del al y o pero no que qué quien cual es son era fue ser está están ha han había haber se su sus mi mis tu tus nuestro nuestra nuestros nuestras le les lo nos me te por para con sin sobre entre en desde hasta como si más muy también ya todo toda todos todas este esta estos estas ese esa eso puede pueden cada cuando donde hace solo',
    it: 'il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla in nel nella nei nelle con su sul sulla per tra fra e ed o ma non che chi cui è sono era essere ha hanno aveva avere si suo sua suoi sue mio mia nostro nostra vostro questo questa questi queste quello quella come se più molto anche già tutto tutti tutta tutte può possono ogni quando dove',
    pt: 'o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às e ou mas não que quem é são era foi ser está estão tem têm há se seu sua seus suas meu minha nosso nossa lhe por para com sem sobre entre desde até como mais muito também já todo toda todos todas este esta isto esse essa isso pode podem cada quando onde pelo pela',
    nl: 'de het een en of maar niet geen is zijn was waren wordt worden werd heeft hebben had zich zij ze hij wij we jij je ik u hun haar ons onze jouw uw mijn met van voor naar te in op aan uit bij door over om onder tegen zonder tot als dan dat die dit deze wat wie waar hoe ook nog al zo meer alle kan kunnen moet moeten zal zullen er',
  }).map(([language, words]) => [language, new Set(words.split(' '))]),
);

/** Words looked at to tell the language. */
const SAMPLE = 2_000;
/** One in so many words of a text is a function word of its language, at least. */
const SHARE = 0.15;

/**
 * The language of a text by its function words: null for English, and for a text too short to tell, which is read as English.
 * `other` for one in another script.
 */
export function foreignLanguage(text: string): string | null {
  const letters = text.slice(0, 20_000).match(/\p{L}/gu)?.length ?? 0;
  const latin = text.slice(0, 20_000).match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (letters > 0 && latin * 2 < letters) return 'other';
  const words = (
    text
      .slice(0, 20_000)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  ).slice(0, SAMPLE);
  if (words.length < 6) return null;
  const times = Object.entries(functionWords).map(([language, known]) => ({
    language,
    times: words.filter((word) => known.has(word)).length,
  }));
  const english = times.find(({ language }) => language === 'en')?.times ?? 0;
  const [best] = times.sort((a, b) => b.times - a.times);
  return best && best.times > english && best.times >= SHARE * words.length ? best.language : null;
}

const LONGEST = 3;
/** Scripts without spaces, whose words are parted by a dictionary. */
const packed = /^[\p{Script=Han}\p{Script=Katakana}\p{Script=Thai}\u30FC]+$/u;

/** What stands between the function words of a sentence, at most three words each. In German, what ends in a noun. */
export function foreignChunks(sentence: string, language: string): Chunk[] {
  const known = functionWords[language];
  const runs: string[][] = [[]];
  const segments = new Intl.Segmenter(language === 'other' ? undefined : language, { granularity: 'word' });
  for (const { segment } of segments.segment(sentence)) {
    if (/^\s+$/.test(segment)) continue;
    if (packed.test(segment)) {
      const last = runs.at(-1)?.at(-1);
      // A single sign behind a word is its ending: "請求" and "書".
      if (segment.length === 1 && last && packed.test(last)) runs[runs.length - 1] = [last + segment];
      else runs.push([segment]);
    } else if (isContent(segment, known)) runs.at(-1)?.push(segment);
    else runs.push([]);
  }
  return runs
    .map((run) => run.filter((each) => !packed.test(each) || each.length > 1).map((each) => wordOf(each, language)))
    .flatMap((run) => (language === 'de' ? endingInNoun(run) : pieces(run)))
    .map((words) => ({ words, counted: false }));
}

function isContent(segment: string, known: ReadonlySet<string> | undefined): boolean {
  // Particles of Japanese are written in Hiragana; where the function words are not known, they are the short ones.
  if (!/\p{L}/u.test(segment) || /^\p{Script=Hiragana}+$/u.test(segment)) return false;
  return !known?.has(segment.toLowerCase()) && [...segment].length > (known ? 2 : 3);
}

function wordOf(segment: string, language: string): Word {
  const lower = segment.toLowerCase();
  const isNoun = language !== 'de' || /^\p{Lu}/u.test(segment);
  const acronym = /^\p{Lu}{2,}$/u.test(segment);
  return { lower, stems: stem(lower), kind: isNoun ? 'noun' : 'modifier', capital: false, acronym };
}

function pieces(run: readonly Word[]): Word[][] {
  return Array.from({ length: Math.ceil(run.length / LONGEST) }, (_, at) =>
    run.slice(at * LONGEST, (at + 1) * LONGEST),
  );
}

/** German writes its nouns with capitals; before them only what is declined belongs to them. */
function endingInNoun(run: readonly Word[]): Word[][] {
  const found: Word[][] = [];
  let open: Word[] = [];
  for (const word of run) {
    if (word.kind === 'noun') {
      found.push([...open, word]);
      open = [];
    } else open = /(?:e|en|er|es|em)$/.test(word.lower) ? [word] : [];
  }
  return found;
}
