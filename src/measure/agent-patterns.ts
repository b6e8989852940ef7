import type { BotKind } from './agent.ts';

/**
 * The patterns by which a bot is told from a person, written for this program (2026-11) and tuned on published lists of
 * user agents. No other project's patterns were copied.
 *
 * Names are only there to tell one kind from another. What finds a bot nobody has heard of stands at the end of the
 * list: bots say what they do ("bot", "checker", "preview"), they leave an address to complain to, and they say it at
 * places of the sentence where no browser says anything. agent.test.ts measures what is found
 * without the names.
 */

/**
 * Blanked before the rules are tried: the phone's model, which may be called CUBOT, Spider 8 or Sentinel X, what a
 * television or an old browser says that contains a bot's word, and apps that open links in themselves.
 */
export const humanExceptions =
  /\bAndroid[ /]?[\d.]*;(?: U;)?(?: [a-z]{2}[-_][a-zA-Z]{2};)?[^;)]*|\b(?:HbbTV|FVC)\/[^()]*\([^)]*\)|\bMobile\/\w+ \[?(?:Pinterest|Flipboard|Feedly|Overcast|Tumblr|Snapchat|WhatsApp)\/[^ ]*|\bCUBOT\b[^;)]*|\bCaboto\b|https?:\/\/(?:www\.)?bsalsa\.com|\bHTTPS? PGDL\b|HTTP PGDL;HTTPS/gi;

/**
 * In order: the first that matches names kind and bot. Without a name of its own it is the token that matched. A rule
 * with `unless` is passed over where that matches.
 */
