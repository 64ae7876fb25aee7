// Notices the end of the shell in which npm or npx has started the server: npm sends its signals to that shell, which does not forward
// them. For a server that is started in any other way, the end of the parent means nothing.

/** Between two checks of the parent. */
const LOOK_MS = 1000;

interface ParentWatch {
  readonly environment: NodeJS.ProcessEnv;
  readonly parentOf: () => number;
  readonly onEnd: () => void;
}

export function watchParent({ environment, parentOf, onEnd }: ParentWatch): void {
  if (environment.npm_execpath === undefined || isBackground(environment.npm_lifecycle_script)) return;
  const parent = parentOf();
  const timer = setInterval(() => {
    if (parentOf() === parent) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_MS);
  timer.unref();
}

/** A script that ends with `&` means its shell to end first. */
function isBackground(script: string | undefined): boolean {
  return script !== undefined && /&\s*$/.test(script);
}
