import {
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from '@mantine/core';

const iris: MantineColorsTuple = [
  '#f0f0fe',
  '#e0e0fb',
  '#c4c4f6',
  '#a3a3f0',
  '#8686ea',
  '#6f6fe2',
  '#5b5bd6',
  '#4f4fc4',
  '#4141a6',
  '#343485',
];

/** Mantine dressed in the measures of `styles/tokens.css`. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'iris',
  colors: { iris },
  primaryShade: { light: 6, dark: 5 },
  defaultRadius: 'md',
  fontSizes: { xs: '.6875rem', sm: '.8125rem', md: '.8125rem', lg: '.875rem', xl: '1rem' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: { Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } } },
});

const variables = {
  '--mantine-color-body': 'var(--bg)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-default': 'var(--card)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-2)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-error': 'var(--neg)',
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: variables, dark: variables });

/** The key is also read by `public/scheme.js`, before anything is drawn. */
export const schemeManager = localStorageColorSchemeManager({ key: 'fanfare-scheme' });
