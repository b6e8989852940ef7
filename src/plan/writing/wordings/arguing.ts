import { ASK, BLOG_COST, MAKER, type Wordings } from './words.ts';

/** Teaching, prices, questions, numbers, problems, comparisons. */
export const arguing: Wordings = {
  'What to look for': {
    newsletter: [
      'What to ask before you choose',
      'Hello,\n\nif you compare tools like {{app}}, ask each of them about one thing: {{feature_name}}.\n\nOur answer: {{feature_text}}\n\nMore answers: {{link}}',
    ],
    linkedin:
      'Comparing tools like {{app}}? Ask each of them about one thing: {{feature_name}}.\n\nOur answer: {{feature_text}}\n\n{{pain}}\nThat is why the question is worth asking.\n\nWhat do you ask first?\n\n{{link}}',
    reddit: [
      'What do you ask before you choose a tool like {{app}}?',
      `${MAKER}\n\nThe one thing I would ask each of them about: {{feature_name}}.\n\nOur answer: {{feature_text}}\n\nWhat is your first question?\n\n{{link}}`,
    ],
    blog: [
      'What to ask before you choose a tool like {{app}}',
      '## Ask each of them about one thing\nIt is this: {{feature_name}}.\n\n## Our answer\n{{feature_text}}\n\n## Why it matters\n{{pain}}\n\n## What else to look at\n- {{feature_2}}\n- {{feature_3}}\n\nOur answers are here: {{link}}',
    ],
    chat: 'Asked often: {{feature_name}}.\n{{feature_text}}\n\n{{link}}',
  },
  'Problem and three answers': {
    newsletter: [
      'Three things that help',
      'Hello.\n\n{{pain}}\n\nThree things that help:\n\n1. {{feature}}\n2. {{feature_2}}\n3. {{feature_3}}\n\nAll three are in {{app}}: {{link}}',
    ],
    linkedin:
      '{{pain}}\n\nThree things that help:\n\n1. {{feature}}\n2. {{feature_2}}\n3. {{feature_3}}\n\nAll three are in {{app}}. What helps you?\n\n{{link}}',
    reddit: [
      'Three things that help with this',
      `{{pain}}\n\nThree things that help:\n\n1. {{feature}}\n2. {{feature_2}}\n3. {{feature_3}}\n\nAll three are in {{app}}, which I make. What helps you?\n\n{{link}}`,
    ],
    blog: [
      'Three things that help when this happens',
      '{{pain}}\n\n## One\n{{feature}}\n\n## Two\n{{feature_2}}\n\n## Three\n{{feature_3}}\n\nAll three are in {{app}}: {{link}}',
    ],
    chat: '{{pain}} Three things that help:\n\n- {{feature}}\n- {{feature_2}}\n- {{feature_3}}\n\n{{link}}',
  },
  'Price first': {
    newsletter: [
      'What {{app}} costs',
      'Hello,\n\ntoday about the price.\n\n{{price}}\n\n{{value_proposition}}\n\n{{selling_point}}\n\nTry it: {{link}}',
    ],
    linkedin:
      '{{price}}\n\n{{value_proposition}}\n\n{{selling_point}}\n\nIf you wonder whether it pays for you, ask me here.\n\n{{link}}',
    reddit: [
      'What {{app}} costs, and what you get',
      `${MAKER}\n\n{{price}}\n\n{{value_proposition}}\n\n{{selling_point}}\n\nIs that fair? Say so if it is not.\n\n{{link}}`,
    ],
    blog: [
      'What {{app}} costs, and what you get for it',
      '{{price}}\n\n## What it does\n{{value_proposition}}\n\n## What speaks for it\n{{selling_point}}\n\n## What is in it\n- {{feature}}\n- {{feature_2}}\n\nTry it: {{link}}',
    ],
    chat: '{{price}}\n{{value_proposition}}\n\nQuestions about it are welcome here. {{link}}',
    mastodon: 'What I make costs money, so here is how much. {{price}}\n\n{{value_proposition}}\n\n{{link}}',
  },
  'What you get': {
    newsletter: [
      'What is in {{app}}, and what it costs',
      'Hello,\n\nwhat you get with {{app}}:\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n{{price}}\n\nTry it: {{link}}',
    ],
    linkedin:
      'What you get with {{app}}:\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n{{price}}\n\n{{value_proposition}}\n\n{{link}}',
    reddit: [
      'What is in {{app}}, and what it costs',
      `${MAKER}\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n{{price}}\n\nWhat is missing for that price?\n\n{{link}}`,
    ],
    blog: [
      'What you get with {{app}}',
      `{{value_proposition}}\n\n## What is in it\n- {{feature}}\n- {{feature_2}}\n- {{feature_3}}\n\n${BLOG_COST}\n\nTry it: {{link}}`,
    ],
    chat: 'What is in {{app}}:\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n{{price}}\n{{link}}',
  },
  'Ask how they do it': {
    newsletter: [
      'A question for {{audience_short}}',
      'Hello,\n\nI have a question for you.\n\n{{pain}}\n\nHow do you deal with that today?\n\nMy answer is here, but I would rather hear yours: {{link}}',
    ],
    linkedin:
      'A question for {{audience_short}}.\n\n{{pain}}\n\nHow do you deal with that today?\n\nMine is {{app}}, but I would rather hear yours: {{link}}',
    reddit: [
      'How do you deal with this today?',
      `{{pain}}\n\nHow do you deal with that today? My own answer is {{app}}, which I make, but I would rather hear yours.\n\n{{link}}`,
    ],
    blog: [
      'A question for {{audience_short}}',
      '{{pain}}\n\n## How do you deal with that today?\nI would rather hear your answer than give mine.\n\n## What I came up with\n{{value_proposition}}\n\nMore about it: {{link}}',
    ],
    chat: '{{pain}}\n\nHow do you deal with that today? Tell us here. {{link}}',
    threads: '{{pain}}\n\nHow do you deal with that today? {{link}}',
  },
  'Ask what is missing': {
    newsletter: [
      'What would you change?',
      'Hello,\n\nI am deciding what to work on next in {{app}}.\n\n{{feature}}\n\nIf you could change one thing about it, what would it be?\n\nIt is here: {{link}}',
    ],
    linkedin:
      'If you could change one thing about this, what would it be?\n\n{{feature}}\n\nI am deciding what to work on next in {{app}}, and a good reason beats a loud voice.\n\n{{link}}',
    reddit: [
      'If you could change one thing about this, what would it be?',
      `${MAKER}\n\n{{feature}}\n\nI am deciding what to work on next, and I answer everything here.\n\n{{link}}`,
    ],
    blog: [
      'What should change about this part of {{app}}?',
      '{{feature}}\n\n## What I would like to know\nIf you could change one thing about it, what would it be? I am deciding what to work on next.\n\nIt is here: {{link}}',
    ],
    chat: '{{feature}}\n\nIf you could change one thing about it, what would it be? Answer right here. {{link}}',
    threads: '{{feature}}\n\nOne thing you would change about it? I am deciding what comes next. {{link}}',
  },
  'A number and thanks': {
    newsletter: [
      'Thank you',
      'Hello.\n\n{{milestone}}\n\nThank you. What it is for has not changed: {{value_proposition_inline}}\n\n{{link}}',
    ],
    linkedin:
      '{{milestone}}\n\nThank you. A number like this is people who gave something new a chance.\n\nWhat it is for has not changed: {{value_proposition_inline}}\n\n{{link}}',
    reddit: [
      'A number, and a thank you',
      `${MAKER}\n\n{{milestone}}\n\nWhat it is for has not changed: {{value_proposition_inline}}\n\nAsk me anything about how it got here.\n\n{{link}}`,
    ],
    blog: [
      'A number, and thanks',
      '{{milestone}}\n\nThank you.\n\n## What has not changed\n{{value_proposition}}\n\n## What it began with\n{{pain}}\n\nHave a look: {{link}}',
    ],
    chat: '{{milestone}} Thank you, all of you here.\n\n{{link}}',
    mastodon: '{{milestone}}\n\nThank you. I make it for one thing: {{value_proposition_inline}}\n\n{{link}}',
  },
  'A number and a question': {
    newsletter: [
      'What should I fix first?',
      'Hello.\n\n{{milestone}}\n\nIf you are one of them: what should I fix first in {{app}}?\n\n{{link}}',
    ],
    linkedin:
      '{{milestone}}\n\nIf you are one of them: what should I fix first in {{app}}?\n\nIf you are not: what keeps you?\n\n{{link}}',
    reddit: [
      'What should I fix first in {{app}}?',
      `${MAKER}\n\n{{milestone}}\n\nIf you are one of them: what should I fix first?\n\n{{link}}`,
    ],
    blog: [
      'What should I fix first in {{app}}?',
      '{{milestone}}\n\n## If you are one of them\nWhat should I fix first?\n\n## If you are not\n{{value_proposition}}\n\n{{link}}',
    ],
    chat: '{{milestone}}\n\nWhat should I fix first? Tell me here. {{link}}',
  },
  'Problem and answer': {
    newsletter: [
      'A problem, and what {{app}} does about it',
      'Hello.\n\n{{pain}}\n\nWhat {{app}} does about it:\n\n{{feature_text}}\n\n{{benefit}}\n\nTry it: {{link}}',
    ],
    linkedin: '{{pain}}\n\nWhat {{app}} does about it:\n\n{{feature_text}}\n\nHow do you deal with it?\n\n{{link}}',
    reddit: [
      'A problem, and what I did about it',
      `{{pain}}\n\n${MAKER} What it does about this:\n\n{{feature_text}}\n\n${ASK}\n\n{{link}}`,
    ],
    blog: [
      'A problem, and what {{app}} does about it',
      '## The problem\n{{pain}}\n\n## What {{app}} does about it\n{{feature_text}}\n\n## What you get out of it\n{{benefit}}\n\nTry it: {{link}}',
    ],
    chat: '{{pain}}\n\nWhat {{app}} does about it: {{feature_text}}\n\n{{link}}',
    mastodon: '{{pain}}\n\nI make {{app}}, and this is what it does about it:\n\n{{feature_text}}\n\n{{link}}',
    threads: '{{pain}}\n\nWhat helps: {{feature_text}}\n\nWhat did you try? {{link}}',
  },
  'Problem and promise': {
    newsletter: [
      'Why there is {{app}}',
      'Hello.\n\n{{pain}}\n\nThat is why there is {{app}}.\n\n{{value_proposition}}\n\n{{feature}}\n\nTry it: {{link}}',
    ],
    linkedin:
      '{{pain}}\n\nThat is why there is {{app}}.\n\n{{value_proposition}}\n\nIs that a problem you know?\n\n{{link}}',
    reddit: [
      'Is this a problem you know?',
      `{{pain}}\n\nThat is why I make {{app}}. {{value_proposition}}\n\nIs it one you know, or is it only me?\n\n{{link}}`,
    ],
    blog: [
      'Why there is {{app}}',
      `## The problem\n{{pain}}\n\n## The answer\n{{value_proposition}}\n\n## How it does that\n- {{feature}}\n- {{feature_2}}\n\n${BLOG_COST}\n\nTry it: {{link}}`,
    ],
    chat: '{{pain}} That is why there is {{app}}.\n\n{{value_proposition}}\n\n{{link}}',
    threads: '{{pain}}\n\nThat is why there is {{app}}. {{value_proposition}}\n\nIs it a problem you know? {{link}}',
  },
  'Problem and answer, longer': {
    newsletter: [
      'What I do about a problem you may know',
      'Hello.\n\n{{pain}}\n\nHere is what I do about it.\n\n{{feature}}\n\n{{value_proposition}}\n\nTry it: {{link}}',
    ],
    linkedin:
      '{{pain}}\n\nHere is what I do about it.\n\n{{feature}}\n\n{{value_proposition}}\n\nWhat do you do about it?\n\n{{link}}',
    reddit: [
      'What do you do about this?',
      `{{pain}}\n\nHere is what I do about it in {{app}}, which I make.\n\n{{feature}}\n\n{{value_proposition}}\n\n${ASK}\n\n{{link}}`,
    ],
    blog: [
      'What I do about a problem you may know',
      '## The problem\n{{pain}}\n\n## What I do about it\n{{feature}}\n\n## The whole of it\n{{value_proposition}}\n\nTry it: {{link}}',
    ],
    chat: '{{pain}} Here is what I do about it.\n\n{{feature}}\n\n{{link}}',
  },
  'How it differs': {
    newsletter: [
      'How {{app}} differs',
      'Hello,\n\nhow {{app}} differs, in one sentence:\n\n{{advantage}}\n\n{{value_proposition}}\n\nIf that matters to you, have a look: {{link}}',
    ],
    linkedin:
      '{{advantage}}\n\nThat will not matter to everybody. If it matters to you, have a look at {{app}}.\n\nWhat matters most to you when you choose?\n\n{{link}}',
    reddit: [
      'How {{app}} differs, from somebody who is not neutral',
      `${MAKER}\n\n{{advantage}}\n\nIf you use something else and are happy with it: why?\n\n{{link}}`,
    ],
    blog: [
      'How {{app}} differs',
      '{{advantage}}\n\n## What it does\n{{value_proposition}}\n\n## What speaks for it\n{{selling_point}}\n\nIf that matters to you, have a look: {{link}}',
    ],
    chat: 'Asked now and then how {{app}} differs: {{advantage}}\n\n{{link}}',
    mastodon: '{{advantage}}\n\nI make {{app}}, so I am not neutral. See for yourself: {{link}}',
  },
  'Before and after': {
    newsletter: [
      'Before and after {{app}}',
      'Hello.\n\nBefore: {{pain_inline}}\n\nWith {{app}}: {{benefit_inline}}\n\n{{value_proposition}}\n\nSee for yourself: {{link}}',
    ],
    linkedin:
      'Before: {{pain_inline}}\n\nWith {{app}}: {{benefit_inline}}\n\n{{value_proposition}}\n\nWhat was your before?\n\n{{link}}',
    reddit: [
      'Before and after {{app}}',
      `${MAKER}\n\nBefore: {{pain_inline}}\n\nAfter: {{benefit_inline}}\n\n${ASK}\n\n{{link}}`,
    ],
    blog: [
      'Before and after {{app}}',
      '## Before\n{{pain}}\n\n## After\n{{benefit}}\n\n## What makes the difference\n{{feature}}\n\nSee for yourself: {{link}}',
    ],
    chat: 'Before: {{pain_inline}}\nWith {{app}}: {{benefit_inline}}\n\n{{link}}',
  },
};
