import type { BotKind } from './agent.ts';

/**
 * The patterns by which a bot is told from a person, written for this program (2026-11) and tuned on published lists of
 * user agents. No other project's patterns were copied.
 *
 * Three ideas carry most of it: bots say so ("bot", "crawler", "monitor"), bots leave an address to complain to, and
 * no browser starts other than the ones in `looksLikeBrowser`.
 */

/**
 * Blanked before the rules are tried: the phone's model, which may be called CUBOT, Spider 8 or Sentinel X, what a
 * television or an old browser says that contains a bot's word, and apps that open links in themselves.
 */
export const humanExceptions =
  /\bAndroid[ /]?[\d.]*;(?: U;)?(?: [a-z]{2}[-_][a-zA-Z]{2};)?[^;)]*|\bHbbTV\/[^()]*\([^)]*\)|\bMobile\/\w+ \[?(?:Pinterest|Flipboard|Feedly|Overcast|Tumblr|Snapchat|WhatsApp)\/[^ ]*|\bCUBOT\b[^;)]*|\bCaboto\b|https?:\/\/(?:www\.)?bsalsa\.com|\bHTTPS? PGDL\b|HTTP PGDL;HTTPS/gi;

/** In order: the first that matches names kind and bot. Without a name of its own it is the token that matched. */
export const botRules: readonly [kind: BotKind, pattern: RegExp, name?: string][] = [
  // Models and assistants, by their operators' own pages.
  ['ai', /GPTBot|OAI-SearchBot|OAI-AdsBot|ChatGPT-User|ChatGPT Agent|Operator\/\d/],
  ['ai', /ClaudeBot|Claude-(?:User|SearchBot|Web)|anthropic-ai/i],
  ['ai', /PerplexityBot|Perplexity-User|MistralAI-User|cohere-(?:ai|training)|YouBot|PhindBot/i],
  ['ai', /Google-(?:Extended|NotebookLM|Agent)|GoogleAgent|Gemini-Deep-Research|DeepSeekBot|Grok(?:Bot|-\w+)/i],
  ['ai', /Bytespider|TikTokSpider|CCBot|Diffbot|AI2Bot|Ai2Bot|PanguBot|Timpibot|ImagesiftBot|omgili|webzio/i],
  [
    'ai',
    /Meta-ExternalAgent|Meta-ExternalFetcher|FacebookBot|Amazonbot|Amzn-\w+|Applebot-Extended|Manus-User|NovaAct/i,
  ],

  // A link somebody shared is read for its preview.
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
    /SecurityHeaders|CybaaAgent|researchscan|Cloudflare(?:Diagnostics|Observatory|-\w+)|Scamadviser\w*|abuse\.xmco|Barracuda|PhishBucket\w*|Sentinel\b|Exchange check|Inspici\b/i,
  ],
  ['security', /virus|malware|phish|vulnerab|securityscan/i],

  [
    'headless',
    /Headless\w*|PhantomJS|SlimerJS|CasperJS|Puppeteer|Playwright|Selenium|WebDriver|Electron-Scraper|jsdom|HtmlUnit/i,
  ],

  // Google's and other search engines' many names.
  ['preview', /Google Web Preview|SeznamEmailProxy|mail\.ukr\.net proxy|GoogleImageProxy|YahooMailProxy/i],
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

  // Words that only bots use of themselves, in any compound.
  ['crawler', /crawl|spider|scrap(?:er|ing|y)|harvest|fetch(?:er|or)?\b|archiver/i],
  ['crawler', /bot(?:\b|[_\d])|\bbot/i],
  [
    'unknown',
    /checker|validator|verif(?:ier|y)|scanner|\bscan\b|analy[sz]er|exr?actor|extractor|indexer|parser|resolver|lookup|sniffer|grabber|probe\b/i,
  ],

  // Somebody to complain to: an address in the string. No browser has one.
  ['unknown', /(?:\+|\b)https?:\/\/(?:www\.)?[\w.-]+|\bwww\.[\w-]+\.\w+|[\w.+-] ?(?:@|\(at\)) ?[\w-]+\.[a-z]{2,}/i],
  // "compatible" and no browser of the time when browsers were compatible.
  [
    'unknown',
    /^Mozilla\/\d\.\d+ \(compatible;? ?(?!.*(?:MSIE|Konqueror|Windows|Macintosh|Linux|X11|Android|Symbian|AppleWebKit|Opera|Trident|iPhone|Nintendo|WebTV|Nitro|Mac_|AmigaOS|OmniWeb|iCab|BlackBerry))[^)]*\)/i,
  ],
];

/** How browsers and apps in the hands of people begin, or what they name somewhere. */
export const looksLikeBrowser =
  /^(?:Mozilla\/\d|Opera|Dalvik\/|UCWEB|Safari|TV ?Bro|MQQBrowser|Huawei|OPR|Links|ELinks|Lynx|w3m|NetSurf|Dillo)|Android|Linux; U;|MIDP|CLDC|Profile\/|Browser|WebKit|Gecko\/|Mosaic|HbbTV|CFNetwork|Symbian|Series ?\d0|BlackBerry|Windows NT|Macintosh|Mac OS X|iPhone|SmartTV|WAP|J2ME|Obigo|NetFront|Teleca|Polaris|Opera Mobi|Nintendo|iPod|Xiino|DoCoMo|KDDI|Roku|BrightSign|Voyager|OmniWeb|Sleipnir|AmigaVoyager|nook|Client\/|Mobile/i;
