// Loaded before anything is drawn, so that the page never flashes in the other scheme and says which language it speaks. An own file because the content
// security policy allows no inline script; plain because it must not wait for the module graph.
(() => {
  let chosen = null;
  let language = null;
  try {
    chosen = localStorage.getItem('fanfare-scheme');
    language = localStorage.getItem('fanfare-language');
  } catch {
    // Storage is forbidden in some private windows: follow the system then.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  if (language && /^[a-z]{2}$/.test(language)) document.documentElement.lang = language;
})();
