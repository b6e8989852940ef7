import { DEVELOPERS, MOBILE, type Place, SEEN } from './place.ts';

export const stores: Place[] = [
  {
    id: 'app-store',
    name: 'App Store',
    kind: 'store',
    url: 'https://www.apple.com/app-store/',
    submitUrl: 'https://appstoreconnect.apple.com',
    hosts: ['apps.apple.com', 'itunes.apple.com'],
    fits: MOBILE,
    customs: [
      'Name and subtitle are searched, the description is not. Screenshots with a short sentence on each sell more than plain ones.',
      'Claims that cannot be proved, prices in the name and other apps’ names lead to a rejection.',
    ],
    limits: [
      'Name 30 characters, subtitle 30, keywords 100, description 4,000.',
      'Every version is reviewed, usually within about two days; plan a week for the first one.',
      'The developer programme costs 99 US dollars a year.',
    ],
    next: 'Reserve the name in App Store Connect; it is taken by the first who does.',
    launch: [
      {
        days: -21,
        do: 'Send {app} to App Review',
        instructions:
          'Choose manual release, give a test account, and explain what is not obvious. A first version is often sent back once.',
      },
      {
        days: 0,
        do: 'Release {app} in the App Store',
        instructions: 'Press release the evening before: it takes hours until it can be found everywhere.',
      },
    ],
    sources: [
      { url: 'https://developer.apple.com/app-store/product-page/', seen: null },
      {
        url: 'https://raw.githubusercontent.com/coreyhaines31/marketingskills/HEAD/skills/aso/references/apple-specs.md',
        seen: SEEN,
      },
    ],
  },
  {
    id: 'google-play',
    name: 'Google Play',
    kind: 'store',
    url: 'https://play.google.com',
    submitUrl: 'https://play.google.com/console',
    fits: MOBILE,
    customs: [
      'Title, short and long description are all searched. Capitals, emoji, “best” and “free” in a title are not allowed.',
      'Answer every review of the first weeks; people see that and change their stars.',
    ],
    limits: [
      'Title 30 characters, short description 80, long description 4,000.',
      'New personal accounts need a closed test with at least 12 people for 14 days in a row first.',
      'One registration fee of 25 US dollars.',
    ],
    next: 'Find the twelve testers: that test is the longest part.',
    launch: [
      {
        days: -28,
        do: 'Begin the closed test on Google Play',
        instructions:
          'At least 12 testers for 14 days in a row, who do use the app, before you may ask for production access. Invite twenty.',
      },
      {
        days: -7,
        do: 'Send {app} to review on Google Play',
        instructions: 'With managed publishing on, so that it waits for the launch day.',
      },
    ],
    sources: [
      { url: 'https://support.google.com/googleplay/android-developer/answer/14151465', seen: null },
      {
        url: 'https://raw.githubusercontent.com/coreyhaines31/marketingskills/HEAD/skills/aso/references/google-play-specs.md',
        seen: SEEN,
      },
    ],
  },
  {
    id: 'chrome-web-store',
    name: 'Chrome Web Store',
    kind: 'store',
    url: 'https://chromewebstore.google.com',
    submitUrl: 'https://chrome.google.com/webstore/devconsole',
    fits: ['productivity', 'developer_tools', 'marketing_tools', 'web_app', 'saas', 'education', 'ecommerce'],
    customs: [
      'One purpose for each extension, and only the permissions it needs: broad ones lengthen the review and frighten people.',
    ],
    limits: [
      'Summary 132 characters.',
      'One registration fee of 5 US dollars.',
      'Reviewed before it is public, in days more often than in hours.',
    ],
    next: 'Write one sentence for each permission that says why it is needed.',
    sources: [
      { url: 'https://developer.chrome.com/docs/webstore/register', seen: null },
      { url: 'https://www.claudepluginhub.com/skills/kienbui1995-magic-powers/chrome-store-publishing', seen: SEEN },
    ],
  },
  {
    id: 'firefox-addons',
    name: 'Firefox Add-ons',
    kind: 'store',
    url: 'https://addons.mozilla.org',
    submitUrl: 'https://addons.mozilla.org/developers/addon/submit/',
    fits: ['productivity', 'developer_tools', 'web_app', 'education'],
    customs: [
      'Readers look at permissions and privacy first. Source that was built or minified has to be handed in with instructions.',
    ],
    limits: ['Summary 250 characters.', 'No fee.'],
    next: 'Build the extension from a clean checkout once, as the reviewer will.',
    sources: [{ url: 'https://extensionworkshop.com/documentation/publish/submitting-an-add-on/', seen: null }],
  },
  {
    id: 'microsoft-store',
    name: 'Microsoft Store',
    kind: 'store',
    url: 'https://apps.microsoft.com',
    submitUrl: 'https://partner.microsoft.com/dashboard',
    fits: ['productivity', 'design_tools', 'developer_tools', 'games', 'education'],
    customs: [
      'Installers of one’s own (EXE, MSI) are accepted, too. Certification tries installing and removing quietly.',
    ],
    limits: ['Every submission is certified before it is public.'],
    next: 'Reserve the product name in the Partner Center.',
    sources: [{ url: 'https://learn.microsoft.com/en-us/windows/apps/publish/', seen: null }],
  },
  {
    id: 'flathub',
    name: 'Flathub',
    kind: 'store',
    url: 'https://flathub.org',
    submitUrl: 'https://docs.flathub.org/docs/for-app-authors/submission',
    fits: ['developer_tools', 'productivity', 'design_tools', 'games', 'education'],
    customs: [
      'Apps are put in by a pull request that people review. The author, or somebody with the author’s consent, submits.',
    ],
    limits: ['No fee.', 'The pull request goes against the new-pr branch.'],
    next: 'Write the metainfo file with screenshots; the review begins with it.',
    sources: [
      { url: 'https://docs.flathub.org/docs/for-app-authors/requirements', seen: null },
      { url: 'https://github.com/flathub/flathub/pull/2081', seen: SEEN },
    ],
  },
  {
    id: 'f-droid',
    name: 'F-Droid',
    kind: 'store',
    url: 'https://f-droid.org',
    submitUrl: 'https://gitlab.com/fdroid/fdroiddata',
    fits: ['mobile_app', 'productivity', 'health', 'education'],
    customs: [
      'Free software only, built from source by them. Tracking and non-free services are marked, or keep an app out.',
    ],
    limits: ['No fee.', 'A merge request with build metadata; it takes weeks rather than days.'],
    next: 'Check that the app builds without any non-free library.',
    sources: [{ url: 'https://f-droid.org/docs/Inclusion_Policy/', seen: null }],
  },
  {
    id: 'steam',
    name: 'Steam',
    kind: 'store',
    url: 'https://store.steampowered.com',
    submitUrl: 'https://partner.steamgames.com',
    fits: ['games'],
    customs: [
      'The store page goes up months before the game: wishlists are what the launch is made of. Take part in a festival with a demo.',
    ],
    limits: [
      '100 US dollars for each game, returned after about 1,000 dollars of sales.',
      'The page is reviewed, then has to stand as “coming soon” for at least two weeks.',
    ],
    next: 'Put up the “coming soon” page as early as you have five good screenshots.',
    launch: [
      {
        days: -28,
        do: 'Put up the Steam page',
        instructions: 'It must stand as “coming soon” for at least two weeks, and collects wishlists while it does.',
      },
    ],
    sources: [{ url: 'https://partner.steamgames.com/doc/gettingstarted', seen: null }],
  },
  {
    id: 'itch-io',
    name: 'itch.io',
    kind: 'store',
    url: 'https://itch.io',
    submitUrl: 'https://itch.io/game/new',
    fits: ['games', 'design_tools'],
    customs: ['Game jams bring players to small games. Write a devlog; followers are told of it.'],
    limits: ['No fee; you set the share itch.io keeps.'],
    next: 'Put up a browser build: it is played ten times as often as a download.',
    sources: [{ url: 'https://itch.io/docs/creators/getting-started', seen: null }],
  },
  {
    id: 'setapp',
    name: 'Setapp',
    kind: 'store',
    url: 'https://setapp.com',
    submitUrl: 'https://setapp.com/developers',
    fits: [...DEVELOPERS, 'productivity'],
    customs: [
      'One subscription for many Mac apps; makers are paid by use. Only full versions without adverts or purchases inside are taken.',
    ],
    limits: ['Reviewed by people before it is taken on.'],
    next: 'Read the review guidelines and send in a build without a licence check.',
    sources: [{ url: 'https://docs.setapp.com', seen: null }],
  },
];
