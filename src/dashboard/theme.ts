// Light or dark: as the system says, or as the user chooses.

const KEY = 'cacheismo-theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();
const media = matchMedia('(prefers-color-scheme: dark)');

export function startTheme(button: HTMLButtonElement): void {
  let theme = (localStorage.getItem(KEY) ?? 'system') as Theme;
  const apply = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    for (const listener of listeners) listener();
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
    localStorage.setItem(KEY, theme);
    apply();
  });
  media.addEventListener('change', apply);
  apply();
}

/** Calls the function when colours have changed; returns a function that ends it. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let probe: HTMLElement | undefined;

/** A variable of the style sheet as a colour for the canvas. */
export function colour(variable: string): string {
  if (probe === undefined) {
    probe = document.createElement('i');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${variable})`;
  return getComputedStyle(probe).color;
}
