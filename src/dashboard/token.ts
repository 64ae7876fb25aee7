// Asks the user for the token of the admin port, once however many requests need it.

let asked: Promise<string> | undefined;

export function askForToken(wasRefused: boolean): Promise<string> {
  asked ??= new Promise<string>((resolve) => {
    const dialog = document.querySelector('#token') as HTMLDialogElement;
    const input = dialog.querySelector('input') as HTMLInputElement;
    const form = dialog.querySelector('form') as HTMLFormElement;
    (dialog.querySelector('#token-problem') as HTMLElement).textContent = wasRefused
      ? 'The server refused this token.'
      : '';
    // Without a token there is nothing to see.
    dialog.oncancel = (event) => event.preventDefault();
    form.onsubmit = (event) => {
      event.preventDefault();
      dialog.close();
      asked = undefined;
      const token = input.value.trim();
      input.value = '';
      resolve(token);
    };
    dialog.showModal();
    input.focus();
  });
  return asked;
}
