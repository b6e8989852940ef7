import { visible } from '#src/ask.ts';

/**
 * True for words that give orders to a machine that reads them ("ignore all previous instructions"), in the languages
 * and disguises that are in use: zero-width and spaced letters, look-alike letters, digits for letters, base64. They are
 * never a fact about an app. A list cannot know every wording; what it misses still has to be supported by the page.
 */
export function givesOrders(text: string): boolean {
  const plain = visible(text).normalize('NFKC');
  return says(plain) || disguises.some((undo) => undo(plain).some((undone) => undone !== plain && says(undone)));
}

function says(text: string): boolean {
  return orders.some((one) => one.test(text));
}

const orders = [
  /\b(ignore|disregard|forget|override)\b.{0,30}\b(previous|prior|above|earlier|all|your)\b.{0,30}\b(instructions?|prompts?|rules|guidelines|directions)\b/i,
  /\bsystem (prompt|message|override|notice)\b|\bnew instructions?\b|\b(developer|debug|god) mode\b|\bjailbreak/i,
  /\b(if|as|because|since) you(['’]re| are) an? (ai|llm|large language model|language model|assistant|bot|crawler)\b|\b(as|you are) an? (ai|llm|language model|assistant)\b/i,
  /\b(attention|note|message|instructions?|hint|important|dear)\b.{0,12}\b(to|for|:)?\s*(all )?(ai|llms?|language models?|ai (agents?|assistants?|crawlers?)|assistants?)\s*[:,.!]/i,
  /\b(reply|respond|answer|output) (only )?(with|that)\b|\byou must (now )?(say|write|report|output|include|claim|state|record|add)\b/i,
  /\b(print|reveal|repeat|output|show)\b.{0,20}\b(prompt|instructions|api key|secrets?)\b|\bdo not (tell|mention|reveal)\b.{0,30}\b(user|human|owner)\b/i,
  /<\/?(system|assistant|instructions?)>|<\|[^|]{0,40}\|>|\[\/?inst\]|"role"\s*:\s*"(system|assistant)"|^\s*(system|assistant)\s*:/im,
  /(ignorier|vergiss|vergesst|missachte).{0,40}(anweisung|instruktion|vorgabe|regeln|befehl)/i,
  /(ignore[zrs]?|oublie[zr]?|ne tene[zr] pas compte).{0,40}(instructions?|consignes?|directives?|règles)/i,
  /(ignora[rd]?|olvida[rd]?|omite).{0,40}(instrucciones|indicaciones|órdenes|reglas)/i,
  /(ignor[ea][rm]?|esqueça[m]?|desconsidere).{0,40}(instruç|orientaç|ordens|regras)/i,
  /(ignora(te)?|dimentica(te)?).{0,40}(istruzioni|indicazioni|regole)/i,
  /(negeer|vergeet).{0,40}(instructies|opdrachten|aanwijzingen|regels)/i,
  /(z?ignoruj|zapomnij|pomiń).{0,40}(instrukcj|poleceni|zasad)/i,
  /(игнорир|забуд|не обращай внимания).{0,40}(инструкц|указани|правил)/i,
  /(ігнору|забудь).{0,40}(інструкц|вказівк)/i,
  /(talimat|yönerge|komut).{0,40}(yok say|görmezden|unut|dikkate alma)/i,
  /(忽略|无视|無視|忘记|忘記|不要理会).{0,15}(指令|指示|说明|說明|提示|规则)/,
  /(指示|命令|プロンプト|ルール).{0,15}(無視|忘れ)/,
  /(지시|명령|지침|규칙).{0,15}(무시|잊)/,
  /(تجاهل|تجاهلوا|انس).{0,40}(التعليمات|الأوامر|تعليمات)/,
  /(निर्देश|आदेश).{0,30}(अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल)/,
];

const disguises: ((text: string) => string[])[] = [
  // i g n o r e   a l l
  (text) => [text.replaceAll(/\b(?:\p{L}[ .·_-]){3,}\p{L}\b/gu, (run) => run.replaceAll(/[ .·_-]/g, ''))],
  // Cyrillic and Greek letters that look like Latin ones, where a word mixes the scripts.
  (text) => [
    text.replaceAll(/\p{L}+/gu, (word) =>
      /[a-z]/i.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)
        ? [...word].map((letter) => alike[letter] ?? letter).join('')
        : word,
    ),
  ],
  // 1gn0re pr3vi0us
  (text) => [
    text.replaceAll(/\b(?=\w*[a-z])(?=\w*[013457])\w{3,}\b/gi, (word) =>
      word.replaceAll(/[013457]/g, (digit) => digits[digit] ?? digit),
    ),
  ],
  // Base64 of a sentence.
  (text) =>
    [...text.matchAll(/[A-Za-z0-9+/_-]{24,}={0,2}/g)].map(([token]) => Buffer.from(token, 'base64').toString('utf8')),
];

const alike: Record<string, string> = Object.fromEntries([
  ...[...'аеорсухіјѕԁһӏ'].map((letter, at) => [letter, 'aeopcyxijsdhl'[at] ?? letter]),
  ...[...'АВЕКМНОРСТХІ'].map((letter, at) => [letter, 'ABEKMHOPCTXI'[at] ?? letter]),
  ...[...'αεικνορτυχ'].map((letter, at) => [letter, 'aeiknoptux'[at] ?? letter]),
]);
const digits: Record<string, string> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't' };
