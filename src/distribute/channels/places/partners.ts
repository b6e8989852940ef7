import { BUSINESS, type Place, SOFTWARE } from './place.ts';

export const partners: Place[] = [
  {
    id: 'own-affiliates',
    name: 'Your own affiliates',
    kind: 'affiliate',
    url: null,
    fits: 'all',
    customs: [
      'Ask customers who already recommend you first. 20 to 30% for a year is usual for subscriptions.',
      'Affiliates have to say that they earn from it; say so in what you agree.',
    ],
    limits: ['Fanfare keeps codes, links and commissions; the money is sent by you.'],
    next: 'Offer it to the three customers who recommended you most.',
    sources: [
      {
        url: 'https://www.ftc.gov/business-guidance/resources/ftcs-endorsement-guides-what-people-are-asking',
        seen: null,
      },
    ],
  },
  {
    id: 'partnerstack',
    name: 'PartnerStack',
    kind: 'affiliate',
    url: 'https://partnerstack.com',
    fits: BUSINESS,
    customs: ['A network of people who sell software to companies. They choose programmes that already convert.'],
    limits: ['A monthly price, sold by talk; worth it beyond some dozens of partners.'],
    next: 'First show with affiliates of your own that it pays.',
    sources: [{ url: 'https://partnerstack.com', seen: null }],
  },
  {
    id: 'integration-partners',
    name: 'Products beside yours',
    kind: 'partnership',
    url: null,
    fits: BUSINESS,
    customs: [
      'Build the integration, then offer both sides a page, a letter and a help article. A small product beside yours answers sooner than a large one.',
    ],
    limits: ['Two such things a quarter are much for one person.'],
    next: 'Ask ten customers what they use before and after your app.',
    launch: [
      {
        days: -14,
        do: 'Ask two products beside yours to mention {app}',
        instructions: 'With a text and a picture ready to use, and what you will do for them.',
      },
    ],
    sources: [{ url: 'https://www.paulgraham.com/ds.html', seen: null }],
  },
  {
    id: 'podcast-guest',
    name: 'Guest on podcasts',
    kind: 'partnership',
    url: 'https://podcastindex.org',
    hosts: [],
    fits: 'all',
    customs: [
      'Offer the host a story for their listeners, with three questions. A tracked link that can be said aloud works: a short code, no dashes.',
    ],
    limits: ['Recorded weeks before it is heard.'],
    next: 'List five podcasts of 500 to 5,000 listeners on your subject.',
    launch: [
      {
        days: -28,
        do: 'Offer yourself to three podcasts',
        instructions: 'They record weeks ahead. Make a link with a code that can be said aloud for each.',
      },
    ],
    sources: [{ url: 'https://podcastindex.org', seen: null }],
  },
  {
    id: 'journalists',
    name: 'Journalists of your field',
    kind: 'press',
    url: 'https://muckrack.com',
    hosts: [],
    fits: 'all',
    customs: [
      'Write to one person about what they covered last month. News is what happened or a number, not that you exist.',
      'No attachment; a page with pictures and facts instead.',
    ],
    limits: ['Agree on an embargo before sending, not by sending.'],
    next: 'Make a press page: one paragraph, five pictures, your name and address.',
    launch: [
      {
        days: -10,
        do: 'Write to five journalists about {app}',
        instructions: 'Each by name, on what they covered, with the date and a press page.',
      },
    ],
    sources: [{ url: 'https://muckrack.com/blog', seen: null }],
  },
  {
    id: 'changelog-news',
    name: 'Changelog News',
    kind: 'press',
    url: 'https://changelog.com/news',
    submitUrl: 'https://changelog.com/news/submit',
    fits: ['developer_tools'],
    customs: ['For software developers, mostly open source. Say what is interesting about it for others who build.'],
    limits: ['No fee; people choose.'],
    next: 'Submit the technical article, not the landing page.',
    sources: [{ url: 'https://changelog.com/news/submit', seen: null }],
  },
  {
    id: 'console-dev',
    name: 'Console',
    kind: 'press',
    url: 'https://console.dev',
    fits: ['developer_tools'],
    customs: [
      'A weekly letter with two or three tools for experienced developers, reviewed by its editors with what they like and dislike.',
    ],
    limits: ['No paid listings in the reviews; a tool must be usable by oneself.'],
    next: 'Check their selection criteria, then write two plain sentences.',
    sources: [{ url: 'https://console.dev/selection-criteria', seen: null }],
  },
  {
    id: 'google-search',
    name: 'Google Search',
    kind: 'search',
    url: 'https://search.google.com/search-console',
    hosts: ['google.com', 'google.de', 'google.co.uk', 'google.fr', 'google.ca', 'google.com.au', 'google.co.in'],
    fits: 'all',
    customs: [
      'One page for each job people search for, with an answer in the first paragraph. Pages made for search engines alone are not shown.',
    ],
    limits: [
      'Months until a new site is found for anything but its name.',
      'Titles are cut at about 60 characters, descriptions at about 155.',
    ],
    next: 'Verify the site in Search Console and send in the sitemap.',
    launch: [
      {
        days: -21,
        do: 'Let Google know the site',
        instructions: 'Verify it in Search Console, send in the sitemap, and ask for the start page to be indexed.',
      },
    ],
    sources: [{ url: 'https://developers.google.com/search/docs/essentials', seen: null }],
  },
  {
    id: 'bing',
    name: 'Bing',
    kind: 'search',
    url: 'https://www.bing.com/webmasters',
    hosts: ['bing.com', 'duckduckgo.com', 'ecosia.org'],
    fits: 'all',
    customs: [
      'DuckDuckGo, Ecosia and several assistants read from Bing. The site can be brought over from Search Console in a minute.',
    ],
    limits: ['With IndexNow new pages are told to Bing at once; up to 10,000 addresses a call.'],
    next: 'Bring the site over from Search Console and switch on IndexNow.',
    launch: [
      {
        days: -21,
        do: 'Let Bing know the site',
        instructions: 'Bring it over from Search Console. DuckDuckGo and others read from it.',
      },
    ],
    sources: [{ url: 'https://www.indexnow.org/documentation', seen: null }],
  },
  {
    id: 'comparison-pages',
    name: 'Comparison pages on your site',
    kind: 'search',
    url: null,
    fits: SOFTWARE,
    customs: [
      '“X or Y” is searched by people about to decide. Say truthfully where the other one is better; readers notice when you do not.',
    ],
    limits: ['One page for each competitor that is really searched for.'],
    next: 'Write the page for the competitor customers name most.',
    sources: [
      { url: 'https://developers.google.com/search/docs/specialty/ecommerce/write-high-quality-reviews', seen: null },
    ],
  },
];
