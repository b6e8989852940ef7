/**
 * How common English words are, in grades. Not a measured frequency list: words of everyday prose and of the framing of any report,
 * which say little about what a text is about, whatever its subject.
 */

/** Articles, prepositions, pronouns, auxiliaries, conjunctions, adverbs of place and degree: never part of a keyphrase's ends. */
export function isFunctionWord(word: string): boolean {
  return functionWords.has(word);
}

/** True for adjectives and participles that judge, count or point; they are no part of a term they stand before. */
export function isPointing(word: string): boolean {
  return pointing.has(word);
}

/** A container before "of" ("number of", "kind of"): the term is what follows. */
export function isContainer(word: string): boolean {
  return containers.has(word);
}

/**
 * 0 (frames any text: "paper", "result") to 1 (special). Words that are not in a list are as special as they are long, since
 * frequent words are short (Zipf 1935): 0.85 with four letters to 1 with eight.
 */
export function speciality(word: string): number {
  const grade = grades.get(word) ?? grades.get(singular(word));
  if (grade !== undefined) return grade;
  return Math.min(1, 0.85 + Math.max(0, word.length - 4) * 0.04);
}

/** Good enough to look a word up by. */
function singular(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

function list(words: string): string[] {
  return words.trim().split(/\s+/);
}

const functionWords = new Set(
  list(`
a about above according accordingly across actually after afterwards again against ago ahead all almost alone along already
also although altogether always am among amongst an and another any anybody anyhow anymore anyone anything anyway anywhere
apart are aren around as aside at away back be became because become becomes becoming been before beforehand behind being
below beneath beside besides between beyond both but by came can cannot cant certainly clearly co come comes consequently
could couldn currently dare despite did didn do does doesn doing don done down downwards due during each eg either else
elsewhere enough entirely especially et etc even eventually ever every everybody everyone everything everywhere exactly
except fairly far few fewer finally for former formerly forth from further furthermore gave generally get gets getting give
given gives go goes going gone got had hadn hardly has hasn have haven having he hello hence her here hereby herein hers
herself highly him himself his how however ie if in inc indeed inside insofar instead into inward is isn it its itself just
keep keeps kept largely last lately later latter least less lest let lets like likely likewise little ltd made mainly make
makes making many may maybe me meanwhile merely might mine more moreover most mostly much must my myself namely nearly
necessarily need needs neither never nevertheless next no nobody non none nonetheless nor normally not nothing notwithstanding
now nowadays nowhere obviously of off often oh ok okay on once one ones oneself only onto or other others otherwise ought our
ours ourselves out outside over overall own partly per perhaps please plus possibly presumably previously primarily probably
put quite rather re really recently regarding regardless regards relatively respectively roughly said same saw say saying says
second secondly see seem seemed seeming seems seen several shall she should shouldn simply since so some somebody somehow
someone something sometimes somewhat somewhere soon still strongly sub such sure take taken takes taking tell than thank
thanks that the their theirs them themselves then thence there thereafter thereby therefore therein these they third this
thorough thoroughly those though three through throughout thru thus to together too took toward towards tried tries truly try
trying twice two typically un under unfortunately unless unlike unlikely until up upon us use used uses using usually various
versus very via viz vs want wants was wasn way we well went were weren what whatever when whence whenever where whereas
whereby wherein wherever whether which while whilst whither who whoever whole whom whose why widely will with within without
won wonder would wouldn yes yet you your yours yourself yourselves first four five six seven eight nine ten hundred thousand
million billion dozen half
`),
);

const pointing = new Set(
  list(`
able above acceptable accessible actual additional adequate admissible amazing ample appropriate arbitrary available
aware awesome bad beautiful best better big bigger biggest brief bright broad broader busy capable careful certain
challenging cheap cheaper clear clever close closer comparable considerable consistent contemporary convenient correct
corresponding crucial current deeper definite desirable detailed determined different difficult distinct diverse
earlier easier easiest easy effective elegant enormous entire equivalent essential evident excellent existing expected
expensive extensive extra extreme familiar famous faster favourable favorable few fewer final fine first following
former frequent friendly full fundamental further future gentle good great greater greatest growing handcrafted harder
heavy helpful higher highest huge ideal identical important impressive improved inadequate included increased
increasing initial innovative insufficient interesting involved key known larger largest late later latest leading
least less lesser little longer longest lower lowest main major many marked meaningful mere minor modest modified more
most much necessary new newer newest next nice notable novel numerous obvious old older oldest ongoing only opposite
ordinary original other overall own painful particular past plain plausible poor popular possible potential powerful
precise preliminary present previous prior probable promising prominent proper proud quick quicker quiet rare ready
realistic reasonable recent related relevant reliable remarkable representative required respective rest rich right
rigorous sad same satisfactory second secondary separate serious severe shorter significant similar simple simpler
simplest single sizable slight slow slower small smaller smallest solid sole sophisticated specific strange striking
stronger subsequent substantial subtle successful such sudden sufficient suitable superior supplementary sure
surprising tall thorough tight tiny top tough true typical ultimate unclear underlying unexpected unique unusual
upcoming upper useful usual valid valuable various vast viable vital weaker well-known whole wide wider widespread
worse worst worth worthwhile worthy wrong younger proposed presented described discussed considered developed obtained
given based used applied studied investigated introduced suggested derived chosen selected desired observed reported
resulting compared mentioned shown needed associated provided created designed published written made called named
said listed predicted trained calculated computed measured simulated generated revised perceived anticipated planned
installed tested evaluated conducted performed collected acquired extracted recorded defined assumed identified formed
built added specified intended reduced enhanced decreased allowed enabled found seen demonstrated implemented achieved
produced employed utilized utilised adopted examined analysed analyzed explored compensated remaining lost missing
waiting
`),
);

/** Point as often as they name ("high accuracy", "deep learning"). */
const half = list(`
absolute accurate alternative approximate average basic central chief common comparative complete complex
comprehensive conceptual concrete constant conventional critical dark deep direct early efficient empirical equal
exact experimental explicit extended fair fast free general generic global hard high immediate independent individual
informative intermediate large limited local long low maximum minimal minimum modern multiple mutual narrow natural
normal open paid perfect positive negative practical primary principal private public pure rapid raw real relative
robust rough routine safe sharp short smart smooth special stable standard strict strong systematic technical thick
thin third total unknown variable weak young theoretical numerical
`);

const containers = new Set(
  list(`
number amount kind type sort set class series variety range lot pair group part piece couple array family collection list
majority percentage fraction proportion share half quarter third most some many all lack use usage case example problem issue question aspect
feature study analysis investigation introduction application development design implementation evaluation comparison
construction choice presence absence existence nature role effect influence impact importance performance result results
means way form level degree amount rate size length sum end top bottom side front middle centre center start beginning
month year week day time hour minute point view terms term basis field area order version copy member average
value property behaviour behavior description discussion definition idea concept notion understanding knowledge loss point
cost costs price thousands hundreds millions dozens tens billions rest body piece plenty bit host wealth spread
`),
);

/** Frames any text. */
const framing = list(`
paper article abstract study studies work works research approach method methodology technique way means result results finding
problem issue question aspect case example instance number amount kind type sort set series variety range lot part piece
section chapter page figure table appendix reference author reader book report review survey overview introduction
conclusion discussion summary comparison contrast difference similarity advantage disadvantage benefit drawback limitation
importance significance role purpose aim goal objective attempt effort idea concept notion fact reason evidence assumption
hypothesis consequence implication contribution improvement extension modification variation version option choice
possibility ability capability capacity need requirement condition situation context circumstance event fact thing stuff
something experiment experimental numerical practical theoretical practice issue answer solution
time year month week day hour minute second today tomorrow yesterday decade century period moment past future present
today night morning evening midnight noon start beginning end middle top bottom side front rest half quarter whole level degree
amount extent order term view viewpoint perspective basis ground point place area field domain region direction line
person people man woman men women guy someone everyone anyone world life home house name word list form
percent cent percentage factor value size length scale majority minority group pair member everything nothing
step stage phase chance deal trend trouble sense detail fan mean look turn trial run bit thanks care hand eye head back
attention interest idea opinion hope fear love talk word story news statement announcement question thousand hundred million billion dozen
spring summer autumn winter january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
performance efficiency effectiveness quality usefulness suitability feasibility validity availability
success progress development advance achievement approach procedure process treatment
use usage application implementation evaluation investigation consideration description 
example test testing comparison demonstration illustration presentation
`);

/** Common in every subject: a term of such words only is seldom a keyphrase. */
const common = list(`
system model analysis data information process function structure property behaviour behavior effect influence impact change
increase decrease reduction growth loss gain rise fall cause source force power energy rate speed cost price value money
product service customer user client company business market industry state government country city town public law
policy plan project program programme management control operation activity action task job tool feature device machine unit component
element object item parameter variable measure measurement test sample result response reaction relation relationship interaction
connection link distribution density volume surface space position location distance temperature water air light
environment resource material computer software network internet web site website page application technology
algorithm procedure strategy mechanism principle rule theory framework scheme design construction production
selection decision support help access answer request message letter note file document text image picture
risk error noise failure damage limit constraint complexity stability performance quality
student teacher school university child family health patient hospital doctor worker staff team leader head chief
social economic political national international local global human physical mathematical statistical empirical
dynamic static linear random continuous discrete finite optimal robust adaptive intelligent automatic digital
simulation optimization optimisation estimation prediction classification computation calculation
account office room building street road car train bus shop store street map
app apps annual monthly weekly daily email e-mail phone call meeting button click screen window
free paid trial login sign-up signup start setup settings default support release update upgrade bug fix change
input output class condition knowledge learning education training practice experience
balance sum total average maximum minimum
`);

/** Common words that name something all the same. */
const plain = list(`
network algorithm theory software protocol language database interface architecture optimization optimisation
simulation equation matrix vector graph tree signal frequency field wave particle crystal film layer cell protein gene
temperature pressure stress strain flow heat fluid gas metal steel plant animal species population disease drug
image video speech text document query search index storage memory processor server client security privacy
classification clustering regression estimation prediction detection recognition identification segmentation
demand supply trade tax wage income bank investment inflation employment insurance auction contract
`);

const grades = new Map<string, number>([
  ...plain.map((word) => [word, 0.72] as const),
  ...common.map((word) => [word, plain.includes(word) ? 0.6 : 0.45] as const),
  ...framing.map((word) => [word, 0.12] as const),
  ...half.map((word) => [word, 0.4] as const),
  ...[...pointing].map((word) => [word, 0.2] as const),
]);
