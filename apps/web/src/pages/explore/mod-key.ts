/** The key that shortcuts are made with, as it is printed on this keyboard. */
export const MOD_KEY: string = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
