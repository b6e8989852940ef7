/** What leaves this server, to whom, and when. The document and the page both show this list. */
export const leaves: readonly { what: string; to: string; when: string }[] = [
  {
    what: 'Texts, pictures and times of your posts, and your answers to people',
    to: 'The platforms you connected, each by its own API',
    when: 'When a post goes out, or you answer',
  },
  {
    what: 'The address of each subscriber, and the letter',
    to: 'Your mail server',
    when: 'When a letter, a confirmation, a report or an alert is sent',
  },
  {
    what: 'Questions with the classes of data you allow (people and customers are off until you allow them)',
    to: 'The model’s provider you chose, or nobody',
    when: 'When something is analysed or drafted with a model',
  },
  {
    what: 'A key, and ids of payments',
    to: 'Your payment provider',
    when: 'When its records are read; nothing about your visitors is sent there',
  },
  {
    what: 'Sentences of alerts, with a link to this server',
    to: 'The chat services and webhooks you set as targets',
    when: 'When an alert is raised',
  },
  {
    what: 'Notes of what happened, with ids',
    to: 'The receivers of your webhooks',
    when: 'When something happens that they asked for',
  },
  {
    what: 'Requests for public pages, feeds and exchange rates, with this server’s address',
    to: 'The sites that are read',
    when: 'When your app, its competitors or a feed is read',
  },
];

/** How the tracker works in each tier. */
export const tiers = {
  anonymous: {
    title: 'Without consent',
    words:
      'No cookie, and nothing is stored in the browser. A visitor is a hash of network address, browser and app with a salt that is new each day and forgotten after two; the address itself is not stored. Nobody is known again the next day.',
  },
  consented: {
    title: 'With consent',
    words:
      'Once a visitor has agreed, an id is kept in their browser and they are known again on another day. When they take it back, the id is removed there. Visitors who have not agreed are counted without consent, as above.',
  },
} as const;
