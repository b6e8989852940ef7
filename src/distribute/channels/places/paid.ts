import { BUSINESS, DEVELOPERS, MOBILE, type Place, SEEN } from './place.ts';

export const paid: Place[] = [
  {
    id: 'google-ads',
    name: 'Google Ads',
    kind: 'ads',
    url: 'https://ads.google.com',
    hosts: [],
    fits: 'all',
    customs: [
      'Begin with exact words that say somebody wants to buy. The default settings spread the budget over the display network; switch that off.',
    ],
    limits: [
      'Responsive search ads: 3 to 15 headlines of 30 characters, 2 to 4 descriptions of 90.',
      'No minimum; you set a daily budget.',
    ],
    next: 'Write down what a signup is worth before the first click is paid.',
    sources: [
      { url: 'https://developers.google.com/google-ads/api/docs/responsive-search-ads/overview', seen: SEEN },
      { url: 'https://support.google.com/google-ads/answer/7684791', seen: null },
    ],
  },
  {
    id: 'microsoft-ads',
    name: 'Microsoft Advertising',
    kind: 'ads',
    url: 'https://ads.microsoft.com',
    hosts: [],
    fits: BUSINESS,
    customs: [
      'Campaigns can be brought over from Google; clicks are often cheaper, and readers sit at office computers.',
    ],
    limits: ['Responsive search ads: 3 to 15 headlines, 2 to 4 descriptions.'],
    next: 'Bring over the one Google campaign that pays.',
    sources: [
      {
        url: 'https://learn.microsoft.com/en-us/advertising/campaign-management-service/responsivesearchad',
        seen: SEEN,
      },
    ],
  },
  {
    id: 'reddit-ads',
    name: 'Reddit Ads',
    kind: 'ads',
    url: 'https://ads.reddit.com',
    hosts: [],
    fits: 'all',
    customs: [
      'Aim at single communities; an advert that reads like a post of theirs, with comments open and answered, does best.',
    ],
    limits: ['Headline 300 characters.', 'A small daily minimum.'],
    next: 'Choose three communities and spend the same small sum in each.',
    sources: [{ url: 'https://business.reddithelp.com', seen: null }],
  },
  {
    id: 'ethicalads',
    name: 'EthicalAds',
    kind: 'ads',
    url: 'https://www.ethicalads.io',
    hosts: ['ethicalads.io'],
    fits: ['developer_tools'],
    customs: ['Text and one small picture beside documentation, without tracking. Readers are developers at work.'],
    limits: ['Sold with a minimum for each campaign; ask them.'],
    next: 'Write one line a developer would click out of need.',
    sources: [{ url: 'https://www.ethicalads.io/advertisers/', seen: null }],
  },
  {
    id: 'apple-search-ads',
    name: 'Apple Search Ads',
    kind: 'ads',
    url: 'https://searchads.apple.com',
    hosts: [],
    fits: MOBILE,
    customs: [
      'Your own name first: it is cheap and keeps others off. Then names of the job, each as an exact keyword.',
    ],
    limits: ['You set the highest price for a tap and a daily budget.'],
    next: 'Bid on your own name.',
    sources: [{ url: 'https://ads.apple.com/app-store/help', seen: null }],
  },
  {
    id: 'own-newsletter',
    name: 'Your own newsletter',
    kind: 'email',
    url: null,
    platform: 'newsletter',
    fits: 'all',
    customs: [
      'Only to people who confirmed that they want it. One subject a letter, from a person, with one link.',
      'Bought lists ruin the sender’s name for years.',
    ],
    limits: [
      'Large senders need one-click unsubscribe, SPF, DKIM and DMARC; Gmail and Yahoo ask for complaints below 0.3%.',
    ],
    next: 'Put a sign-up on the page with a reason to give an address.',
    launch: [
      {
        days: -3,
        do: 'Write the launch letter',
        instructions: 'Short, from you, one link. For the people who left their address and for those who tested.',
        makes: 'draft',
        title: '{app} is here',
        words: [
          'Hello,\n\nyou asked to hear of {app}. It is ready: {tagline}.\n\n[One sentence on what they can do with it today.]\n\n{{link}}\n\nAnswer this letter and tell me what you hoped for; I read every answer.',
        ],
      },
      {
        days: 0,
        do: 'Send the launch letter',
        instructions: 'To the people who asked to hear of it, in the morning of where most of them live.',
      },
    ],
    sources: [{ url: 'https://support.google.com/mail/answer/81126', seen: null }],
  },
  {
    id: 'newsletter-sponsorship',
    name: 'A spot in somebody’s newsletter',
    kind: 'email',
    url: 'https://tldr.tech',
    submitUrl: 'https://advertise.tldr.tech',
    hosts: [],
    fits: [...DEVELOPERS, 'marketing_tools', 'productivity'],
    customs: [
      'Small newsletters of one subject bring more signups for the money than large general ones. Ask for clicks of the last five spots, not for subscribers.',
    ],
    limits: ['Sold weeks ahead.'],
    next: 'Ask three newsletters your customers read for their numbers and price.',
    sources: [{ url: 'https://advertise.tldr.tech', seen: null }],
  },
  {
    id: 'customer-mails',
    name: 'Mails to people who signed up',
    kind: 'email',
    url: null,
    fits: 'all',
    customs: [
      'Three mails in the first week: how to get the first result, the question “what did you hope for”, and a reminder before the trial ends. Answer every reply yourself.',
    ],
    limits: ['Mails about using the product are no advertising; everything else needs consent in many countries.'],
    next: 'Write the first of the three: one step, one link.',
    sources: [
      { url: 'https://www.ftc.gov/business-guidance/resources/can-spam-act-compliance-guide-business', seen: null },
    ],
  },
];