export const botRules: readonly [kind: BotKind, pattern: RegExp, name?: string | null, unless?: RegExp][] = [
  // Assistants that read a page because a person asked about it, by their operators' own pages.
  [
    'assistant',
    /ChatGPT-User|ChatGPT Agent|Operator\/\d|Claude-(?:User|Code)|Perplexity-User|MistralAI-User|Manus-User/i,
  ],
  ['assistant', /Google-(?:NotebookLM|Agent)|GoogleAgent\b|Gemini-Deep-Research|Meta-ExternalFetcher|DuckAssistBot/i],
  ['assistant', /Amzn-User|NovaAct|Devin\/|Grok-\w+|Copilot(?:Bot|-User)|YouBot|PhindBot|Kagi-?Fetcher|LinerBot/i],
  // Crawlers that train models, or search for them.
  ['ai', /GPTBot|OAI-SearchBot|OAI-AdsBot|ClaudeBot|Claude-(?:SearchBot|Web)|anthropic-ai|PerplexityBot/i],
  ['ai', /cohere-(?:ai|training)|Google-Extended|DeepSeekBot|GrokBot|xAI-\w+/i],
  ['ai', /Bytespider|TikTokSpider|CCBot|Diffbot|AI2Bot|Ai2Bot|PanguBot|Timpibot|ImagesiftBot|omgili|webzio/i],
  ['ai', /Meta-ExternalAgent|FacebookBot|Amazonbot|Amzn-\w+|Applebot-Extended/i],

  // A link somebody shared is read for its preview.
  // Apple's Messages calls itself by two others' names, as they are the ones that every site lets in.
  ['preview', /facebookexternalhit\/[\d.]+ Facebot Twitterbot/i, 'iMessage'],
  ['preview', /facebookexternal\w+|facebookcatalog|facebookplatform|meta-externalads/i],
  ['preview', /Twitterbot|LinkedInBot|Slackbot|Slack-ImgProxy|TelegramBot|Discordbot|WhatsApp\/|SkypeUriPreview/i],
  [
    'preview',
    /Pinterestbot|^Pinterest\/|redditbot|Mastodon\/|Pleroma|Akkoma|Misskey|Bluesky Cardyb|Cardyb|Iframely|Embedly/i,
  ],
  [
    'preview',
    /vkShare|Viber\/?\S*|Snapchat\b.*Preview|BitlyBot|^Tumblr\/|Outbrain|Flipboard(?:Proxy|RSS)|HatenaBookmark/i,
  ],
  ['preview', /(?:url|link|site|page|snap)[- ]?preview|preview(?:er|bot)?\//i],

  // What watches that a site is up and fast.
  [
    'monitor',
    /UptimeRobot|Pingdom|StatusCake|Better ?(?:Uptime|Stack)|Site24x7|HLB\/1|Catchpoint|DMBrowser|Datadog|NewRelic/i,
  ],
  [
    'monitor',
    /RuxitSynthetic|DynatraceSynthetic|Synthetics?\b|PTST\/|Chrome-Lighthouse|Lighthouse|Page ?Speed|GTmetrix/i,
  ],
  [
    'monitor',
    /Prometheus\/|collectd|WebMon\b|Nagios|Zabbix|\bcheck_http\b|HealthCheck|ELB-Health|kube-probe|GoogleHC/i,
  ],
  [
    'monitor',
    /GoogleProber|FastProbe|UCSBNetworkMeasurement|Ghost Inspector|Functionize|Browsershots|pageburst|\bMiniature\.io/i,
  ],
  [
    'monitor',
    /Gomez|Keynote|KTXN|AlertSite|\bRigor\b|AppDynamics|AppInsights|SpeedCurve|DebugBear|Uptrends|Checkly|HetrixTools|Freshping|NodePing/i,
  ],
  ['monitor', /uptime|monitor|pinger|watchdog|watchmouse/i],

  [
    'seo',
    /AhrefsBot|AhrefsSiteAudit|SemrushBot|SiteAuditBot|MJ12bot|DotBot|rogerbot|Screaming Frog|Sistrix|DataForSeo\w*/i,
  ],
  ['seo', /adbeat|Siteimprove|Datanyze|BuiltWith|Wappalyzer|CMSLookup|DomainScorer|ImportDomains|\bSEO|seo\b/i],
  [
    'security',
    /\bDCV\b|acme\.sectigo|gobuster|Arachni|Detectify|Nuclei|Nmap|masscan|zgrab|sqlmap|nikto|CensysInspect/i,
  ],
  [
    'security',
    /SecurityHeaders|CybaaAgent|researchscan|Cloudflare(?:Diagnostics|Observatory|-\w+)|Scamadviser\w*|abuse\.xmco|PhishBucket\w*|Sentinel\b|Exchange check|Inspici\b/i,
  ],
  [
    'security',
    /Netcraft|Qualys|Nessus|Tenable|Acunetix|Shodan|BinaryEdge|LeakIX|Expanse|Internet-Measurement|Burp|Rapid7|Sansec/i,
  ],
  ['security', /virus|malware|phish|vulnerab|securityscan|threat|exploit|fuzz(?:er|ing)\b/i],
  // Mail servers that open each link of a letter before its reader does, and those that fetch its pictures.
  [
    'mail',
    /SeznamEmailProxy|mail\.ukr\.net proxy|GoogleImageProxy|YahooMailProxy|[\w ]*\be?mail ?proxy|Proofpoint|Mimecast|Barracuda/i,
  ],
  [
    'mail',
    /Safe-?Links?\b|BingPreview.*Outlook|ms-office|MSOffice|Microsoft Office|Outlook-(?:iOS|Android)\/|urldefense/i,
  ],

  [
    'headless',
    /Headless\w*|PhantomJS|SlimerJS|CasperJS|Puppeteer|Playwright|Selenium|WebDriver|Electron-Scraper|jsdom|HtmlUnit/i,
  ],

  // Google's and other search engines' many names.
  ['preview', /Google Web Preview/i],
  [
    'crawler',
    /Googlebot(?:-\w+)?|Google-[A-Za-z][\w-]*|Mediapartners-Google|AdsBot-Google[\w-]*|APIs-Google|FeedFetcher-Google/,
  ],
  [
    'crawler',
    /GoogleOther[\w-]*|GoogleAssociationService|DuplexWeb-Google|Google Favicon|Google-?Site-?Verification|^Google$/i,
  ],
  [
    'crawler',
    /bingbot|BingPreview|adidxbot|msnbot|Yahoo! ?Slurp|Slurp|DuckDuckBot|DuckDuckGo-Favicons-Bot|YandexBot|Baiduspider/i,
  ],
  [
    'crawler',
    /\bDaum(?:oa|os)?\b|Yeti\/|Sogou \w+ spider|360Spider|Qwantify|Applebot|PetalBot|SeznamBot|Exabot|ia_archiver|Nutch\b/i,
  ],
  [
    'crawler',
    /heritrix|archive\.org|TrendsmapResolver|tracemyfile|Convertify|project_patchwatch|Dormouse|ds9 \d|Rainmeter/i,
  ],

  ['feed', /feed|\bRSS|RSS\b|podcast|Castro\b|^Overcast\/|iTMS/i],
  [
    'feed',
    /Tiny Tiny RSS|NewsBlur|Inoreader|FreshRSS|Miniflux|NetNewsWire|Newsreader|The ?Old ?Reader|Trackable\/|\bAnalyzer\b/i,
  ],

  // Libraries and tools, by the name they send when nobody sets another.
  [
    'library',
    /\bcurl\b|libcurl|Wget|HTTPie|aria2|PostmanRuntime|insomnia\/|Paw\/|Hurl\/|k6\/|ApacheBench|\bwrk\b|\bhey\/|siege\//i,
  ],
  [
    'library',
    /python|urllib|aiohttp|httpx\/|Scrapy|libwww-perl|lwp-\w+|\bPerl\b(?!a)|WWW-Mechanize|GuzzleHttp|\bPHP\/|Symfony|Zend_Http/i,
  ],
  [
    'library',
    /\bRuby\/|Faraday|Mechanize|Typhoeus|httparty|Go-http-client|okhttp|Java\/(?!Jbed)\d|Apache-?HttpClient|Jakarta Commons/i,
  ],
  [
    'library',
    /node-fetch|\bnode(?:\.js)?\/|^node$|\baxios\/|undici|superagent|\bgot\b.*sindresorhus|Deno\/|Bun\/|reqwest|hyper\/|ureq\/|isahc/i,
  ],
  [
    'library',
    /libsoup|WinHttp|Microsoft URL Control|Indy Library|HttpClient|http_request|HTTP_Request|WebZIP|HTTrack|Offline Explorer/i,
  ],

  // From here on nobody is known by name: this is what tells a bot that nobody has heard of.
  ['crawler', /crawl|spider|scrap(?:er|ing|y)|harvest|fetch(?:er|or|ing)?\b|archiver|slurp/i],
  ['crawler', /bots?(?:\b|[_\d])|bot(?=[A-Z])|\bbot|robot/i],
  // What bots do. None of these words stands in any of 23,782 published browsers once the phone's model is blanked.
  [
    'crawler',
    /check(?:er|ing|s)?\b|[Cc]heck(?=[A-Z])|\bcheck|valid(?:at|ity)|verif(?:ie|y|ica)|scan(?:n|\b|s\b)|analy[sz]|exr?act|extract|lookup|sniff|grabb|probe/i,
  ],
  [
    'crawler',
    /archiv|prerender|screen-?shot|snapshot|thumbnail|inspect(?:or|ion)?\b|audit|research|survey|census|sitemap|whois|plagiar|resolver|parser|parsing/i,
  ],
  [
    'crawler',
    /render(?:er|ing)?\b|capture|collector|metadata|favicon|opengraph|unfurl|oembed|diagnostic|observatory|measurement|synthetic|benchmark/i,
  ],
  [
    'crawler',
    /index(?:er|ing)\b|qualify|\w+-assess|improve\b|patchwatch|securityheaders|copyright|translator|\bllm\b|\bgpt/i,
  ],
  // The same for words that apps which open pages on a phone have in their names as well.
  [
    'crawler',
    /(?:news|e-?mail|shop|price|coupon|image|page|\burl|link-?(?:check|walk|test|parser)|content|share|social|card\b|data\b|domain|finder|discovery|download|mirror|alert|health|backup|cache|notif|bookmark|certificate|webhook|zapier|brand|summar|xml|opml|perf(?:ormance)?\b|stress|accessib|library|university|intelligence|insight|metric|radar|cloud(?!_)|tester|testing(?!device)|testlab)/i,
    null,
    /Android|iPhone|iPad|iPod|Tizen|Web0S|Mobile/,
  ],
  ['crawler', /\b[A-Z]\w*Agent(?![\w/]*\/[\d.]+ +X)\b/],
  ['crawler', /\b\w+-(?:User|Agent|Fetch|Search|Assistant)\/\d/],
  // Somebody to complain to: an address in the string. No browser has one.
  [
    'crawler',
    /(?:\+|\b)https?:\/\/(?:www\.)?[\w.-]+|\bwww\.[\w-]+\.\w+|[\w.+-] ?(?:@|\(at\)|; ?at;) ?[\w-]+\.[a-z]{2,}|\b[\w-]+\.(?:com|org|net|io|ai|dev|co|edu)\/[a-z]|\bby [\w-]+\.(?:com|org|net|io|ai)\b/i,
  ],
  // Said where a browser says nothing: behind "like Gecko" inside its brackets, or "compatible" behind the browser.
  ['crawler', /(?<=\(KHTML, ?like Gecko; ?(?:compatible; ?)?)[^;)]+/i],
  ['crawler', /(?<=(?<!^Mozilla\/\d\.\d\+? ?)[(;] ?compatible;? )(?!MSIE|Linux|U;|ANT|Konq)[\w.-]+/i],
  // A browser on a desktop ends its sentence with "Safari/537.36", or with name and version of what is built on it.
  [
    'crawler',
    /(?<=^Mozilla\/5\.0 \((?:Windows NT|Macintosh|X11)[^()]*\) AppleWebKit\/[\d.]+ ?\(KHTML, like Gecko\) (?:Chrome|Version)\/[\d.]+ Safari\/[\d.]+[;,]? )(?:(?!LBBROWSER|MRCHROME|VR$|SE 2|Edition|TV|Odin|FVC|SmartTV)[A-Z][A-Za-z]+(?=$| [A-Z][a-z]+$)|\((?!Edition)[^)]+)/,
  ],
  // So does Chrome on a phone; what an app adds is behind "wv" or "Version/4.0".
  [
    'crawler',
    /(?<=Linux;.*\(KHTML, like Gecko\) Chrome\/[\d.]+ (?:Mobile )?Safari\/[\d.]+;? \(?)[A-Z][A-Za-z]+(?=\)?$)/,
    null,
    /; wv|Version\/4|TV|FBA|Browser/,
  ],
  ['crawler', /(?<=^Mozilla\/5\.0 \((?:Windows NT|Macintosh|X11)[^()]*rv:11\.0; )[A-Z][\w-]+(?=\) like Gecko)/],
  ['crawler', /(?<=^Mozilla\/5\.0 \((?:Windows NT|Macintosh|X11)[^()]*\) )[\w.-]+(?:\/\S+)?(?= AppleWebKit)/],
  // Parts of the sentence that are missing.
  ['crawler', /^Mozilla\/\d\.\d$|^Mozilla\/5\.0(?:\+|,| AppleWebKit| Gecko| Chrome| Safari)/],
  [
    'crawler',
    /^Mozilla\/5\.0 \((?:Windows NT|Macintosh|X11)[^()]*\) AppleWebKit\/[\d.]+ (?:Chrome|\(KHTML, like Gecko\) Chrome\/[\d.]+$)/,
  ],
  // Systems and versions that do not go together, or are none.
  [
    'crawler',
    /\(X11; Windows|\(Unknown; Linux x86|\bMSIE or |\(X11; (?!U;|I;|N;|Linux|GNU|CrOS|Ubuntu|Fedora|Debian|Arch|Wayland|\w*BSD|DragonFly|SunOS|OpenSolaris|Solaris|IRIX|HP-UX|AIX|OSF1|QNX|Haiku|Windows|[a-z])[A-Z]\w*;/,
  ],
  [
    'crawler',
    /^Mozilla\/5\.0 \((?:Windows NT|Macintosh|X11)[^()]*\) AppleWebKit\/[\d.]+ ?\(KHTML, like Gecko\) Chrome\/\d+ Safari|Chrome\/(?:[3-9]\d\d|\d{4,})\.|Firefox\/(?:[3-9]\d\d|\d{4,})\./,
  ],
  // "Mozilla" without any engine or any machine it could run on.
  [
    'crawler',
    /^Mozilla\/\d(?:\.\d+)?(?![\d.])(?!.*(?:WebKit|Gecko|Trident|MSIE|Presto|KHTML|Opera|NetFront|Konqueror|Linux|Android|Windows|Mac|X11|BREW|Palm|iPad|iPhone|SMART-?TV|PlayStation|Nintendo|Amiga|MIDP|\[[a-z-]{2,5}\]|BSD|SunOS|OS\/2|browser|BeOS|\bDOS\b|RISC|Symbian|Nokia|WebTV|BlackBerry|Series ?\d0|HbbTV|Servo))[\s(+]*/i,
  ],
  // "compatible" and no browser of the time when browsers were compatible.
  [
    'crawler',
    /^Mozilla\/\d\.\d+ \(compatible;? ?(?!.*(?:MSIE|Konqueror|Windows|Macintosh|Linux|X11|Android|Symbian|AppleWebKit|Opera|Trident|iPhone|Nintendo|WebTV|Nitro|Mac_|AmigaOS|OmniWeb|iCab|BlackBerry|Brew|Polaris))[^)]*\)/i,
  ],
  // A program on a desktop that is built on no engine of a browser.
  [
    'unknown',
    /^(?!Mozilla|Opera|UCWEB|Safari|HbbTV|OPR)[^(]*\((?:Windows NT|Windows;|Macintosh|X11|Linux x86_64|Linux;? ?x86_64|Mac OS X)(?!.*(?:WebKit|Gecko|KHTML|Trident|MSIE|Presto|CFNetwork))/i,
  ],
];

/** How browsers and apps in the hands of people begin, or what they name somewhere. */
export const looksLikeBrowser =
  /^(?:Mozilla\/\d|Opera|Dalvik\/|UCWEB|Safari|TV ?Bro|MQQBrowser|Huawei|OPR|Links|ELinks|Lynx|w3m|NetSurf|Dillo)|Android|Linux; U;|MIDP|CLDC|Profile\/|Browser(?!s)|WebKit|Gecko\/|Mosaic|HbbTV|CFNetwork|Symbian|Series ?\d0|BlackBerry|Windows NT|Macintosh|Mac OS X|iPhone|SmartTV|WAP|J2ME|Obigo|NetFront|Teleca|Polaris|Opera Mobi|Nintendo|iPod|Xiino|DoCoMo|KDDI|Roku|BrightSign|Voyager|OmniWeb|Sleipnir|AmigaVoyager|nook|Client\/|Mobile/i;
