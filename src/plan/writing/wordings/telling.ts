import { ASK, BLOG_COST, COST, MAKER, type Wordings } from './words.ts';

/** Launches, features, what customers say, behind the scenes. */
export const telling: Wordings = {
  'Plain launch': {
    newsletter: [
      '{{app}} is live',
      'Hello,\n\n{{app}} is live, and you hear it first.\n\n{{value_proposition}}\n\nWhere I would begin: {{feature_short}}.\n\n{{price}}\n\nHave a look: {{link}}',
    ],
    linkedin:
      '{{app}} is live.\n\n{{pain}}\nThat is the problem I set out to solve.\n\n{{value_proposition}}\n\nThe part I would try first: {{feature_short}}.\n\nIf you know somebody who has this problem, a word to them would help me most.\n\n{{link}}',
    reddit: [
      'I made {{app}} and would like your criticism',
      `${MAKER}\n\n{{value_proposition}}\n\nThe part I would try first: {{feature_short}}.\n\n${COST}\n\nWhat would keep you from using it? I answer everything here.\n\n{{link}}`,
    ],
    blog: [
      '{{app}} is live',
      `{{value_proposition}}\n\n## Why I built it\n{{pain}}\n\n## Where to begin\nThe part I would try first: {{feature_short}}.\n\n## What else is in it\n- {{feature_2}}\n- {{feature_3}}\n\n${BLOG_COST}\n\nIf you try it, tell me what is missing: {{link}}`,
    ],
    chat: '{{app}} is open from today.\n\n{{value_proposition}}\n\nAsk anything right here.\n{{link}}',
    mastodon:
      'I have made something, and it is out: {{app}}.\n\n{{value_proposition}}\n\nThe part I would try first: {{feature_short}}.\n\nA boost helps if you know who needs it. {{link}}',
    threads:
      'It is out. {{value_proposition}}\n\nWhere I would begin: {{feature_short}}.\n\nWhat would you try first? {{link}}',
  },
  'Launch thread': {
    newsletter: [
      '{{app}} is here, and what it is for',
      'Hello.\n\n{{pain}}\n\nI built {{app}} to do something about it. {{value_proposition}}\n\nWhat is in it today:\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n{{price}}\n\nTry it: {{link}}',
    ],
    linkedin:
      '{{pain}}\n\nI built {{app}} to do something about it.\n\n{{value_proposition}}\n\nWhat is in it today:\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n{{price}}\n\nIf you try it, tell me what is missing. I read every answer.\n\n{{link}}',
    reddit: [
      'I built {{app}} to do something about this',
      `{{pain}}\n\nI built {{app}} to do something about it, so I am not neutral.\n\n{{value_proposition}}\n\nWhat is in it today:\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n${COST}\n\nWhat is missing for you?\n\n{{link}}`,
    ],
    blog: [
      'Why I built {{app}}',
      `## The problem\n{{pain}}\n\n## What I did about it\n{{value_proposition}}\n\n## What is in it today\n- {{feature}}\n- {{feature_2}}\n- {{feature_3}}\n\n${BLOG_COST}\n\nIf you try it, tell me what is missing: {{link}}`,
    ],
    chat: '{{app}} is here.\n\n{{value_proposition}}\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\nTell me in this channel what is missing: {{link}}',
  },
  'One feature, explained': {
    newsletter: [
      'In {{app}} today: {{feature_short}}',
      'Hello,\n\none thing in this letter: {{feature_short}}.\n\n{{feature_text}}\n\n{{pain}}\nThat is why it is there.\n\nSee it: {{link}}',
    ],
    linkedin:
      '{{feature_short}}.\n\n{{feature_text}}\n\n{{pain}}\nThat is why it is there.\n\nIt is in {{app}} today. How do you handle this now?\n\n{{link}}',
    reddit: ['How I went about this: {{feature_short}}', `${MAKER}\n\n{{feature_text}}\n\n${ASK}\n\n{{link}}`],
    blog: [
      '{{feature_short}} in {{app}}',
      '{{feature_text}}\n\n## Why it is there\n{{pain}}\n\n## What goes with it\n- {{feature_2}}\n- {{feature_3}}\n\nIt is in {{app}} today: {{link}}',
    ],
    chat: 'In {{app}} today: {{feature_short}}.\n{{feature_text}}\n\nTell me here if it does not do what you expect. {{link}}',
    mastodon: '{{feature_short}}.\n\n{{feature_text}}\n\nIt is in {{app}}, which I make: {{link}}',
    threads: '{{feature_short}}.\n\n{{feature_text}}\n\nWould you use it? {{link}}',
  },
  'A feature worth a look': {
    newsletter: [
      'A part of {{app}} you may not know',
      'Hello,\n\nthis part of {{app}} is easy to overlook:\n\n{{feature}}\n\n{{benefit}}\n\nSee it: {{link}}',
    ],
    linkedin:
      'A part of {{app}} that is easy to overlook:\n\n{{feature}}\n\n{{benefit}}\n\nWhich small part of your own product do people find last?\n\n{{link}}',
    reddit: ['A part of {{app}} that people overlook', `${MAKER}\n\n{{feature}}\n\n${ASK}\n\n{{link}}`],
    blog: [
      'A part of {{app}} that is easy to overlook',
      '{{feature}}\n\n## What it is good for\n{{pain}}\n\n## What you get out of it\n{{benefit}}\n\nHave a look: {{link}}',
    ],
    chat: 'Easy to overlook in {{app}}: {{feature}}\n\n{{link}}',
    threads: 'Easy to overlook in {{app}}:\n\n{{feature}}\n\nDid you know it was there? {{link}}',
  },
  'Three features': {
    newsletter: [
      'Three parts of {{app}} worth knowing',
      'Hello,\n\nthree parts of {{app}} I would show you over a coffee:\n\n1. {{feature}}\n2. {{feature_2}}\n3. {{feature_3}}\n\nSee them: {{link}}',
    ],
    linkedin:
      'Three parts of {{app}} I would show you over a coffee.\n\n1. {{feature}}\n2. {{feature_2}}\n3. {{feature_3}}\n\nWhich one would you ask about first?\n\n{{link}}',
    reddit: [
      'Three parts of {{app}} I would like criticism on',
      `${MAKER}\n\n1. {{feature}}\n2. {{feature_2}}\n3. {{feature_3}}\n\n${ASK}\n\n{{link}}`,
    ],
    blog: [
      'Three parts of {{app}}',
      '{{value_proposition}}\n\n## First\n{{feature}}\n\n## Second\n{{feature_2}}\n\n## Third\n{{feature_3}}\n\nAll three are in {{app}} today: {{link}}',
    ],
    chat: 'Three parts of {{app}} worth knowing:\n\n- {{feature}}\n- {{feature_2}}\n- {{feature_3}}\n\n{{link}}',
  },
  'In their words': {
    newsletter: [
      'What {{testimonial_author}} says about {{app}}',
      'Hello,\n\nsomebody else has the word today.\n\n“{{testimonial_words}}”\n{{testimonial_author}}\n\n{{value_proposition}}\n\nSee for yourself: {{link}}',
    ],
    linkedin:
      '“{{testimonial_words}}”\n\nThat is what {{testimonial_author}} says about {{app}}. I could not put it better.\n\n{{value_proposition}}\n\n{{link}}',
    reddit: [
      'What a customer told me about {{app}}',
      `${MAKER}\n\n> {{testimonial_words}}\n\nThat is {{testimonial_author}}. If it was different for you, I would rather hear it here than not at all.\n\n{{link}}`,
    ],
    blog: [
      'What {{testimonial_author}} says about {{app}}',
      '> {{testimonial_words}}\n\n{{testimonial_author}}, about {{app}}.\n\n## What it is\n{{value_proposition}}\n\n## What it was made for\n{{pain}}\n\nSee for yourself: {{link}}',
    ],
    chat: '“{{testimonial_words}}”\n{{testimonial_author}}, about {{app}}. Thank you.\n\n{{link}}',
    mastodon:
      '“{{testimonial_words}}”\n\n{{testimonial_author}}, about {{app}}, which I make. Thank you for that.\n\n{{link}}',
  },
  'Quote and price': {
    newsletter: [
      '{{testimonial_author}} on {{app}}',
      'Hello,\n\nsomebody else has the word today.\n\n“{{testimonial_words}}”\n{{testimonial_author}}\n\n{{price}}\n\nSee for yourself: {{link}}',
    ],
    linkedin:
      '{{testimonial_author}} on {{app}}:\n\n“{{testimonial_words}}”\n\n{{value_proposition}}\n\n{{price}}\n\n{{link}}',
    reddit: [
      'What {{testimonial_author}} says about {{app}}, and what it costs',
      `${MAKER}\n\n> {{testimonial_words}}\n\n{{price}}\n\nDoes the price fit what you would expect?\n\n{{link}}`,
    ],
    blog: [
      '{{testimonial_author}} on {{app}}',
      `> {{testimonial_words}}\n\n## What it is\n{{value_proposition}}\n\n${BLOG_COST}\n\nSee for yourself: {{link}}`,
    ],
    chat: '{{testimonial_author}} on {{app}}: “{{testimonial_words}}”\n\n{{price}}\n{{link}}',
  },
  'Why it exists': {
    newsletter: [
      'Why I work on {{app}}',
      'Hello,\n\na letter without news, about why I work on {{app}}.\n\n{{pain}}\n\nI look at every new idea and ask whether it helps with that.\n\n{{value_proposition}}\n\nMore about it: {{link}}',
    ],
    linkedin:
      'Why I work on {{app}}:\n\n{{pain}}\n\nI look at every new idea and ask whether it helps with that.\n\n{{value_proposition}}\n\nWhat is the question you hold your own ideas against?\n\n{{link}}',
    reddit: [
      'The question I hold every idea for {{app}} against',
      `${MAKER}\n\n{{pain}}\n\nI look at every new idea and ask whether it helps with that.\n\nHow do you decide what stays out?\n\n{{link}}`,
    ],
    blog: [
      'Why I work on {{app}}',
      '{{pain}}\n\nI look at every new idea and ask whether it helps with that.\n\n## What came of it\n{{value_proposition}}\n\n- {{feature}}\n- {{feature_2}}\n\nHave a look: {{link}}',
    ],
    chat: 'Why I work on {{app}}: {{pain}}\n\nIf something you miss here helps with that, tell me. {{link}}',
    threads: 'Why I work on {{app}}:\n\n{{pain}}\n\nDo you know it, too? {{link}}',
  },
  'How it started': {
    newsletter: [
      'How {{app}} started',
      'Hello,\n\na letter about how {{app}} started.\n\n{{story}}\n\nThat is still the test for every change: does it help with exactly this?\n\nMore about it: {{link}}',
    ],
    linkedin:
      '{{story}}\n\nThat is still the test for every change to {{app}}: does it help with exactly this?\n\n{{value_proposition}}\n\nHow did yours start?\n\n{{link}}',
    reddit: [
      'How {{app}} started',
      `${MAKER}\n\n{{story}}\n\nThat is still the test for every change.\n\n${ASK}\n\n{{link}}`,
    ],
    blog: [
      'How {{app}} started',
      '{{story}}\n\nThat is still the test for every change to {{app}}: does it help with exactly this?\n\n## What came of it\n{{value_proposition}}\n\nHave a look: {{link}}',
    ],
    chat: 'How {{app}} started: {{story}}\n\n{{link}}',
  },
  'A decision': {
    newsletter: [
      'A decision about {{app}} I would make again',
      'Hello,\n\na decision about {{app}} I would make again:\n\n{{selling_point}}\n\nWould you have decided the same?\n\nMore about it: {{link}}',
    ],
    linkedin:
      'A decision about {{app}} I would make again:\n\n{{selling_point}}\n\nIt had its price, as every decision has. Would you have decided the same?\n\n{{link}}',
    reddit: [
      'A decision about {{app}} I would make again. Would you?',
      `${MAKER}\n\n{{selling_point}}\n\nWould you have decided the same? I am after the arguments against it.\n\n{{link}}`,
    ],
    blog: [
      'A decision about {{app}} I would make again',
      '{{selling_point}}\n\n## What it is for\n{{value_proposition}}\n\nWould you have decided the same? {{link}}',
    ],
    chat: 'A decision about {{app}} I would make again: {{selling_point}}\n\nWould you? {{link}}',
    mastodon:
      'A decision about {{app}}, which I make, that I stand by:\n\n{{selling_point}}\n\nWould you have decided the same?\n\n{{link}}',
  },
};
