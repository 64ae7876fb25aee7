// The names that a memory file has in its life, and how a change of names is made to last.

import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** While it is written. */
export function partialOf(path: string): string {
  return `${path}.partial`;
}

/** From the time when a server that has read it begins to serve: its content gets older from then on. */
export function usedOf(path: string): string {
  return `${path}.used`;
}

/** A choice: each one takes as much of the disk as the file, and somebody should have looked at them by then. */
export const MOST_REFUSED = 9;

/** The first free name for a file that a start could not use, as none of them is replaced; undefined if all are taken. */
export function freeRefusedName(path: string): string | undefined {
  const names = Array.from({ length: MOST_REFUSED }, (_, index) => refusedOf(path, index + 1));
  return names.find((name) => lstatSync(name, { throwIfNoEntry: false }) === undefined);
}

export function refusedOf(path: string, number: number): string {
  return number === 1 ? `${path}.refused` : `${path}.refused.${number}`;
}

/** Locked by the server that uses the file, until its process has ended. It stays, and is empty. */
export function lockOf(path: string): string {
  return `${path}.lock`;
}

/** Also after a failure of power, when this has returned. */
export function moveForGood(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

export function removeIfThere(path: string): void {
  rmSync(path, { force: true });
}

/** Some systems cannot open a folder; there a change of names may be lost in a failure of power. */
function syncFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch {
    // Not possible in this file system.
  } finally {
    closeSync(descriptor);
  }
}
